#include "io/memory_shared_memory.h"

#include <algorithm>
#include <memory>
#include <string>

#include "io/world.h"
#include "tidemark/error.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark {
namespace {

using test::MustOpen;
using test::MustOpenShared;
using test::MustOpenStore;
using test::MustWrite;
using test::TextOf;
using test::WriteArena;

constexpr auto kOwnerEnded = absl::StatusCode::kFailedPrecondition;

TEST_CASE("Shared memory survives the death of its owner only", "[io]") {
  MemoryEnv env;
  const auto shared = MustOpenShared(env);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        shared->CreateSharedMemory("arena", {65'536}));
  REQUIRE(*memory->TryLock());
  WriteArena(*memory, "tide");
  env.AbandonLocks();
  {
    const auto file = MustOpen(*MustOpenShared(env), "arena");
    CHECK(*file->TryLock(0, 0));
    CHECK(test::TextAt(*file, 0, 4) == "tide");
  }
  env.DropUnsynced();
  CHECK(MustOpenShared(env)->List("")->empty());
}

TEST_CASE("What is left of a dead owner cannot spoil a take-over", "[io]") {
  MemoryEnv env;
  const auto shared = MustOpenShared(env);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        shared->CreateSharedMemory("arena", {65'536}));
  WriteArena(*memory, "tide");
  env.AbandonLocks();
  std::ranges::fill(memory->mutable_bytes(), std::byte{0xFF});
  CHECK_STATUS(kOwnerEnded, memory->Grow(8'192));
  CHECK_STATUS(kOwnerEnded, memory->TryLock());
  const auto file = MustOpen(*MustOpenShared(env), "arena");
  CHECK(test::TextAt(*file, 0, 4) == "tide");
}

TEST_CASE("Lost shared memory has no name and goes on working", "[io]") {
  MemoryEnv env;
  const auto shared = MustOpenShared(env);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        shared->CreateSharedMemory("arena", {65'536}));
  WriteArena(*memory, "tide");
  env.LoseSharedMemory();
  CHECK(shared->List("")->empty());
  CHECK(memory->Stat()->link_count == 0);
  CHECK(AsText(memory->bytes().first(4)) == "tide");
  CHECK_OK(memory->Grow(8'192));
  CHECK_OK(shared->CreateSharedMemory("arena", {65'536}));
}

TEST_CASE("A file that is mapped on the disk loses its bytes with the power",
          "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        directory->CreateSharedMemory("arena", {65'536}));
  WriteArena(*memory, "tide");
  REQUIRE_OK(directory->Sync(""));
  env.DropUnsynced();
  CHECK(TextOf(*MustOpenStore(env), "arena") == std::string(4'096, '\0'));
}

TEST_CASE("A mapped file is read and written as a file within its size",
          "[io]") {
  MemoryEnv env;
  const auto shared = MustOpenShared(env);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        shared->CreateSharedMemory("arena", {65'536}));
  WriteArena(*memory, "tide");
  const auto file = MustOpen(*shared, "arena");
  MustWrite(*file, 0, "T");
  CHECK(AsText(memory->bytes().first(4)) == "Tide");
  CHECK(*file->NextData(7) == 7);
  constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;
  CHECK_STATUS(kUnimplemented, file->WriteAt(4'096, AsBytes("x")));
  CHECK_STATUS(kUnimplemented, file->Truncate(0));
  CHECK_STATUS(kUnimplemented, file->Allocate(0, 8'192));
}

TEST_CASE("A full shared memory refuses to grow", "[io]") {
  MemoryEnv env;
  env.SetSharedMemoryCapacity(8'192);
  const auto shared = MustOpenShared(env);
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        shared->CreateSharedMemory("arena", {65'536}));
  CHECK(IsDiskFull(memory->Grow(16'384)));
  REQUIRE_OK(memory->Grow(8'192));
  REQUIRE_OK(memory->Release(0, 4'096));
  env.SetSharedMemoryCapacity(4'096);
  CHECK(IsDiskFull(memory->Reserve(0, 4'096)));
}

}  // namespace
}  // namespace tidemark
