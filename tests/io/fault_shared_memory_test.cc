#include "io/fault_shared_memory.h"

#include <array>
#include <cerrno>

#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

TEST_CASE("Each call of shared memory can fail and is logged", "[io]") {
  MemoryEnv base;
  FaultEnv env(base);
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        env.OpenSharedMemoryDirectory(""));
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        directory->CreateSharedMemory("arena", {65'536}));
  REQUIRE_OK(memory->Grow(8'192));
  env.ForgetCalls();
  Fault all;
  all.error = ENOSPC;
  all.is_persistent = true;
  env.Inject(all);
  std::array<std::byte, 4> bytes;
  CHECK(IsDiskFull(memory->Grow(16'384)));
  CHECK(IsDiskFull(memory->Release(0, 4'096)));
  CHECK(IsDiskFull(memory->Reserve(0, 4'096)));
  CHECK(IsDiskFull(memory->ReadAt(0, bytes).status()));
  CHECK(IsDiskFull(memory->Stat().status()));
  CHECK(IsDiskFull(memory->TryLock().status()));
  CHECK(env.call_count() == 6);
  CHECK(env.calls()[0].position == 16'384);
  CHECK(env.calls()[2].size == 4'096);
  CHECK(memory->bytes().size() == 8'192);
}

TEST_CASE("Access to the bytes is no call", "[io]") {
  MemoryEnv base;
  FaultEnv env(base);
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        env.OpenSharedMemoryDirectory(""));
  REQUIRE_OK_AND_ASSIGN(const auto memory,
                        directory->CreateSharedMemory("arena", {65'536}));
  REQUIRE_OK(memory->Grow(4'096));
  env.ForgetCalls();
  memory->mutable_bytes()[0] = std::byte{7};
  CHECK(memory->bytes()[0] == std::byte{7});
  CHECK(memory->reserved_size() == 65'536);
  CHECK(env.call_count() == 0);
}

}  // namespace
}  // namespace tidemark
