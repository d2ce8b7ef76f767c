#include "io/fault_directory.h"

#include <cerrno>
#include <string>
#include <vector>

#include "io/world.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

using test::MustWriteFile;

TEST_CASE("Each call of a directory can fail and is logged with its name",
          "[io]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        env.OpenDirectory("/store", true));
  env.ForgetCalls();
  Fault all;
  all.is_persistent = true;
  env.Inject(all);
  CHECK_FALSE(directory->OpenFile("a", FileAccess::kReadOnly).ok());
  CHECK_FALSE(directory->CreateFile("b").ok());
  CHECK_FALSE(directory->CreateSharedMemory("c", {4'096}).ok());
  CHECK_FALSE(directory->OpenSharedMemory("d").ok());
  CHECK_FALSE(directory->CreateDirectory("e").ok());
  CHECK_FALSE(directory->List("f").ok());
  CHECK_FALSE(directory->Stat("g").ok());
  CHECK_FALSE(directory->Rename("h", "new", true).ok());
  CHECK_FALSE(directory->RemoveFile("i").ok());
  CHECK_FALSE(directory->RemoveDirectory("j").ok());
  CHECK_FALSE(directory->Sync("k").ok());
  CHECK_FALSE(directory->SyncFileSystem().ok());
  CHECK_FALSE(directory->FreeBytes().ok());
  std::string names;
  for (const EnvCallRecord& call : env.calls()) names += call.name;
  CHECK(names == "abcdefghijk");
  CHECK(env.calls()[7].new_name == "new");
  CHECK(env.calls()[2].size == 4'096);
  CHECK(env.injected_count() == 13);
  env.ClearFaults();
  CHECK(directory->List("")->empty());
}

TEST_CASE("A rename can be done and reported as failed", "[io]") {
  MemoryEnv memory;
  FaultEnv env(memory);
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        env.OpenDirectory("/store", true));
  MustWriteFile(*directory, "a", "tide");
  Fault fault;
  fault.kind = EnvCall::kRename;
  fault.takes_effect = true;
  env.Inject(fault);
  CHECK(IsIoError(directory->Rename("a", "b", false)));
  CHECK(test::TextOf(*directory, "b") == "tide");
}

TEST_CASE("A directory passes on what cannot fail", "[io]") {
  FaultEnv env(Env::Posix());
  const test::TempDir path;
  REQUIRE_OK_AND_ASSIGN(const auto directory,
                        env.OpenDirectory(path.path(), false));
  CHECK(directory->path() == path.path());
  CHECK_FALSE(directory->is_in_memory());
  CHECK(directory->Warnings().empty());
  CHECK(env.call_count() == 1);
}

}  // namespace
}  // namespace tidemark
