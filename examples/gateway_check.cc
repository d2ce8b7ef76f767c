// Compares what gateway_story left behind with the input files: each row is in
// the log exactly once and in order per key, in the archive exactly once, and
// the dashboard counted all of them. Exits with 1 when anything differs.
//
// usage: gateway_check [--dir PATH] [--data PATH]

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "gateway/archive.h"
#include "gateway/archiver.h"
#include "gateway/options.h"
#include "gateway/row_ledger.h"
#include "gateway/rows.h"
#include "gateway/screen.h"
#include "gateway/text_file.h"
#include "gateway/totals.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace gateway {
namespace {

// Prints findings and counts the bad ones.
class Findings {
 public:
  void Add(bool is_good, std::string_view what, std::string_view detail) {
    wrong_count_ += is_good ? 0 : 1;
    Show(fmt::format("  {}{:12}{}", screen_.Check(is_good), what, detail));
  }
  void Show(std::string_view line) {
    // Output that nobody can see changes no finding.
    screen_.ShowLine(line).IgnoreError();
  }
  const Screen& screen() const { return screen_; }
  int wrong_count() const { return wrong_count_; }

 private:
  Screen screen_;
  int wrong_count_ = 0;
};

std::optional<uint64_t> RowOf(const tidemark::RecordView& record) {
  const std::string_view text =
      record.headers().Find(kRowHeader).value_or("").value_or("");
  uint64_t row = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, row);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return row;
}

// Reads a partition from its start to its end. Returns how many records stand
// at another offset than the one behind their predecessor.
absl::StatusOr<uint64_t> ReadPartition(const tidemark::Partition& partition,
                                       RowLedger& ledger) {
  uint64_t gap_count = 0;
  tidemark::Offset next = 0;
  const tidemark::Offset end = partition.marks().end;
  while (next < end) {
    const auto records = partition.Read(next);
    if (!records.ok()) return records.status();
    if (records->empty()) break;
    for (const tidemark::RecordView& record : *records) {
      gap_count += record.offset() == next ? 0 : 1;
      next = record.offset() + 1;
      ledger.Take(RowOf(record).value_or(UINT64_MAX),
                  record.value().value_or(""), record.id());
    }
  }
  return next == end ? gap_count : gap_count + 1;
}

