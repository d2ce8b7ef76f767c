#include "fuzz/store_visit.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tidemark/consumer_cursor.h"
#include "tidemark/cursor_files.h"
#include "tidemark/error.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {
namespace {

constexpr size_t kTopicsMax = 4;
constexpr PartitionNumber kPartitionsVisited = 3;
constexpr size_t kSegmentsMax = 8;
constexpr size_t kReadsMax = 48;
constexpr size_t kRecordsMax = 4000;

// A partition as a reader saw it.
struct Seen {
  Marks marks;
  std::map<Offset, OwnedRecord> records;
  bool is_whole = false;  // no limit of the visit ended the reading
  // There are batches of a later open than STORE counts: those that are
  // appended behind them do not continue the log.
  bool is_of_later_open = false;
};
using Place = std::pair<std::string, PartitionNumber>;

class Visit {
 public:
  Visit(Env& env, std::string_view directory, uint32_t options,
        FuzzCounts* counts)
      : env_(env), directory_(directory), options_(options), counts_(*counts) {}

  void Run() {
    if (!Open()) return;
    VisitTopics();
    VisitCursors();
    if (!Is(kVisitReadOnly)) Change();
    const absl::Status closed = store_->Close();
    ExpectTyped(closed);
    store_.reset();
    if (Is(kVisitReadOnly) || !closed.ok() || !Open()) return;
    CompareAll();
    ExpectTyped(store_->Close());
  }

 private:
  bool Is(uint32_t option) const { return (options_ & option) != 0; }

  bool Open() {
    StoreOptions options = StoreOptions::Test(env_, clock_);
    options.arena_bytes = 256 << 10;
    options.arena_block_bytes = 1024;
    options.open_files_max = 16;
    options.read_only = Is(kVisitReadOnly);
    options.create_if_missing = !Is(kVisitStrictly);
    if (Is(kVisitStoreArena)) {
      options.process_durability = ProcessDurability::kStoreFile;
    } else if (Is(kVisitSharedArena)) {
      options.process_durability = ProcessDurability::kSharedMemory;
    }
    auto opened = Store::Open(directory_, options);
    ExpectTyped(opened.status());
    counts_.accepted += opened.ok() ? 1 : 0;
    counts_.refused += opened.ok() ? 0 : 1;
    if (!opened.ok()) return false;
    store_.emplace(*std::move(opened));
    return true;
  }

  void VisitTopics() {
    const auto names = store_->ListTopics();
    ExpectTyped(names.status());
    if (!names.ok()) return;
    Expect(std::is_sorted(names->begin(), names->end()), "topics ascend");
    for (const std::string& name : *names) {
      if (topics_.size() == kTopicsMax) break;
      auto topic = store_->OpenTopic(name);
      ExpectTyped(topic.status());
      if (topic.ok()) topics_.emplace(name, *std::move(topic));
    }
    for (auto& [name, topic] : topics_) {
      ExpectTyped(topic.PartitionFor({.key = "k"}).status());
      const PartitionNumber count =
          std::min(topic.partition_count(), kPartitionsVisited);
      for (PartitionNumber n = 0; n < count; ++n) {
        const auto partition = topic.partition(n);
        ExpectTyped(partition.status());
        if (partition.ok()) VisitPartition({name, n}, *partition);
      }
    }
    Expect(!ToString(store_->recovery()).empty(), "a report says something");
    store_->health();
  }

  void VisitPartition(const Place& place, const Partition& partition) {
    const Seen seen = ReadAll(partition);
    const Marks& marks = seen.marks;
    ExpectTyped(partition.Read(-1).status());
    for (const Offset offset : {marks.start - 1, marks.end + 1}) {
      Expect(!partition.Read(offset).ok(), "a read outside of the log");
    }
    for (const absl::Time time : {absl::InfinitePast(), absl::UnixEpoch(),
                                  clock_.Now(), absl::InfiniteFuture()}) {
      const auto found = partition.OffsetForTime(time);
      ExpectTyped(found.status());
      if (!found.ok()) continue;
      Expect(marks.start <= *found && *found <= marks.end, "offset for a time");
    }
    ExpectTyped(partition.BytesBetween(marks.start, marks.end).status());
    const auto segments = partition.segments();
    ExpectTyped(segments.status());
    seen_.emplace(place, seen);
    if (segments.ok()) VisitSegments(*segments, &seen_[place]);
  }

  void VisitSegments(const std::vector<Segment>& segments, Seen* seen) {
    const Incarnation own = store_->recovery().incarnation;
    size_t count = 0;
    for (const Segment& segment : segments) {
      if (++count > kSegmentsMax) break;
      seen->is_of_later_open |= segment.incarnation() > own;
      Offset next = segment.base_offset();
      ExpectTyped(segment.ForEachBatch([&](const BatchInfo& batch) {
        Expect(batch.base_offset == next, "batches are dense");
        next = batch.next_offset;
        seen->is_of_later_open |= batch.incarnation > own;
        return true;
      }));
      ExpectTyped(segment.FindDamage([](const DamagedRange& damage) {
        Expect(damage.from <= damage.to, "a damaged range");
      }));
    }
  }

