#include "tidemark/testing/fault_env.h"

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include "base/status_macros.h"
#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::MustCreate;
using test::MustWrite;

// Writes a file and renames it into place, as a store does with TOPIC.
absl::Status ReplaceFile(Env& env, std::string_view text) {
  TIDEMARK_ASSIGN_OR_RETURN(const auto directory,
                            env.OpenDirectory("/store", true));
  TIDEMARK_ASSIGN_OR_RETURN(const auto file,
                            directory->CreateFile("TOPIC.tmp"));
  TIDEMARK_RETURN_IF_ERROR(file->WriteAt(0, AsBytes(text)));
  TIDEMARK_RETURN_IF_ERROR(file->SyncAll());
  TIDEMARK_RETURN_IF_ERROR(file->Close());
  TIDEMARK_RETURN_IF_ERROR(directory->Rename("TOPIC.tmp", "TOPIC", true));
  return directory->Sync("");
}

TEST_CASE("A scenario fails at each of its calls, one after the other",
          "[io]") {
  uint64_t count = 0;
  {
    MemoryEnv memory;
    FaultEnv env(memory);
    REQUIRE_OK(ReplaceFile(env, "tide"));
    count = env.call_count();
    CHECK(env.injected_count() == 0);
  }
  REQUIRE(count == 7);
  for (uint64_t index = 0; index < count; ++index) {
    MemoryEnv memory;
    FaultEnv env(memory);
    env.FailCall(index, EIO);
    CHECK(IsIoError(ReplaceFile(env, "tide")));
    CHECK(env.injected_count() == 1);
    CHECK(env.call_count() == index + 1);
  }
}

TEST_CASE("Power can be cut before any call of a scenario", "[io]") {
  for (uint64_t cut = 0; cut < 7; ++cut) {
    MemoryEnv memory;
    REQUIRE_OK(ReplaceFile(memory, "old"));
    FaultEnv env(memory);
    env.SetObserver([&](const EnvCallRecord& call) {
      if (call.index == cut) memory.DropUnsynced();
    });
    CHECK((ReplaceFile(env, "new").ok()) == (cut == 0));
    REQUIRE_OK_AND_ASSIGN(const auto directory,
                          memory.OpenDirectory("/store", false));
    // Cut before the last sync the old text is there, whole.
    CHECK(test::TextOf(*directory, "TOPIC") == (cut == 0 ? "new" : "old"));
  }
}

TEST_CASE("Each call of the Env can fail", "[io]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  std::array<std::byte, 4> bytes;
  const auto fail = [&](EnvCall kind) { env.FailKind(kind, ENOMEM); };
  const auto reason = ErrorReason::kOutOfMemory;
  fail(EnvCall::kOpenDirectory);
  CHECK(ReasonOf(env.OpenDirectory("/store", true).status()) == reason);
  fail(EnvCall::kOpenSharedMemoryDirectory);
  CHECK(ReasonOf(env.OpenSharedMemoryDirectory("").status()) == reason);
  fail(EnvCall::kBootId);
  CHECK(ReasonOf(env.BootId().status()) == reason);
  fail(EnvCall::kFillRandom);
  CHECK(ReasonOf(env.FillRandom(bytes)) == reason);
  CHECK(env.injected_count() == 4);
  CHECK(env.calls()[0].name == "/store");
  CHECK(env.calls()[3].size == 4);
  CHECK_OK(env.OpenDirectory("/store", true));
}

TEST_CASE("The PID namespace is that of the base", "[io]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CHECK(env.IsInInitialPidNamespace());
  memory.SetInInitialPidNamespace(false);
  CHECK_FALSE(env.IsInInitialPidNamespace());
}

TEST_CASE("What a FaultEnv opened may outlive it", "[io]") {
  MemoryEnv memory;
  auto env = std::make_unique<FaultEnv>(memory);
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        env->OpenDirectory("/store", true));
  const auto file = MustCreate(*directory, "a");
  env.reset();
  CHECK_OK(file->WriteAt(0, AsBytes("tide")));
}

TEST_CASE("Errors of the base are passed on and logged", "[io]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  CHECK_STATUS(absl::StatusCode::kNotFound, env.OpenDirectory("/no/no", true));
  CHECK(env.calls()[0].result == absl::StatusCode::kNotFound);
  CHECK_FALSE(env.calls()[0].is_injected);
}

}  // namespace
}  // namespace tidemark
