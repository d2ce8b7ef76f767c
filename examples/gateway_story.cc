// Starts the gateway, kills it with SIGKILL in the middle, and starts it again.
// Nothing that it acknowledged may be missing then. gateway_check looks at what
// is left in the end.
//
// usage: gateway_story [--dir PATH] [--data PATH] [--seconds N]

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "fmt/core.h"
#include "fmt/ostream.h"
#include "gateway/options.h"
#include "gateway/rows.h"
#include "gateway/screen.h"
#include "gateway/text_file.h"

namespace gateway {
namespace {

absl::Status SystemError(const char* call) {
  return absl::ErrnoToStatus(errno, call);
}

// What one life of the gateway has told.
struct Life {
  std::map<std::string, size_t> found;         // rows in the log at its start
  std::map<std::string, size_t> acknowledged;  // rows at its end
  int outcome = 0;                             // as waitpid has it

  size_t acknowledged_count() const {
    size_t count = 0;
    for (const auto& [topic, rows] : acknowledged) count += rows;
    return count;
  }
};

// Takes "found <topic> <rows>" or "<topic> <row>".
void TakeLine(std::string_view line, Life& life) {
  const bool is_found = line.starts_with("found ");
  if (is_found) line.remove_prefix(line.find(' ') + 1);
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return;
  const std::string topic(line.substr(0, space));
  size_t number = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), number);
  if (is_found) {
    life.found[topic] = number;
    life.acknowledged[topic] = number;
  } else {
    life.acknowledged[topic] = number + 1;
  }
}

// Reads what the gateway tells until it ends, and kills it when it has
// acknowledged `rows_max` rows; whatever it is doing at that moment.
absl::Status Watch(int report, pid_t gateway, size_t rows_max, Life& life) {
  std::string text;
  char buffer[4096];
  bool is_killed = false;
  while (true) {
    const ssize_t size = ::read(report, buffer, sizeof(buffer));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return SystemError("read the report");
    if (size == 0) return absl::OkStatus();
    text.append(buffer, static_cast<size_t>(size));
    size_t end = 0;
    while ((end = text.find('\n')) != std::string::npos) {
      TakeLine(std::string_view(text).substr(0, end), life);
      text.erase(0, end + 1);
    }
    if (!is_killed && life.acknowledged_count() >= rows_max) {
      is_killed = true;
      if (::kill(gateway, SIGKILL) != 0) return SystemError("kill");
    }
  }
}

[[noreturn]] void BecomeGateway(const Options& options, int report) {
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "gateway";
  const std::vector<std::string> words = {
      program,
      "--dir",
      options.directory,
      "--data",
      options.data,
      "--seconds",
      fmt::format("{}", absl::ToDoubleSeconds(options.length)),
      "--report-descriptor",
      fmt::format("{}", report)};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  fmt::print(stderr, "{}: {}\n", program,
             std::generic_category().message(errno));
  ::_exit(127);
}

absl::StatusOr<Life> LiveOnce(const Options& options, size_t rows_max) {
  int report[2];
  if (::pipe(report) != 0) return SystemError("pipe");
  const absl::Cleanup close = [&report] { ::close(report[0]); };
  const pid_t gateway = ::fork();
  if (gateway == 0) {
    ::close(report[0]);
    BecomeGateway(options, report[1]);
  }
  ::close(report[1]);
  if (gateway < 0) return SystemError("fork");
  Life life;
  const absl::Status watched = Watch(report[0], gateway, rows_max, life);
  while (::waitpid(gateway, &life.outcome, 0) < 0) {
    if (errno != EINTR) return SystemError("waitpid");
  }
  return watched.ok() ? absl::StatusOr<Life>(std::move(life)) : watched;
}

// Takes away what an earlier story left, and nothing else.
absl::Status Clear(const Options& options) {
  std::error_code error;
  for (const std::string& path : {options.store(), options.archive(),
                                  options.totals(), options.recovery()}) {
    std::filesystem::remove_all(path, error);
    if (error) return absl::UnavailableError(path + ": " + error.message());
  }
  std::filesystem::create_directories(options.directory, error);
  if (error) return absl::UnavailableError(options.directory);
  return absl::OkStatus();
}

absl::Status Run(const Options& options) {
  const auto recordings = ReadRecordings(options.data);
  if (!recordings.ok()) return recordings.status();
  size_t row_count = 0;
  for (const Recording& recording : *recordings) {
    row_count += recording.rows.size();
  }
  absl::Status status = Clear(options);
  if (!status.ok()) return status;

  Screen screen;
  status = screen.ShowLine(fmt::format(
      "{}\n  {} flights of three months and {} earthquakes of a week, in {}",
      screen.Bold("\n  The gateway starts"),
      Grouped((*recordings)[0].rows.size()),
      Grouped((*recordings)[1].rows.size()),
      absl::FormatDuration(options.length)));
  if (!status.ok()) return status;
  const absl::StatusOr<Life> first = LiveOnce(options, row_count / 2);
  if (!first.ok()) return first.status();
  if (!WIFSIGNALED(first->outcome) || WTERMSIG(first->outcome) != SIGKILL) {
    return absl::AbortedError(fmt::format(
        "the gateway ended with {:#x} before it was killed", first->outcome));
  }
  status = screen.ShowLine(fmt::format(
      "\n  {} It had acknowledged {} rows.\n\n{}",
      screen.Red("Killed by SIGKILL."), Grouped(first->acknowledged_count()),
      screen.Bold("  The gateway starts again")));
  if (!status.ok()) return status;

  const absl::StatusOr<Life> second = LiveOnce(options, SIZE_MAX);
  if (!second.ok()) return second.status();
  if (second->outcome != 0) {
    return absl::AbortedError(
        fmt::format("the gateway ended with {:#x}", second->outcome));
  }
  for (const auto& [topic, acknowledged] : first->acknowledged) {
    const auto found = second->found.find(topic);
    if (found == second->found.end() || found->second < acknowledged) {
      return absl::DataLossError(fmt::format(
          "{}: {} rows were acknowledged, {} are in the log", topic,
          acknowledged, found == second->found.end() ? 0 : found->second));
    }
  }
  return screen.ShowLine(fmt::format(
      "  {}all {} rows that were acknowledged before the kill were there",
      screen.Check(true), Grouped(first->acknowledged_count())));
}

}  // namespace
}  // namespace gateway

int main(int argc, char** argv) {
  const auto options = gateway::ParseOptions(argc, argv);
  const absl::Status status =
      options.ok() ? gateway::Run(*options) : options.status();
  if (!status.ok()) {
    fmt::print(stderr, "gateway_story: {}\n", fmt::streamed(status));
  }
  return status.ok() ? 0 : 1;
}
