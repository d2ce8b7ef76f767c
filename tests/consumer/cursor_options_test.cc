#include "tidemark/cursor_options.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "support/catch.h"
#include "support/status_matchers.h"

// What a cursor refuses before it opens anything, and in which words.
namespace tidemark {
namespace {

CursorOptions Sound() {
  return {.topics = {"orders"}, .start = Start::Begin(), .name = "billing"};
}

Positions PositionsAt(Offset offset) {
  Positions positions;
  positions.Set({.topic = "orders", .partition = 3, .offset = offset});
  return positions;
}

// The message of the refusal; empty when it is none, or of another kind.
std::string Refusal(const absl::Status& status) {
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, status);
  return std::string(status.message());
}

std::string RefusalOf(const PollOptions& options) {
  return Refusal(ValidatePollOptions(options));
}

std::string RefusalOf(const CursorOptions& options) {
  return Refusal(ValidateCursorOptions(options));
}

std::string RefusalOf(Start start) {
  CursorOptions options = Sound();
  options.start = std::move(start);
  return RefusalOf(options);
}

TEST_CASE("The limits of a poll are allowed themselves", "[cursor_options]") {
  CHECK_OK(ValidatePollOptions({}));
  CHECK_OK(ValidatePollOptions(
      {.timeout = absl::ZeroDuration(), .records_max = 1, .bytes_max = 1}));
  CHECK_OK(ValidatePollOptions({.timeout = absl::InfiniteDuration(),
                                .records_max = SIZE_MAX,
                                .bytes_max = SIZE_MAX}));
}

TEST_CASE("A poll option out of range is named with its value and its limit",
          "[cursor_options]") {
  CHECK(RefusalOf(PollOptions{.timeout = absl::Milliseconds(-1500)}) ==
        "timeout: -1.5s, allowed are 0 and above");
  CHECK(RefusalOf(PollOptions{.timeout = -absl::InfiniteDuration()}) ==
        "timeout: -inf, allowed are 0 and above");
  CHECK(RefusalOf(PollOptions{.records_max = 0}) ==
        "records_max: 0, allowed are 1 and up");
  CHECK(RefusalOf(PollOptions{.bytes_max = 0}) ==
        "bytes_max: 0, allowed are 1 and up");
}

TEST_CASE("The poll options of a cursor obey the same limits",
          "[cursor_options]") {
  CursorOptions options = Sound();
  SECTION("timeout") {
    options.poll.timeout = -absl::Nanoseconds(1);
    CHECK(RefusalOf(options) == "timeout: -1ns, allowed are 0 and above");
  }
  SECTION("records_max") {
    options.poll.records_max = 0;
    CHECK(RefusalOf(options) == "records_max: 0, allowed are 1 and up");
  }
  SECTION("bytes_max") {
    options.poll.bytes_max = 0;
    CHECK(RefusalOf(options) == "bytes_max: 0, allowed are 1 and up");
  }
}

TEST_CASE("A cursor needs topics or partitions", "[cursor_options]") {
  CursorOptions options{.start = Start::Begin()};
  CHECK(RefusalOf(options) ==
        "topics, partitions: at least one of either is needed");
  SECTION("topics") { options.topics = {"a"}; }
  SECTION("partitions") { options.partitions = {{"a", 0}}; }
  SECTION("both") {
    options.topics = {"a", "b"};
    options.partitions = {{"c", 0}, {"c", 1}, {"d", 0}};
  }
  CHECK_OK(ValidateCursorOptions(options));
}

TEST_CASE("Nothing is selected twice", "[cursor_options]") {
  CursorOptions options{.start = Start::Begin()};
  SECTION("a topic") {
    options.topics = {"a", "b", "a"};
    CHECK(RefusalOf(options) == "topics: a twice");
  }
  SECTION("a partition") {
    options.partitions = {{"a", 1}, {"a", 0}, {"b", 1}, {"a", 1}};
    CHECK(RefusalOf(options) == "partitions: topic a partition 1 twice");
  }
  SECTION("a partition of a topic that is read as a whole") {
    options.topics = {"a", "b"};
    options.partitions = {{"c", 0}, {"b", 7}};
    CHECK(RefusalOf(options) == "partitions: topic b is in topics as well");
  }
}

TEST_CASE("The name of a cursor obeys the rules of topics",
          "[cursor_options]") {
  CursorOptions options = Sound();
  options.name = std::string(249, 'n');
  CHECK_OK(ValidateCursorOptions(options));
  options.name += 'n';
  CHECK(RefusalOf(options) == "name: cursor name \"" + std::string(64, 'n') +
                                  "...\": 250 bytes, at most 249 are allowed");
  options.name = "a/b";
  CHECK(RefusalOf(options) ==
        "name: cursor name \"a/b\": only letters, digits, '.', '_' and '-' are "
        "allowed");
  options.name = "..";
  CHECK(RefusalOf(options) == "name: cursor name \"..\": begins with a dot");
  options.name.clear();
  CHECK_OK(ValidateCursorOptions(options));
}

TEST_CASE("A commit survives the process or the loss of power, nothing less",
          "[cursor_options]") {
  CursorOptions options = Sound();
  for (const Ack level : {Ack::kProcess, Ack::kDisk}) {
    options.commit_level = level;
    CHECK_OK(ValidateCursorOptions(options));
  }
  constexpr char kAllowed[] = ", allowed are 2 (kProcess) and 3 (kDisk)";
  for (const int wrong : {0, 1, 4, 255}) {
    options.commit_level = static_cast<Ack>(wrong);
    CHECK(RefusalOf(options) ==
          "commit_level: " + std::to_string(wrong) + kAllowed);
  }
}

TEST_CASE("A visibility that there is not is refused", "[cursor_options]") {
  CursorOptions options = Sound();
  for (const Visibility known : {Visibility::kAll, Visibility::kDurable}) {
    options.visibility = known;
    CHECK_OK(ValidateCursorOptions(options));
  }
  options.visibility = static_cast<Visibility>(2);
  CHECK(RefusalOf(options) ==
        "visibility: 2, allowed are 0 (kAll) and 1 (kDurable)");
}

TEST_CASE("Every start that can be is allowed", "[cursor_options]") {
  CursorOptions options = Sound();
  for (const Start& start :
       {Start::Begin(), Start::End(), Start::AtOffset(0),
        Start::AtOffset(INT64_MAX), Start::AtTime(absl::InfinitePast()),
        Start::AtTime(absl::InfiniteFuture()), Start::At(Positions()),
        Start::At(PositionsAt(0), Start::End()),
        Start::Committed(Start::At(PositionsAt(9)))}) {
    options.start = start;
    CHECK_OK(ValidateCursorOptions(options));
  }
}

TEST_CASE("A start below the first offset is refused, however deep it stands",
          "[cursor_options]") {
  constexpr char kOffset[] = "start: offset -1, allowed are 0 and above";
  CHECK(RefusalOf(Start::AtOffset(-1)) == kOffset);
  CHECK(RefusalOf(Start::Committed(Start::AtOffset(-1))) == kOffset);
  CHECK(RefusalOf(Start::At(PositionsAt(1), Start::AtOffset(-1))) == kOffset);
  constexpr char kPosition[] =
      "start: topic orders partition 3 at offset -2, allowed are 0 and above";
  CHECK(RefusalOf(Start::At(PositionsAt(-2))) == kPosition);
  CHECK(RefusalOf(Start::At(PositionsAt(-2), Start::Begin())) == kPosition);
  CHECK(RefusalOf(Start::Committed(Start::At(PositionsAt(-2)))) == kPosition);
}

TEST_CASE("A cursor without a name has no commit to begin at",
          "[cursor_options]") {
  CursorOptions options = Sound();
  options.name.clear();
  constexpr char kRefusal[] = "start: Committed, but the cursor has no name";
  options.start = Start::Committed(Start::Begin());
  CHECK(RefusalOf(options) == kRefusal);
  options.start = Start::At(PositionsAt(1), Start::Committed(Start::Begin()));
  CHECK(RefusalOf(options) == kRefusal);
  options.name = "billing";
  CHECK_OK(ValidateCursorOptions(options));
}

TEST_CASE("A start keeps what it was made with", "[cursor_options]") {
  CHECK(std::holds_alternative<Start::BeginOfLog>(Start::Begin().choice()));
  CHECK(std::holds_alternative<Start::EndOfLog>(Start::End().choice()));
  const Start offset = Start::AtOffset(7);
  CHECK(std::get<Start::FixedOffset>(offset.choice()).offset == 7);
  const Start time = Start::AtTime(absl::FromUnixSeconds(5));
  CHECK(std::get<Start::FixedTime>(time.choice()).time ==
        absl::FromUnixSeconds(5));
  const Start alone = Start::At(PositionsAt(8));
  const auto& kept = std::get<Start::FixedPositions>(alone.choice());
  CHECK(*kept.positions == PositionsAt(8));
  CHECK(kept.otherwise == nullptr);
  const Start nested =
      Start::Committed(Start::At(PositionsAt(9), Start::End()));
  const auto& commit = std::get<Start::LastCommit>(nested.choice());
  const auto& inner =
      std::get<Start::FixedPositions>(commit.otherwise->choice());
  CHECK(*inner.positions == PositionsAt(9));
  CHECK(std::holds_alternative<Start::EndOfLog>(inner.otherwise->choice()));
}

}  // namespace
}  // namespace tidemark
