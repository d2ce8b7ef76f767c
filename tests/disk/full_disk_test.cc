#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>

#include "disk/disk_host.h"
#include "io/child.h"
#include "io/limits.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/small_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"

// G7: full is not broken. On real file systems with real ENOSPC.
namespace tidemark::test {
namespace {

struct FullCase {
  const char* name;
  SmallDisk::Kind kind;
  std::optional<ProcessDurability> durability;
  uint64_t size = 16 << 20;  // the least with a journal
};

constexpr FullCase kCases[] = {
    {"tmpfs, default", SmallDisk::Kind::kTmpfs, std::nullopt, 4 << 20},
    {"tmpfs, write-through", SmallDisk::Kind::kTmpfs,
     ProcessDurability::kWriteThrough, 4 << 20},
    {"ext4, default", SmallDisk::Kind::kExt4, std::nullopt},
    {"ext4, arena", SmallDisk::Kind::kExt4, ProcessDurability::kSharedMemory},
    {"ext4, arena file", SmallDisk::Kind::kExt4, ProcessDurability::kStoreFile},
    {"ext4, write-through", SmallDisk::Kind::kExt4,
     ProcessDurability::kWriteThrough},
};

StoreOptions OptionsOf(const FullCase& full) {
  StoreOptions options;
  options.process_durability = full.durability;
  options.arena_bytes = 256 << 10;
  options.append_timeout = absl::Seconds(1);
  return options;
}

// Runs `body` on a small disk of each kind that this machine lets a test mount.
void OnSmallDisks(
    const char* counted,
    const std::function<void(SmallDisk&, const FullCase&)>& body) {
  uint64_t count = 0;
  for (const FullCase& full : kCases) {
    INFO(full.name);
    if (!SmallDisk::IsPossible(full.kind)) {
      WARN("NOT TESTED, for mounts need root: " << full.name);
      continue;
    }
    const TempDir place;
    SmallDisk disk(full.kind, full.size, place.path(), "/dev/shm");
    body(disk, full);
    ++count;
  }
  PrintCount(count, counted);
  REQUIRE((count == std::size(kCases) ||
           !SmallDisk::IsPossible(SmallDisk::Kind::kExt4)));
}

void RequireFull(const absl::Status& status) {
  REQUIRE_STATUS(absl::StatusCode::kResourceExhausted, status);
  REQUIRE(IsDiskFull(status));
}

// What works on a disk without a free byte.
void UseFullDisk(DiskHost& host) {
  RequireFull(host.AppendUntilFull(Ack::kProcess, 1000));
  RequireFull(host.AppendUntilFull(Ack::kDisk, 1000));
  RequireFull(host.AppendUntilFull(Ack::kMemory, 1000));
  REQUIRE_OK(host.partition().failure());
  host.CheckRecords();
  REQUIRE_OK(host.store().Sync());
  REQUIRE(host.partition().marks().durable == host.end());
  host.CheckCommit(host.end() / 2);
  host.CheckCommit(host.end());
}

// What the host insists on may need space; what the store chooses does not.
void OpenOnFullDisk(DiskHost& host, SmallDisk& disk, const FullCase& full) {
  if (full.durability == ProcessDurability::kStoreFile) {
    RequireFull(Store::Open(disk / "store", OptionsOf(full)).status());
    FullCase other = full;
    other.durability = std::nullopt;
    host.set_options(OptionsOf(other));
  }
  host.Open();
}

TEST_CASE("A full disk refuses appends and keeps what was acknowledged",
          "[disk]") {
  OnSmallDisks("full disks, to which another file gave space",
               [](SmallDisk& disk, const FullCase& full) {
                 disk.Fill(1 << 20);
                 DiskHost host(disk / "store", OptionsOf(full));
                 host.Open();
                 REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 100));
                 REQUIRE_OK(host.Append(Ack::kDisk));
                 host.CheckCommit(50);
                 RequireFull(host.AppendUntilFull(Ack::kProcess));
                 REQUIRE(host.end() > 1000);
                 disk.Fill();
                 UseFullDisk(host);
                 // Space that another file gives back is enough.
                 disk.Empty();
                 host.AwaitSpace();
                 REQUIRE_OK(host.AppendUntilFull(Ack::kDisk, 10));
                 host.CheckRecords();
                 REQUIRE_OK(host.Close());
                 host.Open();
                 host.CheckRecords();
                 REQUIRE_OK(host.Close());
               });
}

TEST_CASE("A trim of a full disk makes room for appends", "[disk]") {
  OnSmallDisks("full disks that were trimmed",
               [](SmallDisk& disk, const FullCase& full) {
                 DiskHost host(disk / "store", OptionsOf(full));
                 host.Open();
                 RequireFull(host.AppendUntilFull(Ack::kProcess));
                 disk.Fill();
                 REQUIRE_OK(host.partition().TrimBefore(host.end() / 2));
                 REQUIRE(host.partition().marks().start == host.end() / 2);
                 host.AwaitSpace();
                 REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 100));
                 REQUIRE_OK(host.Append(Ack::kDisk));
                 host.CheckRecords();
                 REQUIRE_OK(host.Close());
                 host.Open();
                 host.CheckRecords();
                 REQUIRE_OK(host.Close());
               });
}

