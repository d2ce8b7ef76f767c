#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <string>

#include "disk/disk_host.h"
#include "io/child.h"
#include "support/catch.h"
#include "support/small_disk.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "tidemark/error.h"

// A machine without /dev/shm, or with one that is full, small or read-only.
namespace tidemark::test {
namespace {

constexpr char kSharedMemory[] = "/dev/shm";

bool IsPossible() {
  if (!HaveOwnMounts()) WARN("NOT TESTED, for mounts need root");
  return HaveOwnMounts();
}

// Something else than the system's /dev/shm, for a scope and this process.
class OtherSharedMemory {
 public:
  // A tmpfs with mount options.
  explicit OtherSharedMemory(const std::string& options,
                             unsigned long flags = 0) {
    REQUIRE(::mount("tmpfs", kSharedMemory, "tmpfs", flags, options.c_str()) ==
            0);
  }
  // A directory of a disk.
  explicit OtherSharedMemory(const TempDir& directory) {
    REQUIRE(::mount(directory.path().c_str(), kSharedMemory, nullptr, MS_BIND,
                    nullptr) == 0);
  }
  ~OtherSharedMemory() { ::umount2(kSharedMemory, MNT_DETACH); }
  OtherSharedMemory(const OtherSharedMemory&) = delete;
  OtherSharedMemory& operator=(const OtherSharedMemory&) = delete;
};

// The store takes the next choice, says so, and keeps its promise with it.
void RequireNextChoice() {
  const TempDir directory;
  DiskHost host(directory / "store", StoreOptions());
  REQUIRE(RunInChild([&] {
            host.Open();
            if (host.store().Durability() != ProcessDurability::kStoreFile) {
              return 1;
            }
            if (!host.AppendUntilFull(Ack::kProcess, 100).ok()) return 2;
            ::kill(::getpid(), SIGKILL);
            return 3;
          }) == 1000 + SIGKILL);
  host.Adopt(100);
  host.Open();
  CHECK(host.store().recovery().arena == ArenaOutcome::kTakenOver);
  CHECK(host.store().Durability() == ProcessDurability::kStoreFile);
  CHECK_FALSE(host.store().health().process_durability_reason.empty());
  CHECK_OK(host.store().health().status);
  host.CheckRecords();
  REQUIRE_OK(host.Close());
  // A host that insists is told.
  StoreOptions options;
  options.process_durability = ProcessDurability::kSharedMemory;
  REQUIRE_FALSE(Store::Open(directory / "store", options).ok());
  host.Open();
  host.CheckRecords();
  REQUIRE_OK(host.Close());
}

// Its host dies with threads behind a fork, which ThreadSanitizer does not
// follow.
TEST_CASE("Without shared memory a store takes the next choice",
          "[disk][no_tsan]") {
  if (!IsPossible()) return;
  SECTION("it is full") {
    const OtherSharedMemory other("size=64k");
    FillDisk(std::string(kSharedMemory) + "/filler");
    RequireNextChoice();
  }
  SECTION("it is read-only") {
    const OtherSharedMemory other("size=1m", MS_RDONLY);
    RequireNextChoice();
  }
  SECTION("it is not in memory") {
    const TempDir disk;
    const OtherSharedMemory other(disk);
    RequireNextChoice();
  }
  SECTION("nobody may write there") {
    const OtherSharedMemory other("size=1m,mode=0");
    if (::access(kSharedMemory, W_OK) != 0) RequireNextChoice();
  }
}

TEST_CASE("Without space for any memory a store writes through", "[disk]") {
  if (!IsPossible()) return;
  const TempDir place;
  SmallDisk disk(SmallDisk::Kind::kTmpfs, 4 << 20, place.path(), "/dev/shm");
  DiskHost host(disk / "store", StoreOptions());
  host.Open();
  REQUIRE(IsDiskFull(host.AppendUntilFull(Ack::kProcess)));
  REQUIRE_OK(host.Close());
  disk.Fill();
  const OtherSharedMemory other("size=64k");
  FillDisk(std::string(kSharedMemory) + "/filler");
  host.Open();
  CHECK(host.store().Durability() == ProcessDurability::kWriteThrough);
  CHECK_FALSE(host.store().health().process_durability_reason.empty());
  host.CheckRecords();
  host.CheckCommit(host.end());
  REQUIRE_OK(host.partition().TrimBefore(host.end() / 2));
  host.AwaitSpace();
  host.CheckRecords();
  REQUIRE_OK(host.Close());
}

// G10: memory that is gone before it is full would be SIGBUS.
TEST_CASE("Shared memory that fills up costs no record", "[disk]") {
  if (!IsPossible()) return;
  const TempDir directory;
  const OtherSharedMemory other("size=1m");
  StoreOptions options;
  options.arena_bytes = 16 << 20;
  options.shared_memory_directory = kSharedMemory;
  options.append_timeout = absl::Seconds(10);
  DiskHost host(directory / "store", options);
  host.Open();
  REQUIRE(host.store().Durability() == ProcessDurability::kSharedMemory);
  REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 4000));
  FillDisk(std::string(kSharedMemory) + "/filler");
  REQUIRE_OK(host.AppendUntilFull(Ack::kProcess, 4000));
  REQUIRE_OK(host.Append(Ack::kDisk));
  host.CheckRecords();
  REQUIRE_OK(host.Close());
  host.Open();
  host.CheckRecords();
  REQUIRE_OK(host.Close());
}

}  // namespace
}  // namespace tidemark::test
