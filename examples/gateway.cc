// A gateway: plays recorded flights and earthquakes into a store, shows them on
// a dashboard, and copies them to an archive, all in one process that may be
// killed at any time and started again. gateway_story does that.
//
// usage: gateway [--dir PATH] [--data PATH] [--seconds N]

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "gateway/archiver.h"
#include "gateway/dashboard.h"
#include "gateway/options.h"
#include "gateway/player.h"
#include "gateway/rows.h"
#include "gateway/screen.h"
#include "gateway/text_file.h"
#include "tidemark/health.h"
#include "tidemark/recovery_report.h"
#include "tidemark/store.h"

namespace gateway {
namespace {

// Tells the driver of the story, line by line, what was acknowledged.
class Report {
 public:
  explicit Report(int descriptor) : descriptor_(descriptor) {}

  absl::Status Write(const std::string& line) {
    if (descriptor_ < 0) return absl::OkStatus();
    return WriteAll(descriptor_, line + "\n");
  }

 private:
  const int descriptor_;
};

// The two consumers, each in a thread of its own.
class Consumers {
 public:
  Consumers(Archiver& archiver, Dashboard& dashboard, Screen& screen)
      : archiver_(archiver), dashboard_(dashboard) {
    archiving_ = std::thread([this] {
      archiver_status_ = archiver_.Run(is_archiver_finished_);
      if (!archiver_status_.ok()) has_failed_ = true;
    });
    showing_ = std::thread([this, &screen] {
      dashboard_status_ =
          dashboard_.Run(is_dashboard_finished_, archiver_.archived(), screen);
      if (!dashboard_status_.ok()) has_failed_ = true;
    });
  }

  bool has_failed() const { return has_failed_; }

  // Lets both read to the end, the archiver first. To be called once.
  absl::Status Finish() {
    is_archiver_finished_ = true;
    archiver_.Wake();
    archiving_.join();
    is_dashboard_finished_ = true;
    dashboard_.Wake();
    showing_.join();
    return archiver_status_.ok() ? dashboard_status_ : archiver_status_;
  }

 private:
  Archiver& archiver_;
  Dashboard& dashboard_;
  std::atomic<bool> is_archiver_finished_ = false;
  std::atomic<bool> is_dashboard_finished_ = false;
  std::atomic<bool> has_failed_ = false;
  absl::Status archiver_status_;
  absl::Status dashboard_status_;
  std::thread archiving_;
  std::thread showing_;
};

std::string Quantile(std::vector<absl::Duration>& times, double quantile) {
  const auto at = static_cast<std::ptrdiff_t>(
      quantile * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), times.begin() + at, times.end());
  return fmt::format("{:.1f} us", absl::ToDoubleMicroseconds(times[at]));
}

// Says what the store was like when it was opened.
absl::Status ShowOpening(const Options& options, const tidemark::Store& store,
                         const Player& player, const Archiver& archiver,
                         absl::Duration time, Screen& screen) {
  const size_t found = player.found_count(0) + player.found_count(1);
  absl::Status status = screen.ShowLine(fmt::format(
      "  opened in {:.1f} ms: {} rows in the log, {} in the archive; what is\n"
      "  acknowledged survives this process by {}",
      absl::ToDoubleMilliseconds(time), Grouped(found),
      Grouped(archiver.archived()),
      tidemark::ProcessDurabilityName(store.Durability())));
  if (!status.ok() || found == 0) return status;
  return WriteTextFile(options.recovery(), ToString(store.recovery()));
}

absl::Status Play(const Options& options, Player& player, Consumers& consumers,
                  Report& report) {
  return player.Play(options.length, [&](std::string_view topic, size_t row) {
    if (consumers.has_failed()) {
      return absl::CancelledError("a consumer failed");
    }
    return report.Write(fmt::format("{} {}", topic, row));
  });
}

absl::Status Run(const Options& options) {
  const auto recordings = ReadRecordings(options.data);
  if (!recordings.ok()) return recordings.status();
  uint64_t row_count = 0;
  for (const Recording& recording : *recordings) {
    row_count += recording.rows.size();
  }

  const absl::Time start = absl::Now();
  auto store = tidemark::Store::Open(options.store());
  if (!store.ok()) return store.status();
  auto player = Player::Open(*store, *recordings);
  if (!player.ok()) return player.status();
  const absl::Duration opening_time = absl::Now() - start;
  auto archiver = Archiver::Open(*store, options.archive());
  if (!archiver.ok()) return archiver.status();
  auto dashboard = Dashboard::Open(*store, row_count);
  if (!dashboard.ok()) return dashboard.status();

  Screen screen;
  absl::Status status =
      ShowOpening(options, *store, *player, **archiver, opening_time, screen);
  Report report(options.report_descriptor);
  for (size_t i = 0; i < recordings->size() && status.ok(); ++i) {
    status = report.Write(fmt::format("found {} {}", (*recordings)[i].topic,
                                      player->found_count(i)));
  }
  if (!status.ok()) return status;

  Consumers consumers(**archiver, *dashboard, screen);
  status = Play(options, *player, consumers, report);
  // The archiver waits for what is durable.
  if (status.ok()) status = store->Sync();
  absl::Status consumed = consumers.Finish();
  if (!consumed.ok()) return consumed;
  if (!status.ok()) return status;

  status = WriteTextFile(options.totals(), dashboard->totals().ToText());
  if (!status.ok()) return status;
  std::vector<absl::Duration> times = player->append_times();
  if (!times.empty()) {
    status = screen.ShowLine(fmt::format(
        "\n  {} appends since the opening, half of them within {},\n  99 % "
        "within {}",
        Grouped(times.size()), Quantile(times, 0.5), Quantile(times, 0.99)));
    if (!status.ok()) return status;
  }
  return store->Close();
}

}  // namespace
}  // namespace gateway

int main(int argc, char** argv) {
  const auto options = gateway::ParseOptions(argc, argv);
  const absl::Status status =
      options.ok() ? gateway::Run(*options) : options.status();
  if (!status.ok()) fmt::print(stderr, "gateway: {}\n", fmt::streamed(status));
  return status.ok() ? 0 : 1;
}
