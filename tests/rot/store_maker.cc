#include "rot/store_maker.h"

#include <fmt/core.h>

#include <utility>

#include "crash/must.h"
#include "rot/record_match.h"
#include "tidemark/consumer_cursor.h"

namespace tidemark::test {
namespace {

// For what a golden store must hold; these tests are worth nothing without it.
void MustHold(bool condition, const std::string& what) {
  if (!condition) MustBeOk(absl::InternalError(what));
}

std::vector<Header> HeadersOf(const OwnedRecord& record) {
  std::vector<Header> headers;
  for (const OwnedRecord::OwnedHeader& header : record.headers) {
    headers.push_back({.name = header.name, .value = header.value});
  }
  return headers;
}

GoldenSegment DescribeSegment(const Segment& segment) {
  GoldenSegment golden;
  golden.file = segment.file();
  golden.base_offset = segment.base_offset();
  golden.next_offset = segment.next_offset();
  golden.data_end = segment.data_end();
  golden.is_sealed = segment.is_sealed();
  MustBeOk(segment.ForEachBatch([&golden](const BatchInfo& batch) {
    golden.batches.push_back({.position = batch.position,
                              .size = batch.size,
                              .from = batch.base_offset,
                              .to = batch.next_offset,
                              .durable_end = batch.durable_end});
    return true;
  }));
  return golden;
}

}  // namespace

StoreOptions RotOptions(Env& env, Clock& clock) {
  StoreOptions options = StoreOptions::Test(env, clock);
  options.process_durability = ProcessDurability::kWriteThrough;
  options.arena_bytes = 64 << 10;
  options.arena_block_bytes = 1024;
  return options;
}

StoreMaker::StoreMaker(std::string name, uint64_t seed) : dice_(seed) {
  golden_.name = std::move(name);
  golden_.machine = std::make_unique<MemoryEnv>(seed);
}

void StoreMaker::Open() {
  store_.emplace(
      Must(Store::Open(kRotPath, RotOptions(*golden_.machine, clock_))));
  is_closed_ = false;
  clock_.Advance(absl::Seconds(1));
}

void StoreMaker::Close() {
  MustBeOk(store_->Close());
  store_.reset();
  is_closed_ = true;
  for (auto& [place, life] : lives_) {
    life.durable = static_cast<Offset>(life.records.size());
  }
}

void StoreMaker::Kill() {
  golden_.machine->AbandonLocks();
  store_.reset();
}

void StoreMaker::CutPower() {
  golden_.machine->DropUnsynced();
  store_.reset();
}

void StoreMaker::CreateTopic(const std::string& topic,
                             PartitionNumber partitions,
                             Compression compression) {
  TopicOptions options;
  options.partitions = partitions;
  options.compression = compression;
  options.batch_bytes = 1 << 10;
  options.segment_bytes = 3 << 10;
  Must(store_->CreateTopic(topic, options));
}

void StoreMaker::Grow(const std::string& topic, PartitionNumber partitions) {
  MustBeOk(Must(store_->OpenTopic(topic)).IncreasePartitions(partitions));
}

void StoreMaker::Alter(const std::string& topic, uint64_t segment_bytes) {
  Topic handle = Must(store_->OpenTopic(topic));
  TopicOptions options = handle.options();
  options.segment_bytes = segment_bytes;
  MustBeOk(handle.Alter(options));
}

OwnedRecord StoreMaker::NewRecord() {
  OwnedRecord record;
  const uint64_t shape = shape_++;
  record.create_time = clock_.Now();
  switch (shape % 8) {
    case 0:
      record.key = fmt::format("key {}", dice_.Below(100));
      record.value = fmt::format("value {} ", shape) + std::string(150, 'v');
      break;
    case 1:  // a tombstone
      record.key = "gone";
      break;
    case 2:
      record.key = "";
      record.value = "";
      break;
    case 3:  // nothing at all
      break;
    case 4:
      record.value = dice_.Bytes(300);
      record.headers = {{"trace", dice_.Bytes(16)}, {"null", std::nullopt}};
      break;
    case 5:
      record.key = dice_.Bytes(40);
      record.value = std::string(90, 'z');
      record.headers = {{"h", "1"}, {"h", "2"}, {"h", ""}, {"long name", "x"}};
      break;
    case 6:
      record.value = "of 1970";
      record.create_time = absl::FromUnixMicros(static_cast<int64_t>(shape));
      break;
    default:
      record.key = "late";
      record.value = dice_.Bytes(60);
      record.create_time = clock_.Now() + absl::Hours(24 * 365 * 100);
  }
  return record;
}

Partition StoreMaker::Find(const std::string& topic,
                           PartitionNumber partition) {
  return Must(Must(store_->OpenTopic(topic)).partition(partition));
}

void StoreMaker::Submit(const std::string& topic, PartitionNumber partition,
                        std::vector<OwnedRecord> records, Ack ack) {
  Life& life = lives_[{topic, partition}];
  std::vector<std::vector<Header>> headers;
  std::vector<Record> borrowed;
  headers.reserve(records.size());
  for (const OwnedRecord& record : records) {
    headers.push_back(HeadersOf(record));
    borrowed.push_back({.key = record.key,
                        .value = record.value,
                        .headers = headers.back(),
                        .create_time = record.create_time});
  }
  Partition log = Find(topic, partition);
  const Offset offset = Must(log.Append(borrowed, ack));
  MustHold(offset == static_cast<Offset>(life.records.size()), "an offset");
  // Of a record that was appended only the time of its batch has to be asked.
  const Records appended = Must(log.Read(offset));
  MustHold(appended.size() == records.size(), "a count");
  auto view = appended.begin();
  for (OwnedRecord& record : records) {
    record.topic = topic;
    record.id = {partition, static_cast<Offset>(life.records.size())};
    record.append_time = view->append_time();
    life.records.push_back(std::move(record));
    ++view;
  }
  if (ack == Ack::kDisk) {
    life.durable = static_cast<Offset>(life.records.size());
  }
  clock_.Advance(absl::Milliseconds(1));
}

void StoreMaker::Append(const std::string& topic, PartitionNumber partition,
                        int count, Ack ack) {
  std::vector<OwnedRecord> records;
  for (int i = 0; i < count; ++i) records.push_back(NewRecord());
  Submit(topic, partition, std::move(records), ack);
}

void StoreMaker::AppendValue(const std::string& topic,
                             PartitionNumber partition, size_t size, Ack ack) {
  OwnedRecord record;
  record.create_time = clock_.Now();
  record.value = std::string(size, 'w');
  for (size_t i = 0; i < size; i += 7) {
    (*record.value)[i] = static_cast<char>('a' + dice_.Below(26));
  }
  Submit(topic, partition, {std::move(record)}, ack);
}

void StoreMaker::Sync() {
  MustBeOk(store_->Sync());
  for (auto& [place, life] : lives_) {
    life.durable = static_cast<Offset>(life.records.size());
  }
}

void StoreMaker::Rest() {
  clock_.Advance(absl::Milliseconds(60));
  MustBeOk(store_->RunMaintenance(clock_.Now()));
}

void StoreMaker::Trim(const std::string& topic, PartitionNumber partition,
                      Offset offset) {
  MustBeOk(Find(topic, partition).TrimBefore(offset));
}

void StoreMaker::Commit(const std::string& cursor,
                        std::vector<std::string> topics, size_t count,
                        Ack level) {
  ConsumerCursor reader = Must(
      ConsumerCursor::Open(*store_, {.topics = std::move(topics),
                                     .start = Start::Committed(Start::Begin()),
                                     .name = cursor,
                                     .commit_level = level}));
  Must(reader.Poll({.records_max = count}));
  MustBeOk(reader.Commit());
  for (const Positions::Entry& entry : Must(reader.committed())) {
    golden_.cursors[cursor][{entry.topic, entry.partition}].insert(
        entry.offset);
  }
  MustBeOk(reader.Close());
}

void StoreMaker::Remember() {
  golden_.earlier.push_back(ReadTree(*golden_.machine));
}

GoldenPartition& StoreMaker::CheckRecords(const TopicPartition& place,
                                          const Life& life,
                                          const Partition& partition) {
  GoldenPartition& golden = golden_.partitions[place];
  golden.path = fmt::format("topics/{}/{}", place.topic, place.partition);
  const Marks marks = partition.marks();
  golden.start = marks.start;
  golden.end = marks.end;
  golden.records = life.records;
  MustHold(marks.end >= life.durable, "records that were durable are gone");
  MustHold(marks.end <= static_cast<Offset>(life.records.size()), "an end");
  golden.records.resize(static_cast<size_t>(marks.end));
  Offset at = marks.start;
  while (at < marks.end) {
    for (const RecordView& view : Must(partition.Read(at))) {
      MustHold(IsSame(golden.records[static_cast<size_t>(at)], view),
               "a record");
      ++at;
    }
  }
  return golden;
}

void StoreMaker::Describe(Store& store, const TopicPartition& place,
                          const Life& life) {
  const Topic topic = Must(store.OpenTopic(place.topic));
  const Partition partition = Must(topic.partition(place.partition));
  GoldenPartition& golden = CheckRecords(place, life, partition);
  for (const Segment& segment : Must(partition.segments())) {
    golden.segments.push_back(DescribeSegment(segment));
  }
}

GoldenStore StoreMaker::Finish() {
  MustHold(!store_.has_value(), "the store is open");
  golden_.is_closed = is_closed_;
  golden_.files = ReadTree(*golden_.machine);
  const auto copy = golden_.machine->CopyCurrent();
  StoreOptions options = RotOptions(*copy, clock_);
  options.read_only = true;
  Store store = Must(Store::Open(kRotPath, options));
  for (const std::string& name : Must(store.ListTopics())) {
    const Topic topic = Must(store.OpenTopic(name));
    for (PartitionNumber n = 0; n < topic.partition_count(); ++n) {
      Describe(store, {name, n}, lives_[{name, n}]);
    }
  }
  return std::move(golden_);
}

}  // namespace tidemark::test
