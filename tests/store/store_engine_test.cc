#include "store/store_engine.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/limits.h"
#include "store/store_fixture.h"
#include "support/temp_dir.h"

// A Store without threads: what RunMaintenance does, what health tells, and how
// a store ends.
namespace tidemark {
namespace {

using test::Machine;
using test::NamesIn;
using test::ReadValues;
using test::ValueRecord;
using test::WithPartitions;

using Strings = std::vector<std::string>;

// A store with the topic "t" of small segments.
struct SmallStore {
  explicit SmallStore(TopicOptions wish = {}) : env(machine.env) {
    wish.batch_bytes = 1 << 10;
    wish.segment_bytes = 4 << 10;
    REQUIRE_OK_AND_ASSIGN(
        Store opened,
        Store::Open(test::kStorePath, StoreOptions::Test(env, machine.clock)));
    store.emplace(std::move(opened));
    REQUIRE_OK_AND_ASSIGN(topic, store->CreateTopic("t", wish));
    REQUIRE_OK_AND_ASSIGN(partition, topic.partition(0));
  }

  // Appends records of 100 bytes, each durable.
  void Append(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string value = fmt::format("{:0100}", next++);
      REQUIRE_OK(partition.Append(ValueRecord(value), Ack::kDisk));
    }
  }
  size_t FileCount() { return NamesIn(env, "/store/topics/t/0").size() - 1; }
  // Without the storage that is reserved.
  uint64_t Bytes() {
    REQUIRE_OK_AND_ASSIGN(const auto segments, partition.segments());
    uint64_t bytes = 0;
    for (const Segment& segment : segments) {
      bytes += segment.is_sealed() ? segment.size() : segment.data_end();
    }
    return bytes;
  }
  void Maintain() { CHECK_OK(store->RunMaintenance(machine.clock.Now())); }
  // What can be read is everything from the start mark on.
  void CheckWhole() {
    REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic));
    int expected = static_cast<int>(partition.marks().start);
    for (const std::string& value : values) {
      CHECK(value == fmt::format("{:0100}", expected++));
    }
    CHECK(expected == next);
  }

  Machine machine;
  FaultEnv env;
  std::optional<Store> store;
  Topic topic;
  Partition partition;
  int next = 0;
};

TEST_CASE("Maintenance keeps a partition below its bytes", "[store_engine]") {
  TopicOptions options;
  options.retention_bytes = 10 << 10;
  SmallStore small(options);
  small.Append(300);
  REQUIRE(small.Bytes() > options.retention_bytes);
  const size_t files = small.FileCount();
  small.Maintain();
  CHECK(small.FileCount() < files);
  CHECK(small.Bytes() <= options.retention_bytes);
  const Marks marks = small.partition.marks();
  CHECK(marks.start > 0);
  CHECK(marks.end == 300);
  small.CheckWhole();
  CHECK(IsTrimmed(small.partition.Read(marks.start - 1).status()));
  // A second round finds nothing to do.
  small.Maintain();
  CHECK(small.partition.marks().start == marks.start);
  // The start outlives a loss of power.
  const auto after = small.machine.env.CopyDurable();
  REQUIRE_OK_AND_ASSIGN(
      Store again,
      Store::Open(test::kStorePath,
                  StoreOptions::Test(*after, small.machine.clock)));
  REQUIRE_OK_AND_ASSIGN(const Topic topic, again.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(0));
  CHECK(partition.marks().start == marks.start);
  CHECK(partition.marks().end == 300);
}

TEST_CASE("Maintenance never deletes the segment that is written to",
          "[store_engine]") {
  TopicOptions options;
  options.retention_bytes = 1;
  options.retention_age = absl::Seconds(1);
  SmallStore small(options);
  small.Append(2);
  small.machine.clock.Advance(absl::Hours(1));
  small.Maintain();
  CHECK(small.partition.marks().start == 0);
  small.CheckWhole();
}