TEST_CASE("Retention makes room on a full disk", "[disk]") {
  OnSmallDisks(
      "full disks with retention", [](SmallDisk& disk, const FullCase& full) {
        TopicOptions topic = DiskHost::SmallTopic();
        topic.retention_age = absl::Hours(1);
        DiskHost host(disk / "store", OptionsOf(full));
        host.Open(topic);
        RequireFull(host.AppendUntilFull(Ack::kProcess));
        disk.Fill();
        // The host's own word for the time: all sealed segments are due.
        REQUIRE_OK(host.store().RunMaintenance(absl::Now() + absl::Hours(48)));
        REQUIRE(host.partition().marks().start > 0);
        host.AwaitSpace();
        REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 100));
        host.CheckRecords();
        REQUIRE_OK(host.Close());
        host.Open(topic);
        host.CheckRecords();
        REQUIRE_OK(host.Close());
      });
}

TEST_CASE("A store opens on a full disk and goes on with space", "[disk]") {
  OnSmallDisks("full disks that were opened",
               [](SmallDisk& disk, const FullCase& full) {
                 DiskHost host(disk / "store", OptionsOf(full));
                 host.Open();
                 RequireFull(host.AppendUntilFull(Ack::kProcess));
                 host.CheckCommit(7);
                 REQUIRE_OK(host.Close());
                 disk.Fill();
                 OpenOnFullDisk(host, disk, full);
                 host.CheckRecords();
                 host.CheckCommit(host.end());
                 RequireFull(host.AppendUntilFull(Ack::kProcess));
                 REQUIRE_OK(host.partition().TrimBefore(host.end() - 10));
                 host.AwaitSpace();
                 REQUIRE_OK(host.AppendUntilFull(Ack::kDisk, 10));
                 host.CheckRecords();
                 REQUIRE_OK(host.Close());
                 if (disk.kind() != SmallDisk::Kind::kExt4) return;
                 // From the disk itself, without what the system had cached.
                 disk.Remount();
                 host.Open();
                 host.CheckRecords();
                 REQUIRE_OK(host.Close());
               });
}

// Runs in a child, whose store outlives it.
int FillAndDie(DiskHost& host, SmallDisk& disk, int pipe) {
  host.Open();
  if (!IsDiskFull(host.AppendUntilFull(Ack::kProcess))) return 1;
  disk.Fill();
  if (!IsDiskFull(host.AppendUntilFull(Ack::kProcess, 1000))) return 2;
  const Offset end = host.end();
  if (::write(pipe, &end, sizeof(end)) != sizeof(end)) return 3;
  ::kill(::getpid(), SIGKILL);
  return 4;
}

// G2: what was acknowledged has its place on the disk, also what only the
// memory of the dead process holds. It has threads behind a fork, which
// ThreadSanitizer does not follow.
TEST_CASE("A host dies on a full disk and loses nothing", "[disk][no_tsan]") {
  OnSmallDisks("full disks on which a host died", [](SmallDisk& disk,
                                                     const FullCase& full) {
    DiskHost host(disk / "store", OptionsOf(full));
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    REQUIRE(RunInChild([&] { return FillAndDie(host, disk, pipe[1]); }) ==
            1000 + SIGKILL);
    Offset end = 0;
    REQUIRE(::read(pipe[0], &end, sizeof(end)) == sizeof(end));
    ::close(pipe[0]);
    ::close(pipe[1]);
    host.Adopt(end);
    OpenOnFullDisk(host, disk, full);
    host.CheckRecords();
    host.CheckCommit(end);
    REQUIRE_OK(host.partition().TrimBefore(end - 10));
    host.AwaitSpace();
    REQUIRE_OK(host.AppendUntilFull(Ack::kDisk, 10));
    host.CheckRecords();
    REQUIRE_OK(host.Close());
  });
}

TEST_CASE("A limit of the file size is a full disk", "[disk]") {
  const TempDir directory;
  DiskHost host(directory / "store", StoreOptions());
  TopicOptions topic = DiskHost::SmallTopic();
  topic.segment_bytes = 8 << 20;
  host.Open(topic);
  {
    // SIGXFSZ would end this process.
    const ScopedLimit limit(RLIMIT_FSIZE, 1 << 20);
    RequireFull(host.AppendUntilFull(Ack::kProcess));
    host.CheckRecords();
    REQUIRE_OK(host.store().Sync());
    host.CheckCommit(host.end());
  }
  REQUIRE_OK(host.AppendUntilFull(Ack::kDisk, 10));
  host.CheckRecords();
  REQUIRE_OK(host.Close());
  host.Open(topic);
  host.CheckRecords();
  REQUIRE_OK(host.Close());
}

}  // namespace
}  // namespace tidemark::test
