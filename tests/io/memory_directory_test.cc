#include "io/memory_directory.h"

#include <memory>
#include <string>

#include "io/world.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark {
namespace {

using test::MustCreate;
using test::MustOpenStore;
using test::MustWriteFile;
using test::TextOf;

TEST_CASE("A directory needs the sync of its parent to survive", "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  REQUIRE_OK(directory->CreateDirectory("d"));
  MustCreate(*directory, "d/a");
  REQUIRE_OK(directory->Sync("d"));
  CHECK_STATUS(absl::StatusCode::kNotFound,
               MustOpenStore(*env.CopyDurable())->Stat("d"));
  REQUIRE_OK(directory->Sync(""));
  CHECK_OK(MustOpenStore(*env.CopyDurable())->Stat("d/a"));
}

TEST_CASE("The sync of the file system makes everything durable", "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  REQUIRE_OK(directory->CreateDirectory("d"));
  MustWriteFile(*directory, "d/a", "tide");
  REQUIRE_OK(directory->SyncFileSystem());
  env.DropUnsynced();
  CHECK(TextOf(*MustOpenStore(env), "d/a") == "tide");
}

TEST_CASE("An unsynced removal and rename are undone by a loss of power",
          "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  MustWriteFile(*directory, "a", "A");
  MustWriteFile(*directory, "b", "B");
  REQUIRE_OK(directory->SyncFileSystem());
  REQUIRE_OK(directory->RemoveFile("a"));
  REQUIRE_OK(directory->Rename("b", "c", false));
  const auto before = MustOpenStore(*env.CopyDurable());
  CHECK(TextOf(*before, "a") == "A");
  CHECK(TextOf(*before, "b") == "B");
  REQUIRE_OK(directory->Sync(""));
  const auto after = MustOpenStore(*env.CopyDurable());
  CHECK(after->List("")->size() == 1);
  CHECK(TextOf(*after, "c") == "B");
}

TEST_CASE("A replaced file is back after a loss of power", "[io]") {
  MemoryEnv env;
  const auto directory = MustOpenStore(env);
  MustWriteFile(*directory, "TOPIC", "old");
  REQUIRE_OK(directory->SyncFileSystem());
  MustWriteFile(*directory, "TOPIC.tmp", "new");
  REQUIRE_OK(directory->Rename("TOPIC.tmp", "TOPIC", true));
  env.DropUnsynced();
  CHECK(TextOf(*MustOpenStore(env), "TOPIC") == "old");
  CHECK(MustOpenStore(env)->List("")->size() == 1);
}

}  // namespace
}  // namespace tidemark