  Seen ReadAll(const Partition& partition) {
    Seen seen;
    const Marks marks = partition.marks();
    Expect(marks.start <= marks.durable && marks.durable <= marks.written &&
               marks.written <= marks.end,
           "start <= durable <= written <= end");
    seen.marks = marks;
    Offset from = marks.start;
    for (size_t i = 0; i < kReadsMax && from < marks.end; ++i) {
      auto records = partition.Read(from, {.bytes_max = 32 << 10});
      ExpectTyped(records.status());
      if (!records.ok()) {
        const auto gap = DamagedGap(records.status());
        if (!gap.has_value()) return seen;
        // It begins behind the offset where no record stands before it.
        Expect(gap->from < gap->to && from < gap->to, "a gap is ahead");
        from = gap->to;
        continue;
      }
      if (records->empty()) return seen;
      for (const RecordView& record : *records) {
        Expect(record.offset() >= from, "offsets ascend");
        from = record.offset() + 1;
        Expect(from <= marks.end, "no offset behind the end");
        seen.records.emplace(record.offset(), OwnedRecord(record));
        ++counts_.records;
      }
      if (seen.records.size() > kRecordsMax) return seen;
    }
    seen.is_whole = from >= marks.end;
    return seen;
  }

  void VisitCursors() {
    const auto names = ListCursors(*store_);
    ExpectTyped(names.status());
    if (!names.ok()) return;
    if (!names->empty()) {
      ExpectTyped(FindCursorDamage(*store_, names->front()).status());
    }
    // A topic may claim to have more partitions than an input can be read for.
    const auto topic =
        std::find_if(topics_.begin(), topics_.end(), [](const auto& entry) {
          return entry.second.partition_count() <= kPartitionsVisited;
        });
    if (topic == topics_.end()) return;
    auto cursor = ConsumerCursor::Open(
        *store_, {.topics = {topic->first},
                  .start = Start::Committed(Start::Begin()),
                  .name = names->empty() ? "c" : names->front()});
    ExpectTyped(cursor.status());
    if (!cursor.ok()) return;
    for (int i = 0; i < 4; ++i) {
      const auto records = cursor->Poll({.bytes_max = 16 << 10});
      ExpectTyped(records.status());
      if (!records.ok()) ExpectTyped(cursor->Seek(Start::Begin()));
    }
    ExpectTyped(cursor->Lag().status());
    const absl::Status committed = cursor->Commit();
    ExpectTyped(committed);
    if (committed.ok()) ExpectTyped(cursor->committed().status());
    ExpectTyped(cursor->Close());
  }

  // Appends to every partition that was read, and what else the options say.
  void Change() {
    for (auto& [place, seen] : seen_) {
      auto partition = topics_.at(place.first).partition(place.second);
      ExpectTyped(partition.status());
      if (!partition.ok()) continue;
      if (Is(kVisitTrims) && seen.marks.start < seen.marks.end) {
        const Offset to = seen.marks.start + 1;
        const absl::Status trimmed = partition->TrimBefore(to);
        ExpectTyped(trimmed);
        if (trimmed.ok()) Expect(partition->marks().start == to, "a trim");
        seen.records.erase(seen.records.begin(), seen.records.lower_bound(to));
        seen.is_whole &= trimmed.ok();
      }
      AppendTo(*partition, &seen);
    }
    ExpectTyped(store_->Sync());
    if (Is(kVisitMaintains)) ExpectTyped(store_->RunMaintenance(clock_.Now()));
    topics_.clear();
  }

  void AppendTo(Partition& partition, Seen* seen) {
    const auto offset = partition.Append(
        {.key = "fuzz", .value = "appended", .create_time = clock_.Now()});
    ExpectTyped(offset.status());
    if (!offset.ok()) return;
    Expect(*offset == seen->marks.end, "an append goes to the end");
    const auto read = partition.Read(*offset);
    ExpectTyped(read.status());
    Expect(read.ok() && read->size() == 1, "what was appended can be read");
    seen->marks.end = *offset + 1;
    seen->records.emplace(*offset, OwnedRecord(*read->begin()));
  }

  // The second opening finds what the first one left.
  void CompareAll() {
    for (const auto& [place, seen] : seen_) {
      const auto topic = store_->OpenTopic(place.first);
      Expect(topic.ok(), "a topic opens again");
      const auto partition = topic->partition(place.second);
      Expect(partition.ok(), "a partition opens again");
      const Seen again = ReadAll(*partition);
      if (Is(kVisitMaintains) || seen.is_of_later_open) continue;
      Expect(again.marks.end == seen.marks.end, "the same end");
      if (!Is(kVisitTrims)) {
        Expect(again.marks.start == seen.marks.start, "the same start");
      }
      if (!seen.is_whole || !again.is_whole) continue;
      Expect(again.records.size() == seen.records.size(), "as many records");
      for (const auto& [offset, record] : again.records) {
        const auto known = seen.records.find(offset);
        Expect(known != seen.records.end() && IsSame(known->second, record),
               "the same records");
      }
    }
  }

  // The time of an append that was not yet written may still become another.
  static bool IsSame(const OwnedRecord& a, const OwnedRecord& b) {
    return a.key == b.key && a.value == b.value && a.headers == b.headers &&
           a.create_time == b.create_time;
  }

  Env& env_;
  const std::string directory_;
  const uint32_t options_;
  FuzzCounts& counts_;
  ManualClock clock_;
  std::optional<Store> store_;
  std::map<std::string, Topic> topics_;
  std::map<Place, Seen> seen_;
};

}  // namespace

void VisitStore(Env& env, std::string_view directory, uint32_t options,
                FuzzCounts* counts) {
  Visit(env, directory, options, counts).Run();
}

}  // namespace tidemark::test
