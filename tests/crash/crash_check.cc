#include "crash/crash_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "crash/recording_env.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {
namespace {

absl::Status Broken(std::string text) {
  return absl::FailedPreconditionError(std::move(text));
}

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

absl::Status Explain(const char* invariant, std::string_view what,
                     const absl::Status& status) {
  return status.ok() ? status
                     : Broken(fmt::format("{}: {}: {}", invariant, what,
                                          status.ToString()));
}

// The offsets of a partition that were found, to be found again.
struct FoundLog {
  Offset start = 0;
  Offset end = 0;
};
using Found = std::map<std::pair<std::string, PartitionNumber>, FoundLog>;

// Reads [from, to) and compares; `value_of` knows what stands there.
absl::Status CheckValues(const Partition& partition, Offset from, Offset to,
                         const std::vector<std::string>& values) {
  while (from < to) {
    const absl::StatusOr<Records> records = partition.Read(from);
    TIDEMARK_RETURN_IF_ERROR(Explain("I1", "read", records.status()));
    if (records->empty()) {
      return Broken(fmt::format("I3: nothing at {} of {}", from, to));
    }
    for (const RecordView& record : *records) {
      if (record.offset() != from) {
        return Broken(
            fmt::format("I3: offset {} behind {}", record.offset(), from - 1));
      }
      if (record.value() != values[static_cast<size_t>(from)]) {
        return Broken(fmt::format("I2: a strange value at {}", from));
      }
      ++from;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLog(const Partition& partition, const ExpectedLog& expected,
                      CrashKind kind, FoundLog* found) {
  const Marks marks = partition.marks();
  *found = {marks.start, marks.end};
  if (marks.start > expected.trim_asked) {
    return Broken(fmt::format("I3: starts at {}, trimmed to {} at most",
                              marks.start, expected.trim_asked));
  }
  if (marks.start < expected.trim_done) {
    return Broken(fmt::format("I9: starts at {}, was trimmed to {}",
                              marks.start, expected.trim_done));
  }
  const Offset needed =
      kind == CrashKind::kProcess ? expected.process_end : expected.durable_end;
  if (marks.end < needed) {
    return Broken(
        fmt::format("I1: ends at {}, {} was promised", marks.end, needed));
  }
  if (marks.end > expected.submitted) {
    return Broken(fmt::format("I4: ends at {}, {} were submitted", marks.end,
                              expected.submitted));
  }
  return CheckValues(partition, marks.start, marks.end, *expected.values);
}

absl::Status CheckTopic(Topic& topic, const ExpectedTopic& expected,
                        CrashKind kind, Found* found) {
  const PartitionNumber count = topic.partition_count();
  if (count < expected.partitions_min ||
      count > static_cast<PartitionNumber>(expected.logs.size())) {
    return Broken(fmt::format("{} partitions", count));
  }
  for (PartitionNumber n = 0; n < count; ++n) {
    const absl::StatusOr<Partition> partition = topic.partition(n);
    TIDEMARK_RETURN_IF_ERROR(Explain("I7", "partition", partition.status()));
    FoundLog log;
    const absl::Status status =
        CheckLog(*partition, expected.logs[static_cast<size_t>(n)], kind, &log);
    if (!status.ok()) {
      return Broken(fmt::format("partition {}: {}", n, Text(status)));
    }
    (*found)[{expected.name, n}] = log;
  }
  return absl::OkStatus();
}

// A topic of this name must be as one of the expected ones.
absl::Status CheckName(Store& store, const std::string& name,
                       const Expectation& expected, CrashKind kind,
                       Found* found) {
  absl::StatusOr<Topic> topic = store.OpenTopic(name);
  absl::Status first;
  for (const ExpectedTopic& candidate : expected.topics) {
    if (candidate.name != name) continue;
    absl::Status status;
    if (absl::IsNotFound(topic.status())) {
      status = candidate.may_be_absent ? absl::OkStatus()
                                       : Broken("I1: the topic is not there");
      // All of them have to agree that there may be none.
      if (!status.ok()) return status;
      continue;
    }
    TIDEMARK_RETURN_IF_ERROR(Explain("I7", "topic", topic.status()));
    if (!candidate.may_be_there) continue;
    status = CheckTopic(*topic, candidate, kind, found);
    if (status.ok()) return status;
    if (first.ok()) first = status;
  }
  if (absl::IsNotFound(topic.status())) return absl::OkStatus();
  return first.ok() ? Broken("I2: a topic that was deleted") : first;
}

absl::Status CheckCommits(Store& store, const Expectation& expected,
                          const Found& found) {
  for (const ExpectedCommit& commit : expected.commits) {
    if (found.count({commit.topic, commit.partition}) == 0) continue;
    const CursorOptions options{.topics = {commit.topic},
                                .start = Start::Committed(Start::Begin()),
                                .name = commit.cursor};
    const auto cursor = ConsumerCursor::Open(store, options);
    TIDEMARK_RETURN_IF_ERROR(Explain("I11", "cursor", cursor.status()));
    const absl::StatusOr<Positions> committed = cursor->committed();
    TIDEMARK_RETURN_IF_ERROR(Explain("I11", "committed", committed.status()));
    const Positions::Entry* const entry =
        committed->Find(commit.topic, commit.partition);
    const Offset offset = entry == nullptr ? -1 : entry->offset;
    if (offset < commit.acknowledged || offset > commit.asked) {
      return Broken(fmt::format("I11: {} committed {}, asked {}, found {}",
                                commit.cursor, commit.acknowledged,
                                commit.asked, offset));
    }
    if (offset > found.at({commit.topic, commit.partition}).end) {
      return Broken(fmt::format("I11: {} is at {}, behind the end",
                                commit.cursor, offset));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckStore(Store& store, const Expectation& expected,
                        CrashKind kind, Found* found) {
  const absl::StatusOr<std::vector<std::string>> names = store.ListTopics();
  TIDEMARK_RETURN_IF_ERROR(Explain("I7", "list", names.status()));
  for (const std::string& name : *names) {
    const bool is_known = std::any_of(
        expected.topics.begin(), expected.topics.end(),
        [&name](const ExpectedTopic& topic) { return topic.name == name; });
    if (!is_known) return Broken(fmt::format("I2: a topic {}", name));
  }
  for (const ExpectedTopic& topic : expected.topics) {
    const absl::Status status =
        CheckName(store, topic.name, expected, kind, found);
    if (!status.ok()) {
      return Broken(fmt::format("topic {}: {}", topic.name, Text(status)));
    }
  }
  return CheckCommits(store, expected, *found);
}

constexpr char kProbe[] = "appended after the crash";

// I10: every partition takes a record.
absl::Status Append(Store& store, const Found& found) {
  for (const auto& [place, log] : found) {
    absl::StatusOr<Topic> topic = store.OpenTopic(place.first);
    TIDEMARK_RETURN_IF_ERROR(Explain("I10", "topic", topic.status()));
    absl::StatusOr<Partition> partition = topic->partition(place.second);
    TIDEMARK_RETURN_IF_ERROR(Explain("I10", "partition", partition.status()));
    const absl::StatusOr<Offset> offset =
        partition->Append({.value = kProbe}, Ack::kDisk);
    TIDEMARK_RETURN_IF_ERROR(Explain("I10", "append", offset.status()));
    if (*offset != log.end) {
      return Broken(fmt::format("I10: {}/{}: appended at {}, the end was {}",
                                place.first, place.second, *offset, log.end));
    }
  }
  return absl::OkStatus();
}

// The same records as at the first opening, and the appended one.
absl::Status CheckAgain(Store& store, const Found& found) {
  for (const auto& [place, log] : found) {
    absl::StatusOr<Topic> topic = store.OpenTopic(place.first);
    TIDEMARK_RETURN_IF_ERROR(Explain("I8", "topic", topic.status()));
    absl::StatusOr<Partition> partition = topic->partition(place.second);
    TIDEMARK_RETURN_IF_ERROR(Explain("I8", "partition", partition.status()));
    const Marks marks = partition->marks();
    if (marks.start != log.start || marks.end != log.end + 1) {
      return Broken(fmt::format("I8: {}/{}: [{}, {}) became [{}, {})",
                                place.first, place.second, log.start, log.end,
                                marks.start, marks.end));
    }
    TIDEMARK_RETURN_IF_ERROR(CheckValues(
        *partition, log.end, log.end + 1,
        std::vector<std::string>(static_cast<size_t>(log.end) + 1, kProbe)));
  }
  return absl::OkStatus();
}

absl::Status OpenAndClose(MemoryEnv& machine, Clock& clock,
                          const MakeOptions& make_options) {
  absl::StatusOr<Store> store =
      Store::Open(kStorePath, make_options(machine, clock));
  TIDEMARK_RETURN_IF_ERROR(Explain("I8", "open", store.status()));
  const absl::StatusOr<std::vector<std::string>> names = store->ListTopics();
  TIDEMARK_RETURN_IF_ERROR(Explain("I8", "list", names.status()));
  for (const std::string& name : *names) {
    absl::StatusOr<Topic> topic = store->OpenTopic(name);
    TIDEMARK_RETURN_IF_ERROR(Explain("I8", "topic", topic.status()));
    for (PartitionNumber n = 0; n < topic->partition_count(); ++n) {
      TIDEMARK_RETURN_IF_ERROR(
          Explain("I8", "partition", topic->partition(n).status()));
    }
  }
  return Explain("I8", "close", store->Close());
}

// I8: what a clean close left is left alone but for STORE, which counts.
absl::Status CheckTwoOpens(MemoryEnv& machine, Clock& clock,
                           const MakeOptions& make_options) {
  uint64_t hashes[2];
  for (uint64_t& hash : hashes) {
    TIDEMARK_RETURN_IF_ERROR(OpenAndClose(machine, clock, make_options));
    hash = ReadImage(machine).HashWithout({"STORE", "LOCK"});
  }
  return hashes[0] == hashes[1] ? absl::OkStatus()
                                : Broken("I8: a second opening changed bytes");
}

}  // namespace

absl::Status CheckAfterCrash(MemoryEnv& machine, const Expectation& expected,
                             CrashKind kind, CheckDepth depth,
                             const MakeOptions& make_options) {
  ManualClock clock;
  Found found;
  {
    absl::StatusOr<Store> store =
        Store::Open(kStorePath, make_options(machine, clock));
    TIDEMARK_RETURN_IF_ERROR(Explain("I7", "open", store.status()));
    TIDEMARK_RETURN_IF_ERROR(CheckStore(*store, expected, kind, &found));
    const RecoveryReport report = store->recovery();
    if (report.has_damage()) {
      return Broken(fmt::format("I7: a crash is reported as damage: {}",
                                ToString(report)));
    }
    if (depth == CheckDepth::kRead) return absl::OkStatus();
    TIDEMARK_RETURN_IF_ERROR(Append(*store, found));
    TIDEMARK_RETURN_IF_ERROR(Explain("I10", "close", store->Close()));
  }
  {
    absl::StatusOr<Store> store =
        Store::Open(kStorePath, make_options(machine, clock));
    TIDEMARK_RETURN_IF_ERROR(Explain("I8", "open", store.status()));
    TIDEMARK_RETURN_IF_ERROR(CheckAgain(*store, found));
    TIDEMARK_RETURN_IF_ERROR(Explain("I8", "close", store->Close()));
  }
  if (depth == CheckDepth::kUse) return absl::OkStatus();
  return CheckTwoOpens(machine, clock, make_options);
}

}  // namespace tidemark::test
