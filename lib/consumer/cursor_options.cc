#include "tidemark/cursor_options.h"

#include <fmt/core.h>

#include <set>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/guard.h"
#include "base/status_macros.h"
#include "consumer/start_resolver.h"
#include "store/layout.h"

namespace tidemark {
inline namespace v0 {
namespace {

// A value without a name can be shown as well.
template <typename Enum>
unsigned ToNumber(Enum value) {
  return static_cast<unsigned>(value);
}

absl::Status CheckSelection(const CursorOptions& options) {
  if (options.topics.empty() && options.partitions.empty()) {
    return absl::InvalidArgumentError(
        "topics, partitions: at least one of either is needed");
  }
  std::set<std::string_view> topics;
  for (const std::string& topic : options.topics) {
    if (!topics.insert(topic).second) {
      return absl::InvalidArgumentError(fmt::format("topics: {} twice", topic));
    }
  }
  std::set<TopicPartition> partitions;
  for (const TopicPartition& partition : options.partitions) {
    if (topics.contains(partition.topic)) {
      return absl::InvalidArgumentError(fmt::format(
          "partitions: topic {} is in topics as well", partition.topic));
    }
    if (!partitions.insert(partition).second) {
      return absl::InvalidArgumentError(
          fmt::format("partitions: topic {} partition {} twice",
                      partition.topic, partition.partition));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCursorName(std::string_view name) {
  const absl::Status status = CheckName("cursor", name);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      fmt::format("name: {}", FromAbsl(status.message())));
}

}  // namespace

Start::Start(Choice choice) : choice_(std::move(choice)) {}

Start Start::Begin() { return Start(BeginOfLog{}); }

Start Start::End() { return Start(EndOfLog{}); }

Start Start::AtOffset(Offset offset) { return Start(FixedOffset{offset}); }

Start Start::AtTime(absl::Time time) { return Start(FixedTime{time}); }

Start Start::At(Positions positions) {
  return Start(FixedPositions{
      std::make_shared<const Positions>(std::move(positions)), nullptr});
}

Start Start::At(Positions positions, Start otherwise) {
  return Start(
      FixedPositions{std::make_shared<const Positions>(std::move(positions)),
                     std::make_shared<const Start>(std::move(otherwise))});
}

Start Start::Committed(Start otherwise) {
  return Start(LastCommit{std::make_shared<const Start>(std::move(otherwise))});
}

absl::Status ValidatePollOptions(const PollOptions& options) {
  return Guarded([&]() -> absl::Status {
    if (options.timeout < absl::ZeroDuration()) {
      return absl::InvalidArgumentError(
          fmt::format("timeout: {}, allowed are 0 and above",
                      absl::FormatDuration(options.timeout)));
    }
    if (options.records_max == 0) {
      return absl::InvalidArgumentError("records_max: 0, allowed are 1 and up");
    }
    if (options.bytes_max == 0) {
      return absl::InvalidArgumentError("bytes_max: 0, allowed are 1 and up");
    }
    return absl::OkStatus();
  });
}

absl::Status ValidateCursorOptions(const CursorOptions& options) {
  return Guarded([&]() -> absl::Status {
    TIDEMARK_RETURN_IF_ERROR(CheckSelection(options));
    TIDEMARK_RETURN_IF_ERROR(
        ValidateStart(options.start, !options.name.empty()));
    if (!options.name.empty()) {
      TIDEMARK_RETURN_IF_ERROR(CheckCursorName(options.name));
    }
    if (options.commit_level != Ack::kProcess &&
        options.commit_level != Ack::kDisk) {
      return absl::InvalidArgumentError(
          fmt::format("commit_level: {}, allowed are {} (kProcess) and {} "
                      "(kDisk)",
                      ToNumber(options.commit_level), ToNumber(Ack::kProcess),
                      ToNumber(Ack::kDisk)));
    }
    if (options.visibility != Visibility::kAll &&
        options.visibility != Visibility::kDurable) {
      return absl::InvalidArgumentError(
          fmt::format("visibility: {}, allowed are {} (kAll) and {} (kDurable)",
                      ToNumber(options.visibility), ToNumber(Visibility::kAll),
                      ToNumber(Visibility::kDurable)));
    }
    return ValidatePollOptions(options.poll);
  });
}

}  // namespace v0
}  // namespace tidemark