TEST_CASE("Maintenance deletes what is older than the age", "[store_engine]") {
  TopicOptions options;
  options.retention_age = absl::Hours(1);
  SmallStore small(options);
  small.Append(100);
  small.machine.clock.Advance(absl::Minutes(40));
  small.Append(100);
  small.machine.clock.Advance(absl::Minutes(15));
  small.Maintain();
  CHECK(small.partition.marks().start == 0);
  small.machine.clock.Advance(absl::Minutes(10));
  small.Maintain();
  // All of the first hundred but those that share a segment with the second.
  const Offset start = small.partition.marks().start;
  CHECK(start > 50);
  CHECK(start <= 100);
  small.CheckWhole();
}

TEST_CASE("A clock that was set back deletes nothing", "[store_engine]") {
  // Z2
  TopicOptions options;
  options.retention_age = absl::Hours(1);
  SmallStore small(options);
  small.Append(100);
  small.machine.clock.JumpTo(absl::UnixEpoch());
  small.Maintain();
  CHECK(small.partition.marks().start == 0);
  small.Append(100);
  small.Maintain();
  CHECK(small.partition.marks().start == 0);
  small.CheckWhole();
}

TEST_CASE("Maintenance seals a segment that has come of age",
          "[store_engine]") {
  TopicOptions options;
  options.segment_age = absl::Minutes(10);
  options.retention_age = absl::Minutes(30);
  SmallStore small(options);
  small.Append(3);
  small.machine.clock.Advance(absl::Minutes(10));
  small.Maintain();
  REQUIRE_OK_AND_ASSIGN(auto segments, small.partition.segments());
  REQUIRE(segments.size() == 1);
  CHECK(segments[0].is_sealed());
  CHECK_OK(segments[0].Verify());
  // Appends go on behind it, and it can grow too old itself.
  small.Append(1);
  REQUIRE_OK_AND_ASSIGN(segments, small.partition.segments());
  CHECK(segments.size() == 2);
  small.machine.clock.Advance(absl::Minutes(25));
  small.Maintain();
  CHECK(small.partition.marks().start == 3);
  small.CheckWhole();
}