// The log against the input.
absl::Status CheckLog(tidemark::Store& store, std::vector<RowLedger>& ledgers,
                      const std::vector<Recording>& recordings,
                      Findings& findings) {
  uint64_t record_count = 0;
  const absl::Time start = absl::Now();
  for (size_t i = 0; i < recordings.size(); ++i) {
    const auto topic = store.OpenTopic(recordings[i].topic);
    if (!topic.ok()) return topic.status();
    uint64_t gap_count = 0;
    for (int number = 0; number < topic->partition_count(); ++number) {
      const auto partition = topic->partition(number);
      if (!partition.ok()) return partition.status();
      const auto gaps = ReadPartition(*partition, ledgers[i]);
      if (!gaps.ok()) return gaps.status();
      gap_count += *gaps;
    }
    findings.Add(ledgers[i].is_complete() && gap_count == 0, "log",
                 fmt::format("{}, each once, in order per key, {} gaps",
                             ledgers[i].ToText(), gap_count));
    record_count += ledgers[i].record_count();
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const double rate = static_cast<double>(record_count) / seconds;
  findings.Show(
      fmt::format("  {}{:12}read and compared in {:.0f} ms, {} a second",
                  findings.screen().NoCheck(), "", seconds * 1000,
                  Grouped(static_cast<uint64_t>(rate))));
  return absl::OkStatus();
}

// The archive against the input and against the places in the log.
absl::StatusOr<ArchiveContent> CheckArchive(
    const Options& options, const std::vector<RowLedger>& log,
    const std::vector<Recording>& recordings, Findings& findings) {
  const absl::StatusOr<std::string> bytes = ReadTextFile(options.archive());
  if (!bytes.ok()) return bytes.status();
  ArchiveContent content = ParseArchive(*bytes);
  for (size_t i = 0; i < recordings.size(); ++i) {
    RowLedger ledger(recordings[i]);
    for (const ArchivedRecord& record : content.records) {
      if (record.partition.topic != recordings[i].topic) continue;
      ledger.Take(record.row, record.text,
                  {record.partition.partition, record.offset});
    }
    const bool is_as_in_log = ledger.places() == log[i].places();
    findings.Add(ledger.is_complete() && is_as_in_log, "archive",
                 fmt::format("{}, each once{}", ledger.ToText(),
                             is_as_in_log ? "" : ", not as in the log"));
  }
  findings.Add(content.byte_count == bytes->size(), "archive",
               fmt::format("{} blocks, {} bytes, {} behind the last one",
                           content.block_count, Grouped(bytes->size()),
                           bytes->size() - content.byte_count));
  return content;
}

// What the archiver committed in the store.
absl::Status CheckCommit(tidemark::Store& store, const ArchiveContent& content,
                         Findings& findings) {
  using tidemark::Start;
  const auto cursor = tidemark::ConsumerCursor::Open(
      store, {.topics = {kFlights, kQuakes},
              .start = Start::Committed(Start::Begin()),
              .name = kArchiverName});
  if (!cursor.ok()) return cursor.status();
  const auto committed = cursor->committed();
  if (!committed.ok()) return committed.status();
  findings.Add(*committed == content.positions, "commit",
               "the archiver's commit is where its archive ends");
  return absl::OkStatus();
}

absl::Status CheckDashboard(const Options& options,
                            const std::vector<Recording>& recordings,
                            Findings& findings) {
  Totals totals;
  for (const Recording& recording : recordings) {
    for (const Row& row : recording.rows) {
      absl::Status status = totals.Add(recording.topic, row.text);
      if (!status.ok()) return status;
    }
  }
  const absl::StatusOr<std::string> shown = ReadTextFile(options.totals());
  if (!shown.ok()) return shown.status();
  findings.Add(
      *shown == totals.ToText(), "dashboard",
      fmt::format("{} airports and {} networks, as counted here",
                  totals.airports.size(), totals.quakes_by_network.size()));
  return absl::OkStatus();
}

void ShowDisk(const Options& options, const std::vector<Recording>& recordings,
              Findings& findings) {
  uint64_t bytes = 0;
  uint64_t file_count = 0;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(options.store(), error)) {
    if (!entry.is_regular_file(error)) continue;
    bytes += entry.file_size(error);
    ++file_count;
  }
  uint64_t row_bytes = 0;
  uint64_t row_count = 0;
  for (const Recording& recording : recordings) {
    row_count += recording.rows.size();
    for (const Row& row : recording.rows) {
      row_bytes += row.key.size() + row.text.size();
    }
  }
  const auto per_row = [row_count](uint64_t total) {
    return static_cast<double>(total) / static_cast<double>(row_count);
  };
  findings.Show(
      fmt::format("  {}{:12}{} bytes in {} files, {:.1f} a row (text {:.1f})",
                  findings.screen().NoCheck(), "disk", Grouped(bytes),
                  file_count, per_row(bytes), per_row(row_bytes)));
}

// The report of the opening behind the kill, if there was one.
void ShowRecovery(const Options& options, Findings& findings) {
  const absl::StatusOr<std::string> report = ReadTextFile(options.recovery());
  if (!report.ok()) return;
  findings.Show(
      findings.screen().Bold("\n  What the opening after the kill found"));
  for (const std::string& line : Wrapped(*report, 76)) {
    findings.Show(findings.screen().Dim("  " + line));
  }
}

absl::StatusOr<int> Run(const Options& options) {
  const auto recordings = ReadRecordings(options.data);
  if (!recordings.ok()) return recordings.status();
  // Nothing of what is checked may change.
  auto store = tidemark::Store::Open(options.store(), {.read_only = true});
  if (!store.ok()) return store.status();

  Findings findings;
  findings.Show(findings.screen().Bold("\n  What is left, against the input"));
  std::vector<RowLedger> ledgers(recordings->begin(), recordings->end());
  absl::Status status = CheckLog(*store, ledgers, *recordings, findings);
  if (!status.ok()) return status;
  const auto content = CheckArchive(options, ledgers, *recordings, findings);
  if (!content.ok()) return content.status();
  status = CheckCommit(*store, *content, findings);
  if (!status.ok()) return status;
  status = CheckDashboard(options, *recordings, findings);
  if (!status.ok()) return status;
  ShowDisk(options, *recordings, findings);
  ShowRecovery(options, findings);
  findings.Show(fmt::format("\n  {}\n  The store is kept in {}\n",
                            findings.wrong_count() == 0
                                ? "Everything is there exactly once."
                                : "SOMETHING IS WRONG.",
                            options.store()));
  status = store->Close();
  if (!status.ok()) return status;
  return findings.wrong_count();
}

}  // namespace
}  // namespace gateway

int main(int argc, char** argv) {
  const auto options = gateway::ParseOptions(argc, argv);
  const absl::StatusOr<int> wrong_count =
      options.ok() ? gateway::Run(*options) : options.status();
  if (!wrong_count.ok()) {
    fmt::print(stderr, "gateway_check: {}\n",
               fmt::streamed(wrong_count.status()));
  }
  return wrong_count.ok() && *wrong_count == 0 ? 0 : 1;
}
