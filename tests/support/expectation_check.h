#ifndef TIDEMARK_TESTS_SUPPORT_EXPECTATION_CHECK_H_
#define TIDEMARK_TESTS_SUPPORT_EXPECTATION_CHECK_H_

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "support/expectation.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

// Compares an open store with what was promised. Every function returns the
// first broken promise, which names its invariant.
namespace tidemark::test {

enum class CrashKind : uint8_t { kProcess, kPower };

// How the store is opened.
using StoreOptionsMaker = std::function<StoreOptions()>;

inline absl::Status Broken(std::string text) {
  return absl::FailedPreconditionError(std::move(text));
}

inline std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

inline absl::Status Explain(const char* invariant, std::string_view what,
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
inline absl::Status CheckValues(const Partition& partition, Offset from,
                                Offset to,
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

inline absl::Status CheckLog(const Partition& partition,
                             const ExpectedLog& expected, CrashKind kind,
                             FoundLog* found) {
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

inline absl::Status CheckTopic(Topic& topic, const ExpectedTopic& expected,
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
      return Broken(fmt::format("partition {}: {}", n, MessageOf(status)));
    }
    (*found)[{expected.name, n}] = log;
  }
  return absl::OkStatus();
}

// A topic of this name must be as one of the expected ones.
inline absl::Status CheckName(Store& store, const std::string& name,
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

inline absl::Status CheckCommits(Store& store, const Expectation& expected,
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

// I1-I4, I9: the topics and the records in them.
inline absl::Status CheckLogs(Store& store, const Expectation& expected,
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
      return Broken(fmt::format("topic {}: {}", topic.name, MessageOf(status)));
    }
  }
  return absl::OkStatus();
}

inline constexpr char kProbe[] = "appended after the crash";

// I10: every partition takes a record.
inline absl::Status AppendProbes(Store& store, const Found& found) {
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
inline absl::Status CheckProbes(Store& store, const Found& found) {
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

inline absl::Status CheckOpened(Store& store, const Expectation& expected,
                                CrashKind kind, Found* found) {
  TIDEMARK_RETURN_IF_ERROR(CheckLogs(store, expected, kind, found));
  TIDEMARK_RETURN_IF_ERROR(CheckCommits(store, expected, *found));
  const RecoveryReport report = store.recovery();
  if (report.has_damage()) {
    return Broken(
        fmt::format("I7: a crash is reported as damage: {}", ToString(report)));
  }
  return absl::OkStatus();
}

// Opens the store in `path` behind a crash and compares. With `is_used` it is
// appended to, closed, opened and read again, too (I8, I10).
inline absl::Status CheckStore(const std::string& path,
                               const Expectation& expected, CrashKind kind,
                               bool is_used,
                               const StoreOptionsMaker& make_options) {
  Found found;
  {
    absl::StatusOr<Store> store = Store::Open(path, make_options());
    TIDEMARK_RETURN_IF_ERROR(Explain("I7", "open", store.status()));
    TIDEMARK_RETURN_IF_ERROR(CheckOpened(*store, expected, kind, &found));
    if (is_used) TIDEMARK_RETURN_IF_ERROR(AppendProbes(*store, found));
    TIDEMARK_RETURN_IF_ERROR(Explain("I10", "close", store->Close()));
  }
  if (!is_used) return absl::OkStatus();
  absl::StatusOr<Store> store = Store::Open(path, make_options());
  TIDEMARK_RETURN_IF_ERROR(Explain("I8", "open", store.status()));
  TIDEMARK_RETURN_IF_ERROR(CheckProbes(*store, found));
  return Explain("I8", "close", store->Close());
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SUPPORT_EXPECTATION_CHECK_H_