TEST_CASE("A store that idles for ever empties itself by age",
          "[store_engine]") {
  TopicOptions options;
  options.segment_age = absl::Minutes(10);
  options.retention_age = absl::Minutes(30);
  SmallStore small(options);
  small.Append(100);
  for (int i = 0; i < 6; ++i) {
    small.machine.clock.Advance(absl::Minutes(10));
    small.Maintain();
  }
  const Marks marks = small.partition.marks();
  CHECK(marks.start == 100);
  CHECK(marks.end == 100);
  CHECK(small.FileCount() == 0);
  small.Append(1);
  small.CheckWhole();
  REQUIRE_OK(small.store->Close());
  REQUIRE_OK_AND_ASSIGN(Store again, small.machine.Open());
  REQUIRE_OK_AND_ASSIGN(const Topic topic, again.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(const Partition partition, topic.partition(0));
  CHECK(partition.marks().start == 100);
  CHECK(partition.marks().end == 101);
}

TEST_CASE("Maintenance syncs what is due and marks it behind that",
          "[store_engine]") {
  SmallStore small;
  REQUIRE_OK(small.partition.Append(ValueRecord("v"), Ack::kMemory));
  small.machine.clock.Advance(absl::Milliseconds(99));
  small.Maintain();
  CHECK(small.partition.marks().durable == 0);
  small.machine.clock.Advance(absl::Milliseconds(1));
  small.Maintain();
  CHECK(small.partition.marks().durable == 1);
  REQUIRE_OK_AND_ASSIGN(auto segments, small.partition.segments());
  CHECK(segments.at(0).batch_count() == 1);
  small.machine.clock.Advance(absl::Milliseconds(50));
  small.Maintain();
  REQUIRE_OK_AND_ASSIGN(segments, small.partition.segments());
  CHECK(segments.at(0).batch_count() == 2);
  small.machine.clock.Advance(absl::Hours(1));
  small.Maintain();
  REQUIRE_OK_AND_ASSIGN(segments, small.partition.segments());
  CHECK(segments.at(0).batch_count() == 2);
  CHECK(small.store->health().sync_lag == absl::ZeroDuration());
}

TEST_CASE("A trim forgets records at once and files when they are empty",
          "[store_engine]") {
  SmallStore small;
  small.Append(100);
  const size_t files = small.FileCount();
  REQUIRE(files > 2);
  REQUIRE_OK(small.partition.TrimBefore(1));
  CHECK(small.partition.marks().start == 1);
  CHECK(small.FileCount() == files);
  small.CheckWhole();
  REQUIRE_OK(small.partition.TrimBefore(60));
  CHECK(small.FileCount() < files);
  small.CheckWhole();
  // Back is no way to trim, and behind the end there is nothing.
  CHECK_OK(small.partition.TrimBefore(5));
  CHECK(small.partition.marks().start == 60);
  CHECK_STATUS(absl::StatusCode::kOutOfRange, small.partition.TrimBefore(101));
  CHECK_STATUS(absl::StatusCode::kOutOfRange, small.partition.TrimBefore(-1));
  REQUIRE_OK(small.partition.Append(ValueRecord("unwritten"), Ack::kMemory));
  REQUIRE_OK(small.partition.TrimBefore(101));
  const Marks marks = small.partition.marks();
  CHECK(marks.start == 101);
  CHECK(marks.durable == 101);
  CHECK(marks.written == 101);
  CHECK(marks.end == 101);
  // Not even a loss of power brings them back, nor their offsets.
  const auto after = small.machine.env.CopyDurable();
  REQUIRE_OK_AND_ASSIGN(
      Store again,
      Store::Open(test::kStorePath,
                  StoreOptions::Test(*after, small.machine.clock)));
  REQUIRE_OK_AND_ASSIGN(const Topic topic, again.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(0));
  CHECK(partition.marks().start == 101);
  REQUIRE_OK_AND_ASSIGN(const Offset next,
                        partition.Append(ValueRecord("new")));
  CHECK(next == 101);
}

class CountingTask final : public MaintenanceTask {
 public:
  void RunDue() override { ++count; }
  int count = 0;
};

TEST_CASE("Maintenance runs the tasks of others while they are there",
          "[store_engine]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  auto task = std::make_shared<CountingTask>();
  auto gone = std::make_shared<CountingTask>();
  store.engine()->AddMaintenanceTask(task);
  store.engine()->AddMaintenanceTask(gone);
  gone.reset();
  CHECK_OK(store.RunMaintenance(machine.clock.Now()));
  CHECK(task->count == 1);
  REQUIRE_OK_AND_ASSIGN(Store reader, machine.OpenToRead());
  reader.engine()->AddMaintenanceTask(task);
  CHECK_OK(reader.RunMaintenance(machine.clock.Now()));
  CHECK(task->count == 2);
  REQUIRE_OK(store.Close());
  CHECK(IsClosed(store.RunMaintenance(machine.clock.Now())));
  CHECK(task->count == 2);
}

TEST_CASE("Maintenance goes on behind an error", "[store_engine]") {
  SmallStore small(WithPartitions(3));
  auto task = std::make_shared<CountingTask>();
  small.store->engine()->AddMaintenanceTask(task);
  for (PartitionNumber n = 0; n < 3; ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, small.topic.partition(n));
    REQUIRE_OK(partition.Append(ValueRecord("v")));
  }
  small.env.Inject({.kind = EnvCall::kSyncAll, .name_part = "topics/t/1"});
  small.machine.clock.Advance(absl::Seconds(1));
  CHECK(IsIoError(small.store->RunMaintenance(small.machine.clock.Now())));
  CHECK(task->count == 1);
  for (PartitionNumber n = 0; n < 3; ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, small.topic.partition(n));
    CHECK(partition.marks().durable == (n == 1 ? 0 : 1));
  }
}

