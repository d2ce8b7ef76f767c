#include "io/posix_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "io/child.h"
#include "io/descriptor.h"
#include "io/world.h"

namespace tidemark {
namespace {

using test::LivingChild;
using test::MustCreate;
using test::MustOpen;
using test::RunInChild;
using test::World;
using test::WorldKind;

TEST_CASE("Another process does not get a lock that is held", "[io]") {
  World world(WorldKind::kPosix);
  const auto file = MustCreate(world.directory(), "LOCK");
  REQUIRE(*file->TryLock(0, 0));
  CHECK(RunInChild([&] {
          const auto mine =
              world.directory().OpenFile("LOCK", FileAccess::kReadWrite);
          if (!mine.ok()) return 1;
          const auto is_locked = (*mine)->TryLock(0, 0);
          return is_locked.ok() && !*is_locked ? 0 : 2;
        }) == 0);
}

TEST_CASE("A lock is free when its process was killed", "[io]") {
  World world(WorldKind::kPosix);
  MustCreate(world.directory(), "LOCK");
  const auto file = MustOpen(world.directory(), "LOCK");
  {
    const LivingChild child([&] {
      auto mine = world.directory().OpenFile("LOCK", FileAccess::kReadWrite);
      if (mine.ok()) (*mine)->TryLock(0, 0).IgnoreError();
      // Held for as long as the child lives.
      static_cast<void>(mine->release());
    });
    CHECK_FALSE(*file->TryLock(0, 0));
    REQUIRE(::kill(child.pid(), SIGKILL) == 0);
  }
  CHECK(*file->TryLock(0, 0));
}

TEST_CASE("A forked child that lives on does not keep the lock", "[io]") {
  World world(WorldKind::kPosix);
  auto file = MustCreate(world.directory(), "LOCK");
  REQUIRE(*file->TryLock(0, 0));
  const LivingChild child;
  file.reset();
  CHECK(*MustOpen(world.directory(), "LOCK")->TryLock(0, 0));
}

TEST_CASE("A child that outlives a killed owner does not keep the lock",
          "[io]") {
  World world(WorldKind::kPosix);
  MustCreate(world.directory(), "LOCK");
  const auto file = MustOpen(world.directory(), "LOCK");
  std::array<int, 2> ready;
  std::array<int, 2> leave;
  REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
  REQUIRE(::pipe2(leave.data(), O_CLOEXEC) == 0);
  char byte = 0;
  {
    const LivingChild owner([&] {
      auto mine = world.directory().OpenFile("LOCK", FileAccess::kReadWrite);
      if (!mine.ok() || !(*mine)->TryLock(0, 0).ok()) ::_exit(1);
      static_cast<void>(mine->release());
      if (::fork() == 0) {
        ::close(leave[1]);
        if (::write(ready[1], &byte, 1) != 1) ::_exit(1);
        ::_exit(::read(leave[0], &byte, 1) == 0 ? 0 : 1);
      }
      if (::read(ready[0], &byte, 1) != 1) ::_exit(1);
    });
    CHECK_FALSE(*file->TryLock(0, 0));
    REQUIRE(::kill(owner.pid(), SIGKILL) == 0);
  }
  CHECK(*file->TryLock(0, 0));
  for (const int fd : {ready[0], ready[1], leave[0], leave[1]}) ::close(fd);
}

TEST_CASE("A file destroyed in a child leaves the parent's lock alone",
          "[io]") {
  World world(WorldKind::kPosix);
  auto file = MustCreate(world.directory(), "LOCK");
  REQUIRE(*file->TryLock(0, 0));
  CHECK(RunInChild([&] {
          // Takes the number of the descriptor that the fork closed.
          const int taken = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
          file.reset();
          return ::fcntl(taken, F_GETFD) >= 0 ? 0 : 1;
        }) == 0);
  CHECK_FALSE(*MustOpen(world.directory(), "LOCK")->TryLock(0, 0));
}

TEST_CASE("A child takes locks of its own", "[io]") {
  World world(WorldKind::kPosix);
  MustCreate(world.directory(), "LOCK");
  CHECK(RunInChild([&] {
          const auto mine =
              world.directory().OpenFile("LOCK", FileAccess::kReadWrite);
          return mine.ok() && *(*mine)->TryLock(0, 0) ? 0 : 1;
        }) == 0);
}

TEST_CASE("A lock on a bad descriptor is an error that names the range",
          "[io]") {
  PosixLock lock;
  const auto result = lock.TryLock(999'999, 3, 5, "a");
  CHECK_STATUS(absl::StatusCode::kInternal, result);
  CHECK(std::string(result.status().message()) ==
        "a: lock 5 bytes at 3: Bad file descriptor");
  CHECK_STATUS(absl::StatusCode::kInternal, lock.Unlock(999'999, 0, 0, "a"));
}

}  // namespace
}  // namespace tidemark
