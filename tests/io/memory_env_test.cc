#include "tidemark/testing/memory_env.h"

#include <memory>
#include <string>

#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::MustCreate;
using test::MustOpen;
using test::MustOpenShared;
using test::MustOpenStore;
using test::MustWrite;
using test::MustWriteFile;
using test::TextOf;
using test::WriteArena;

constexpr auto kEnded = absl::StatusCode::kFailedPrecondition;

TEST_CASE("What was synced with its entry survives a loss of power", "[io]") {
  MemoryEnv env;
  {
    const auto directory = MustOpenStore(env);
    const auto file = MustCreate(*directory, "a");
    MustWrite(*file, 0, "durable");
    REQUIRE_OK(file->Sync());
    REQUIRE_OK(directory->Sync(""));
    MustWrite(*file, 7, " and more");
    MustWriteFile(*directory, "b", "new");
  }
  env.DropUnsynced();
  const auto directory = MustOpenStore(env);
  CHECK(directory->List("")->size() == 1);
  CHECK(TextOf(*directory, "a") == "durable");
}

TEST_CASE("A synced file without a synced entry is lost with the power",
          "[io]") {
  MemoryEnv env;
  const auto file = MustCreate(*MustOpenStore(env), "a");
  REQUIRE_OK(file->SyncAll());
  env.DropUnsynced();
  CHECK(MustOpenStore(env)->List("")->empty());
}

TEST_CASE("The death of a process frees its locks and keeps its writes",
          "[io]") {
  MemoryEnv env;
  const auto file = MustCreate(*MustOpenStore(env), "LOCK");
  REQUIRE(*file->TryLock(0, 0));
  MustWrite(*file, 0, "unsynced");
  const auto other = env.StartProcess();
  const auto contender = MustOpen(*MustOpenStore(*other), "LOCK");
  CHECK_FALSE(*contender->TryLock(0, 0));
  env.AbandonLocks();
  CHECK(*contender->TryLock(0, 0));
  CHECK(TextOf(*MustOpenStore(*other), "LOCK") == "unsynced");
  CHECK_STATUS(kEnded, file->WriteAt(0, AsBytes("zombie")));
  CHECK_FALSE(*MustOpen(*MustOpenStore(env), "LOCK")->TryLock(0, 0));
}

TEST_CASE("The death of one process leaves the others alone", "[io]") {
  MemoryEnv env;
  const auto file = MustCreate(*MustOpenStore(env), "LOCK");
  REQUIRE(*file->TryLock(0, 0));
  const auto other = env.StartProcess();
  other->AbandonLocks();
  CHECK_OK(file->WriteAt(0, AsBytes("x")));
  CHECK_FALSE(*MustOpen(*MustOpenStore(*other), "LOCK")->TryLock(0, 0));
}

TEST_CASE("A copy of the current state keeps what was not synced", "[io]") {
  MemoryEnv env;
  MustWriteFile(*MustOpenStore(env), "a", "tide");
  const auto shared = MustOpenShared(env);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        shared->CreateSharedMemory("arena", {65'536}));
  WriteArena(*memory, "arena");
  const auto lock = MustCreate(*MustOpenStore(env), "LOCK");
  REQUIRE(*lock->TryLock(0, 0));

  const auto copy = env.CopyCurrent();
  MustWrite(*MustOpen(*MustOpenStore(env), "a"), 0, "TIDE");
  CHECK(TextOf(*MustOpenStore(*copy), "a") == "tide");
  CHECK(TextOf(*MustOpenShared(*copy), "arena").substr(0, 5) == "arena");
  CHECK(*MustOpen(*MustOpenStore(*copy), "LOCK")->TryLock(0, 0));
  CHECK(*copy->BootId() == *env.BootId());
  CHECK(MustOpenStore(*copy)->Stat("a")->inode ==
        MustOpenStore(env)->Stat("a")->inode);
}

TEST_CASE("A copy of the durable state is another boot and leaves this one",
          "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  const auto file = MustCreate(*directory, "a");
  REQUIRE_OK(directory->Sync(""));
  const auto copy = env.CopyDurable();
  CHECK_OK(file->WriteAt(0, AsBytes("x")));
  CHECK(*copy->BootId() != *env.BootId());
  CHECK(TextOf(*MustOpenStore(*copy), "a").empty());
}

TEST_CASE("Shared memory and the PID namespace can be missing", "[io]") {
  MemoryEnv env;
  CHECK(env.IsInInitialPidNamespace());
  env.SetInInitialPidNamespace(false);
  CHECK_FALSE(env.IsInInitialPidNamespace());
  env.SetSharedMemoryAvailable(false);
  CHECK_STATUS(absl::StatusCode::kNotFound, env.OpenSharedMemoryDirectory(""));
  env.SetSharedMemoryAvailable(true);
  CHECK_OK(env.OpenSharedMemoryDirectory("/dev/shm"));
  CHECK((*env.OpenDirectory("/dev/shm", false))->is_in_memory());
}

TEST_CASE("A host may name another directory for shared memory", "[io]") {
  MemoryEnv env;
  MustOpenStore(env);
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        env.OpenSharedMemoryDirectory("/store"));
  CHECK_FALSE(directory->is_in_memory());
}

TEST_CASE("One directory is found by every spelling of its path", "[io]") {
  MemoryEnv env;
  MustWriteFile(*MustOpenStore(env), "a", "tide");
  for (const char* path : {"store", "/store/", "//store", "./store/."}) {
    REQUIRE_OK_AND_ASSIGN(const auto directory, env.OpenDirectory(path, false));
    CHECK(TextOf(*directory, "a") == "tide");
  }
  CHECK_OK(env.OpenDirectory("/", true));
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               env.OpenDirectory("/store/..", false));
}

}  // namespace
}  // namespace tidemark