TEST_CASE("A partition that refuses appends is told by health",
          "[store_engine]") {
  // G6, I12
  SmallStore small(WithPartitions(2));
  REQUIRE_OK(small.partition.Append(ValueRecord("v"), Ack::kMemory));
  CHECK_OK(small.store->health().status);
  small.env.FailKind(EnvCall::kSyncAll, EIO);
  CHECK(IsIoError(small.store->Sync()));
  const StoreHealth health = small.store->health();
  CHECK(IsPoisoned(health.status));
  REQUIRE(health.failures.size() == 1);
  CHECK(health.failures[0].partition == TopicPartition{"t", 0});
  CHECK(IsIoError(health.failures[0].cause));
  CHECK_FALSE(small.partition.Append(ValueRecord("x")).ok());
  CHECK_FALSE(small.store->Sync().ok());
  REQUIRE_OK_AND_ASSIGN(Partition other, small.topic.partition(1));
  CHECK_OK(other.Append(ValueRecord("v"), Ack::kDisk));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(small.topic));
  CHECK(values == Strings{"v"});
  // The store closes with that error, and the next owner starts afresh.
  CHECK_FALSE(small.store->Close().ok());
  CHECK_OK(small.store->Close());
  REQUIRE_OK_AND_ASSIGN(Store again, small.machine.Open());
  CHECK_OK(again.health().status);
  REQUIRE_OK_AND_ASSIGN(Topic topic, again.OpenTopic("t"));
  CHECK_OK(topic.Append(ValueRecord("x"), Ack::kDisk));
}

TEST_CASE("A full disk is told until it has space", "[store_engine]") {
  // G7
  SmallStore small;
  REQUIRE_OK(small.partition.Append(ValueRecord("v"), Ack::kDisk));
  small.machine.env.SetCapacity(0);
  absl::Status status;
  for (int i = 0; i < 1000 && status.ok(); ++i) {
    const std::string value(500, 'x');
    status = small.partition.Append(ValueRecord(value), Ack::kMemory).status();
  }
  CHECK(IsDiskFull(status));
  CHECK_OK(small.partition.failure());
  small.machine.env.SetCapacity(uint64_t{1} << 30);
  CHECK_OK(small.store->Sync());
  CHECK_OK(small.partition.Append(ValueRecord("v"), Ack::kDisk));
  CHECK_OK(small.store->health().status);
}

TEST_CASE("A slot of STORE that is damaged may have been the newer one",
          "[store_engine]") {
  Machine machine;
  { REQUIRE_OK(machine.Open()); }
  REQUIRE_OK_AND_ASSIGN(auto root, machine.env.OpenDirectory("/store", false));
  REQUIRE_OK_AND_ASSIGN(auto file,
                        root->OpenFile("STORE", FileAccess::kReadWrite));
  REQUIRE_OK(file->WriteAt(40, std::vector<std::byte>(1, std::byte{0xee})));
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  CHECK(store.recovery().incarnation == 3);
  CHECK_FALSE(store.recovery().is_clean);
  REQUIRE_OK(store.Close());
  REQUIRE_OK_AND_ASSIGN(Store again, machine.Open());
  CHECK(again.recovery().incarnation == 4);
  CHECK(again.recovery().is_clean);
}

TEST_CASE("A background error is the health of a store that has no other",
          "[store_engine]") {
  Machine machine;
  REQUIRE_OK_AND_ASSIGN(Store store, machine.Open());
  store.engine()->NoteBackgroundError(absl::InternalError("x"));
  CHECK(store.health().status == absl::InternalError("x"));
  CHECK(store.health().background_error_count == 1);
}

