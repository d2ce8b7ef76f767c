#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "base/byte_reader.h"
#include "fmt/core.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/index_world.h"
#include "fuzz/repair.h"
#include "segment/segment_trailer.h"
#include "support/dice.h"
#include "tidemark/error.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

// F3: any bytes behind the data of a sealed segment, where its index block and
// its trailer belong. The first bytes of an input are options and an offset.
namespace tidemark::test {
namespace {

constexpr size_t kPrefix = 4;
constexpr uint8_t kIsReadOnly = 1 << 0;

// What the bytes say by themselves.
void CheckTail(const File& file, const SegmentHeader& header, Offset offset,
               FuzzCounts* counts) {
  const uint64_t size = file.Stat().value().size;
  const auto trailer = ReadTrailer(file, header, size);
  ExpectTyped(trailer.status());
  if (!trailer.ok() || !trailer->has_value()) {
    ++counts->refused;
    return;
  }
  Expect((*trailer)->totals.data_end <= size, "a trailer's data is inside");
  const auto index = ReadIndex(file, "index", header, **trailer);
  ExpectTyped(index.status());
  ++(index.ok() ? counts->accepted : counts->refused);
  if (!index.ok()) return;
  if (const auto entry = index->FindOffset(offset)) {
    Expect(entry->base_offset <= offset, "an entry is not above");
  }
  if (const auto entry = index->FindBehind(offset * 4096)) {
    Expect(entry->position > static_cast<uint64_t>(offset) * 4096,
           "an entry is behind");
  }
  for (const IndexEntry& entry : index->entries()) {
    Expect(entry.position < (*trailer)->totals.data_end, "an entry is inside");
    const auto found = index->FindTime(entry.max_time_before);
    Expect(!found || found->position <= entry.position, "an entry of a time");
  }
}

// An index is a hint: whatever it says, what is read is what was appended.
void CheckReads(MemoryEnv& env, bool is_read_only, Offset offset,
                FuzzCounts* counts) {
  ManualClock clock;
  StoreOptions options = StoreOptions::Test(env, clock);
  options.read_only = is_read_only;
  auto store = Store::Open("/store", options);
  Expect(store.ok(), "the store opens");
  const auto topic = store->OpenTopic("t");
  Expect(topic.ok(), "the topic opens");
  const auto partition = topic->partition(0);
  ExpectTyped(partition.status());
  if (!partition.ok()) return;
  const Marks marks = partition->marks();
  for (const Offset from : {offset, marks.start, marks.end - 1}) {
    const auto records = partition->Read(from, {.records_max = 3});
    ExpectTyped(records.status());
    if (!records.ok()) continue;
    Offset next = from;
    for (const RecordView& record : *records) {
      Expect(record.offset() == next++, "no record is skipped");
      Expect(record.value() == IndexWorld::Value(record.offset()),
             "a record is what was appended");
      ++counts->records;
    }
  }
  const auto found =
      partition->OffsetForTime(clock.Now() + absl::Seconds(offset));
  ExpectTyped(found.status());
  if (found.ok()) Expect(*found <= marks.end, "an offset for a time");
  ExpectTyped(partition->BytesBetween(marks.start, marks.end).status());
  ExpectTyped(store->Close());
}

void RunIndex(ByteSpan input, FuzzCounts* counts) {
  ByteReader reader(input);
  const uint8_t options = reader.U8();
  reader.U8();
  const Offset offset = reader.U16() % IndexWorld::kRecords;
  const ByteSpan tail = reader.Bytes(reader.remaining());
  const IndexWorld& world = IndexWorld::Get();
  const std::unique_ptr<MemoryEnv> env = world.Copy(tail);
  const auto root = env->OpenDirectory("/store", false);
  Expect(root.ok(), "the directory opens");
  const auto file = (*root)->OpenFile(IndexWorld::kFile, FileAccess::kReadOnly);
  Expect(file.ok(), "the segment opens");
  CheckTail(**file, world.header(), offset, counts);
  CheckReads(*env, (options & kIsReadOnly) != 0, offset, counts);
}

size_t MutateIndex(uint8_t* data, size_t size, size_t size_max, uint32_t seed,
                   ByteMutator mutate_bytes) {
  Dice dice(seed);
  if (size < kPrefix + 8 || dice.OneIn(16)) {
    return mutate_bytes(data, size, size_max);
  }
  const bool is_longer = dice.OneIn(4);
  const size_t tail_size = mutate_bytes(
      data + kPrefix, size - kPrefix, (is_longer ? size_max : size) - kPrefix);
  data[2] = static_cast<uint8_t>(dice.Below(256));
  size = kPrefix + tail_size;
  if (dice.OneIn(8)) return size;
  std::string content = IndexWorld::Get().data();
  const size_t data_end = content.size();
  content.append(reinterpret_cast<const char*>(data) + kPrefix, tail_size);
  RepairSegment(&content);
  std::memcpy(data + kPrefix, content.data() + data_end, tail_size);
  return size;
}

}  // namespace

const FuzzTarget kIndexTarget = {"index", &RunIndex, &MutateIndex};

}  // namespace tidemark::test
