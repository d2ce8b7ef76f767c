#include "io/memory_file.h"

#include <memory>
#include <string>

#include "io/world.h"
#include "tidemark/error.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark {
namespace {

using test::MustCreate;
using test::MustOpenStore;
using test::MustWrite;
using test::TextOf;

constexpr auto kProcessEnded = absl::StatusCode::kFailedPrecondition;

TEST_CASE("Nothing that was open before works after a loss of power", "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  const auto file = MustCreate(*directory, "a");
  REQUIRE_OK(directory->SyncFileSystem());
  env.DropUnsynced();
  CHECK_STATUS(kProcessEnded, file->WriteAt(0, AsBytes("x")));
  CHECK_STATUS(kProcessEnded, file->Sync());
  CHECK_STATUS(kProcessEnded, file->Stat());
  CHECK_STATUS(kProcessEnded, directory->CreateFile("b"));
  CHECK_STATUS(kProcessEnded, directory->RemoveFile("a"));
  CHECK_STATUS(kProcessEnded, directory->List(""));
  CHECK_STATUS(kProcessEnded, directory->Sync(""));
  CHECK_STATUS(kProcessEnded, directory->SyncFileSystem());
  CHECK(TextOf(*MustOpenStore(env), "a").empty());
}

TEST_CASE("A full disk refuses writes until its capacity grows", "[io]") {
  MemoryEnv env;
  env.SetCapacity(8'192);
  const auto directory = MustOpenStore(env);
  const auto file = MustCreate(*directory, "a");
  CHECK(IsDiskFull(file->WriteAt(0, AsBytes(std::string(10'000, 'x')))));
  CHECK(IsDiskFull(file->Allocate(0, 10'000)));
  CHECK(*directory->FreeBytes() == 0);
  env.SetCapacity(65'536);
  CHECK_OK(file->Allocate(0, 10'000));
  env.SetCapacity(4'096);
  CHECK(*directory->FreeBytes() == 0);
}

TEST_CASE("Open files outlive their Env", "[io]") {
  auto env = std::make_unique<MemoryEnv>();
  const auto file = MustCreate(*MustOpenStore(*env), "a");
  env.reset();
  CHECK_OK(file->WriteAt(0, AsBytes("tide")));
  CHECK_OK(file->Close());
}

TEST_CASE("Sync of a file leaves other files and its entry unsynced", "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  const auto first = MustCreate(*directory, "a");
  const auto second = MustCreate(*directory, "b");
  REQUIRE_OK(directory->Sync(""));
  MustWrite(*first, 0, "tide");
  MustWrite(*second, 0, "mark");
  REQUIRE_OK(first->Sync());
  env.DropUnsynced();
  CHECK(TextOf(*MustOpenStore(env), "a") == "tide");
  CHECK(TextOf(*MustOpenStore(env), "b").empty());
}

TEST_CASE("An allocation that was not synced is lost with the power", "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  const auto file = MustCreate(*directory, "a");
  REQUIRE_OK(directory->Sync(""));
  REQUIRE_OK(file->Allocate(0, 65'536));
  CHECK(MustOpenStore(*env.CopyDurable())->Stat("a")->size == 0);
  REQUIRE_OK(file->Sync());
  CHECK(MustOpenStore(*env.CopyDurable())->Stat("a")->size == 65'536);
}

}  // namespace
}  // namespace tidemark