// The descriptors that this process has open.
size_t DescriptorCount() {
  const std::filesystem::directory_iterator open("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(open), end(open)));
}

TEST_CASE("A close needs few descriptors and leaves none, whoever has handles",
          "[store_engine]") {
  const test::TempDir directory;
  StoreOptions options;
  options.background_threads = false;
  options.open_files_max = 16;
  const size_t before = DescriptorCount();
  std::vector<Partition> handles;
  {
    REQUIRE_OK_AND_ASSIGN(Store store,
                          Store::Open(directory / "store", options));
    REQUIRE_OK_AND_ASSIGN(const Topic topic,
                          store.CreateTopic("t", WithPartitions(48)));
    for (PartitionNumber n = 0; n < 48; ++n) {
      REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(n));
      REQUIRE_OK(partition.Append(ValueRecord("v"), Ack::kProcess));
      REQUIRE_OK(partition.Read(0));
      handles.push_back(std::move(partition));
    }
    const test::ScopedLimit limit(RLIMIT_NOFILE, before + 32);
    CHECK_OK(store.Close());
  }
  // The directory of the store and the shared memory are kept for the handles.
  CHECK(DescriptorCount() <= before + 2);
  CHECK(IsClosed(handles.front().Read(0).status()));
  handles.clear();
  CHECK(DescriptorCount() == before);
  REQUIRE_OK_AND_ASSIGN(const Store again,
                        Store::Open(directory / "store", options));
  CHECK(again.recovery().is_clean);
}

TEST_CASE("A store that is given up leaves no descriptor either",
          "[store_engine]") {
  const test::TempDir directory;
  StoreOptions options;
  options.background_threads = false;
  const size_t before = DescriptorCount();
  Partition handle;
  {
    REQUIRE_OK_AND_ASSIGN(Store store,
                          Store::Open(directory / "store", options));
    REQUIRE_OK_AND_ASSIGN(const Topic topic, store.CreateTopic("t"));
    REQUIRE_OK_AND_ASSIGN(handle, topic.partition(0));
    REQUIRE_OK(handle.Append(ValueRecord("v"), Ack::kProcess));
    const size_t open = DescriptorCount();
    REQUIRE_OK(store.DeleteTopic("t"));
    CHECK(DescriptorCount() < open);
    REQUIRE_OK(store.Close());
  }
  CHECK(DescriptorCount() <= before + 2);
}

TEST_CASE("Without descriptors appends fail, and go on when there are some",
          "[store_engine]") {
  const test::TempDir directory;
  StoreOptions options;
  options.background_threads = false;
  REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(directory / "store", options));
  TopicOptions wish;
  wish.segment_bytes = 8192;
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.CreateTopic("t", wish));
  REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(0));
  const std::string value(1000, 'x');
  for (const int free_count : {0, 1, 2, 3}) {
    INFO(free_count);
    REQUIRE_OK(partition.Append(ValueRecord(value), Ack::kDisk));
    std::vector<int> taken;
    const test::ScopedLimit limit(RLIMIT_NOFILE, 64);
    for (;;) {
      const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (fd < 0) break;
      taken.push_back(fd);
    }
    for (int i = 0; i < free_count; ++i) {
      ::close(taken.back());
      taken.pop_back();
    }
    for (int i = 0; i < 20; ++i) {
      partition.Append(ValueRecord(value), Ack::kDisk).status().IgnoreError();
    }
    for (const int fd : taken) ::close(fd);
    CHECK_OK(partition.failure());
    CHECK_OK(partition.Append(ValueRecord(value), Ack::kDisk));
    CHECK(partition.marks().durable == partition.marks().end);
  }
  const Offset end = partition.marks().end;
  REQUIRE_OK(store.Close());
  REQUIRE_OK_AND_ASSIGN(Store again, Store::Open(directory / "store", options));
  REQUIRE_OK_AND_ASSIGN(topic, again.OpenTopic("t"));
  REQUIRE_OK_AND_ASSIGN(partition, topic.partition(0));
  CHECK(partition.marks().end == end);
}

}  // namespace
}  // namespace tidemark
