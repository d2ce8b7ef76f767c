#include "consumer/reading_options.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "store/options_page.h"
#include "support/catch.h"

namespace tidemark {
namespace {

constexpr char kPage[] = TIDEMARK_SOURCE_DIR "/docs/options.md";

TEST_CASE("docs/options.md says what all tables say", "[options_page]") {
  const std::string printed = OptionsPage() + ReadingOptionsPage();
  // TIDEMARK_UPDATE_DOCS=1 writes the page instead.
  if (std::getenv("TIDEMARK_UPDATE_DOCS") != nullptr) {
    std::ofstream(kPage) << printed;
  }
  std::ostringstream kept;
  kept << std::ifstream(kPage).rdbuf();
  INFO("run this test with TIDEMARK_UPDATE_DOCS=1 to write the page");
  CHECK((printed == kept.str()));
}

TEST_CASE("No line about the options of readers is longer than 80 columns",
          "[options_page]") {
  std::istringstream lines(ReadingOptionsPage());
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(line.size() <= 80);
  }
}

template <typename Options>
std::vector<std::string_view> Names(
    const std::vector<OptionRow<Options>>& rows) {
  std::vector<std::string_view> names;
  for (const OptionRow<Options>& row : rows) names.push_back(row.name);
  return names;
}

using Fields = std::vector<std::string_view>;

// A field more or less does not compile here.
TEST_CASE("The tables have every field of the options of readers",
          "[options_page]") {
  const CursorOptions cursor{.start = Start::Begin()};
  [[maybe_unused]] const auto& [topics, partitions, start, name, visibility,
                                commit_level, poll] = cursor;
  CHECK(Names(CursorOptionTable()) == Fields{"topics", "partitions", "start",
                                             "name", "visibility",
                                             "commit_level", "poll"});
  [[maybe_unused]] const auto& [timeout, records, bytes] = poll;
  CHECK(Names(PollOptionTable()) ==
        Fields{"timeout", "records_max", "bytes_max"});
  const SubscriberOptions subscriber;
  [[maybe_unused]] const auto& [failure, is_committing, on_cursor_error,
                                delay_min, delay_max] = subscriber;
  CHECK(Names(SubscriberOptionTable()) ==
        Fields{"on_failure", "is_committing", "on_cursor_error",
               "retry_delay_min", "retry_delay_max"});
  const ReadOptions read;
  [[maybe_unused]] const auto& [bytes_max, records_max, visible] = read;
  CHECK(Names(ReadOptionTable()) ==
        Fields{"bytes_max", "records_max", "visibility"});
}

template <typename Options>
bool IsInRange(const std::vector<OptionRow<Options>>& rows,
               const Options& options) {
  for (const OptionRow<Options>& row : rows) {
    if (row.is_in_range != nullptr && !row.is_in_range(options)) return false;
  }
  return true;
}

TEST_CASE("The ranges in the tables are those that are checked",
          "[options_page]") {
  const auto check_poll = [](const PollOptions& options) {
    CHECK(IsInRange(PollOptionTable(), options) ==
          ValidatePollOptions(options).ok());
  };
  check_poll({});
  check_poll({.timeout = -absl::Nanoseconds(1)});
  check_poll({.timeout = absl::InfiniteDuration()});
  check_poll({.records_max = 0});
  check_poll({.records_max = 1});
  check_poll({.bytes_max = 0});
  check_poll({.bytes_max = 1});
  const auto check_cursor = [](const CursorOptions& options) {
    CHECK(IsInRange(CursorOptionTable(), options) ==
          ValidateCursorOptions(options).ok());
  };
  for (const Ack level :
       {Ack::kTopicDefault, Ack::kMemory, Ack::kProcess, Ack::kDisk, Ack{4}}) {
    check_cursor(
        {.topics = {"t"}, .start = Start::Begin(), .commit_level = level});
  }
  for (const Visibility visibility :
       {Visibility::kAll, Visibility::kDurable, Visibility{2}}) {
    check_cursor(
        {.topics = {"t"}, .start = Start::Begin(), .visibility = visibility});
  }
  for (const absl::Duration delay :
       {absl::Microseconds(999), absl::Milliseconds(1), absl::Hours(1),
        absl::Hours(1) + absl::Nanoseconds(1)}) {
    const SubscriberOptions options{.retry_delay_min = delay,
                                    .retry_delay_max = delay};
    CHECK(IsInRange(SubscriberOptionTable(), options) ==
          ValidateSubscriberOptions(options).ok());
  }
}

}  // namespace
}  // namespace tidemark
