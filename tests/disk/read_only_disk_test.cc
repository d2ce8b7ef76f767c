#include <cstdint>
#include <string>

#include "disk/disk_host.h"
#include "support/catch.h"
#include "support/small_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"

// A disk that turns read-only under an open store, or is so from the start.
namespace tidemark::test {
namespace {

bool IsExt4Possible() {
  const bool is_possible = SmallDisk::IsPossible(SmallDisk::Kind::kExt4);
  if (!is_possible) WARN("NOT TESTED, for mounts and loop devices need root");
  return is_possible;
}

constexpr ProcessDurability kDurabilities[] = {
    ProcessDurability::kSharedMemory, ProcessDurability::kStoreFile,
    ProcessDurability::kWriteThrough};

StoreOptions OptionsOf(ProcessDurability durability) {
  StoreOptions options;
  options.process_durability = durability;
  options.arena_bytes = 256 << 10;
  options.append_timeout = absl::Seconds(1);
  return options;
}

// G6: the store says so, refuses, and what it has acknowledged stays readable.
// What was durable is there when the disk can be written to again.
TEST_CASE("A disk turns read-only under a store", "[disk]") {
  if (!IsExt4Possible()) return;
  for (const ProcessDurability durability : kDurabilities) {
    INFO(ProcessDurabilityName(durability));
    const TempDir place;
    SmallDisk disk(SmallDisk::Kind::kExt4, 16 << 20, place.path(), "/dev/shm");
    DiskHost host(disk / "store", OptionsOf(durability));
    host.Open();
    REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 300));
    REQUIRE_OK(host.Append(Ack::kDisk));
    host.CheckCommit(100);
    const Offset durable = host.end();
    disk.Abort();
    // At least what waits for the disk fails.
    absl::Status status;
    for (int i = 0; i < 10'000 && status.ok(); ++i) {
      status = host.Append(Ack::kDisk);
    }
    INFO("the append says " << status.ToString());
    // The flush of the background may have been the first to find out.
    REQUIRE((absl::IsPermissionDenied(status) || IsIoError(status) ||
             IsPoisoned(status)));
    // I12: not even without waiting.
    REQUIRE(IsPoisoned(host.Append(Ack::kMemory)));
    REQUIRE_FALSE(host.partition().failure().ok());
    REQUIRE_FALSE(host.store().health().status.ok());
    REQUIRE_OK_AND_ASSIGN(const Records records, host.partition().Read(0));
    REQUIRE_FALSE(records.empty());
    host.Close().IgnoreError();
    disk.Remount();
    host.Open();
    // Of what was in the log and not known to survive, all or nothing is there.
    const Offset end = host.partition().marks().end;
    REQUIRE(end >= durable);
    if (end > host.end()) host.Adopt(end);
    host.ForgetBehind(end);
    host.CheckRecords();
    host.CheckCommit(host.end());
    REQUIRE_OK(host.Append(Ack::kDisk));
    host.CheckRecords();
    REQUIRE_OK(host.Close());
  }
}

TEST_CASE("A store on a read-only disk is read, and not opened for writing",
          "[disk]") {
  if (!IsExt4Possible()) return;
  for (const ProcessDurability durability : kDurabilities) {
    INFO(ProcessDurabilityName(durability));
    const TempDir place;
    SmallDisk disk(SmallDisk::Kind::kExt4, 16 << 20, place.path(), "/dev/shm");
    DiskHost host(disk / "store", OptionsOf(durability));
    host.Open();
    REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 300));
    REQUIRE_OK(host.Close());
    disk.Remount(true);
    REQUIRE_STATUS(absl::StatusCode::kPermissionDenied,
                   Store::Open(disk / "store", OptionsOf(durability)));
    {
      StoreOptions options;
      options.read_only = true;
      REQUIRE_OK_AND_ASSIGN(Store store, Store::Open(disk / "store", options));
      REQUIRE_OK_AND_ASSIGN(const Topic topic, store.OpenTopic("t"));
      REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(0));
      host.CheckRecordsOf(partition);
      REQUIRE(ReasonOf(partition.Append({.value = "x"}).status()) ==
              ErrorReason::kReadOnly);
      REQUIRE_OK(store.Close());
    }
    disk.Remount();
    host.Open();
    host.CheckRecords();
    REQUIRE_OK(host.Append(Ack::kDisk));
    REQUIRE_OK(host.Close());
  }
}

}  // namespace
}  // namespace tidemark::test
