// What every Env promises about a Directory and about opening one.

#include <string>
#include <thread>
#include <vector>

#include "io/world.h"

namespace tidemark {
namespace {

using test::AnyWorld;
using test::MustCreate;
using test::MustOpen;
using test::MustWriteFile;
using test::TextOf;
using test::World;

constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kExists = absl::StatusCode::kAlreadyExists;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_CASE("A created file is found in its directory", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory("topics"));
  REQUIRE_OK(directory.CreateDirectory("topics/a"));
  MustWriteFile(directory, "topics/a/0.log", "tide");
  CHECK(TextOf(directory, "topics/a/0.log") == "tide");
}

TEST_CASE("Creating what exists fails and leaves it alone", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  MustWriteFile(directory, "a", "tide");
  REQUIRE_OK(directory.CreateDirectory("d"));
  CHECK_STATUS(kExists, directory.CreateFile("a"));
  CHECK_STATUS(kExists, directory.CreateFile("d"));
  CHECK_STATUS(kExists, directory.CreateDirectory("a"));
  CHECK_STATUS(kExists, directory.CreateDirectory("d"));
  CHECK(TextOf(directory, "a") == "tide");
}

TEST_CASE("What does not exist is not found", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  CHECK_STATUS(kNotFound, directory.OpenFile("a", FileAccess::kReadOnly));
  CHECK_STATUS(kNotFound, directory.OpenFile("d/a", FileAccess::kReadOnly));
  CHECK_STATUS(kNotFound, directory.CreateFile("d/a"));
  CHECK_STATUS(kNotFound, directory.CreateDirectory("d/e"));
  CHECK_STATUS(kNotFound, directory.OpenSharedMemory("a"));
  CHECK_STATUS(kNotFound, directory.List("d"));
  CHECK_STATUS(kNotFound, directory.Stat("a"));
  CHECK_STATUS(kNotFound, directory.Stat("d/a"));
  CHECK_STATUS(kNotFound, directory.Rename("a", "b", true));
  CHECK_STATUS(kNotFound, directory.Rename("a", "b", false));
  CHECK_STATUS(kNotFound, directory.RemoveFile("a"));
  CHECK_STATUS(kNotFound, directory.RemoveDirectory("d"));
  CHECK_STATUS(kNotFound, directory.Sync("d"));
}

TEST_CASE("A name through a file fails as no directory", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  MustWriteFile(directory, "a", "");
  CHECK_STATUS(kPrecondition, directory.OpenFile("a/b", FileAccess::kReadOnly));
  CHECK_STATUS(kPrecondition, directory.CreateFile("a/b"));
  CHECK_STATUS(kPrecondition, directory.CreateDirectory("a/b"));
  CHECK_STATUS(kPrecondition, directory.List("a"));
  CHECK_STATUS(kPrecondition, directory.Stat("a/b"));
  CHECK_STATUS(kPrecondition, directory.Sync("a"));
  CHECK_STATUS(kPrecondition, directory.RemoveFile("a/b"));
}

TEST_CASE("A directory is not opened as a file", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory("d"));
  CHECK_STATUS(kPrecondition, directory.OpenFile("d", FileAccess::kReadOnly));
  CHECK_STATUS(kPrecondition, directory.OpenFile("d", FileAccess::kReadWrite));
  CHECK_STATUS(kPrecondition, directory.OpenSharedMemory("d"));
}

TEST_CASE("Names that could lead elsewhere are refused", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  const std::string bad = GENERATE(
      as<std::string>(), "/", "/etc", "..", "../a", "a/../b", ".", "./a", "a/.",
      "a//b", "a/", std::string("a\0b", 3), std::string(256, 'x'));
  MustWriteFile(directory, "good", "");
  CHECK_STATUS(kInvalid, directory.OpenFile(bad, FileAccess::kReadOnly));
  CHECK_STATUS(kInvalid, directory.CreateFile(bad));
  CHECK_STATUS(kInvalid, directory.CreateSharedMemory(bad, {4096}));
  CHECK_STATUS(kInvalid, directory.OpenSharedMemory(bad));
  CHECK_STATUS(kInvalid, directory.CreateDirectory(bad));
  CHECK_STATUS(kInvalid, directory.List(bad));
  CHECK_STATUS(kInvalid, directory.Stat(bad));
  CHECK_STATUS(kInvalid, directory.Rename(bad, "other", true));
  CHECK_STATUS(kInvalid, directory.Rename("good", bad, true));
  CHECK_STATUS(kInvalid, directory.RemoveFile(bad));
  CHECK_STATUS(kInvalid, directory.RemoveDirectory(bad));
  CHECK_STATUS(kInvalid, directory.Sync(bad));
}

TEST_CASE("The root itself cannot be created, renamed or removed", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  CHECK_STATUS(kInvalid, directory.OpenFile("", FileAccess::kReadOnly));
  CHECK_STATUS(kInvalid, directory.CreateFile(""));
  CHECK_STATUS(kInvalid, directory.CreateDirectory(""));
  CHECK_STATUS(kInvalid, directory.Rename("", "a", true));
  CHECK_STATUS(kInvalid, directory.Rename("a", "", true));
  CHECK_STATUS(kInvalid, directory.RemoveFile(""));
  CHECK_STATUS(kInvalid, directory.RemoveDirectory(""));
}

TEST_CASE("A listing is sorted and tells the types", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory("b"));
  for (const char* name : {"c", "a", "A", "b/x"}) MustCreate(directory, name);
  const std::vector<DirectoryEntry> root = {{"A", FileType::kRegular},
                                            {"a", FileType::kRegular},
                                            {"b", FileType::kDirectory},
                                            {"c", FileType::kRegular}};
  CHECK(*directory.List("") == root);
  const std::vector<DirectoryEntry> below = {{"x", FileType::kRegular}};
  CHECK(*directory.List("b") == below);
}

TEST_CASE("A directory can be listed twice", "[io]") {
  World world(AnyWorld());
  MustCreate(world.directory(), "a");
  CHECK(world.directory().List("")->size() == 1);
  CHECK(world.directory().List("")->size() == 1);
}

TEST_CASE("The stat of the root tells its identity", "[io]") {
  World world(AnyWorld());
  REQUIRE_OK_AND_ASSIGN(const FileStat root, world.directory().Stat(""));
  CHECK(root.type == FileType::kDirectory);
  CHECK(root.link_count >= 1);
  REQUIRE_OK_AND_ASSIGN(const auto again,
                        world.env().OpenDirectory(world.path(), false));
  CHECK(again->Stat("")->inode == root.inode);
  CHECK(again->Stat("")->device == root.device);
}

TEST_CASE("A new directory has mode 0700", "[io]") {
  World world(AnyWorld());
  REQUIRE_OK(world.directory().CreateDirectory("d"));
  REQUIRE_OK_AND_ASSIGN(const FileStat stat, world.directory().Stat("d"));
  CHECK(stat.type == FileType::kDirectory);
  CHECK((stat.mode & 0777) == 0700);
}

TEST_CASE("A rename without replacing stops at a taken name", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  MustWriteFile(directory, "a", "A");
  MustWriteFile(directory, "b", "B");
  CHECK_STATUS(kExists, directory.Rename("a", "b", false));
  CHECK(TextOf(directory, "b") == "B");
  REQUIRE_OK(directory.Rename("a", "c", false));
  CHECK(TextOf(directory, "c") == "A");
  CHECK_STATUS(kNotFound, directory.Stat("a"));
}

TEST_CASE("A replacing rename puts one file in place of another", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  MustWriteFile(directory, "a", "A");
  MustWriteFile(directory, "b", "B");
  const auto replaced = MustOpen(directory, "b");
  REQUIRE_OK(directory.Rename("a", "b", true));
  CHECK(TextOf(directory, "b") == "A");
  CHECK(replaced->Stat()->link_count == 0);
  CHECK(directory.List("")->size() == 1);
}

TEST_CASE("A directory is renamed with all it holds", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory(".new-1"));
  MustWriteFile(directory, ".new-1/TOPIC", "t");
  REQUIRE_OK(directory.Rename(".new-1", "orders", false));
  CHECK(TextOf(directory, "orders/TOPIC") == "t");
}

TEST_CASE("A rename moves a file to another directory", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory("d"));
  MustWriteFile(directory, "a", "A");
  REQUIRE_OK(directory.Rename("a", "d/b", false));
  CHECK(TextOf(directory, "d/b") == "A");
}

TEST_CASE("Files and directories do not replace each other", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  MustWriteFile(directory, "a", "A");
  REQUIRE_OK(directory.CreateDirectory("d"));
  REQUIRE_OK(directory.CreateDirectory("full"));
  MustCreate(directory, "full/x");
  CHECK_STATUS(kPrecondition, directory.Rename("a", "d", true));
  CHECK_STATUS(kPrecondition, directory.Rename("d", "a", true));
  CHECK_STATUS(kPrecondition, directory.Rename("d", "full", true));
  CHECK_OK(directory.Rename("full", "d", true));
  CHECK_OK(directory.Stat("d/x"));
}

TEST_CASE("A directory is not renamed into itself", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  REQUIRE_OK(directory.CreateDirectory("d"));
  const auto code = absl::StatusCode::kInternal;
  CHECK_STATUS(code, directory.Rename("d", "d/e", false));
  CHECK_STATUS(code, directory.Rename("d", "d/e", true));
}

TEST_CASE("Files and directories are removed each by their own call", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  MustCreate(directory, "a");
  REQUIRE_OK(directory.CreateDirectory("d"));
  MustCreate(directory, "d/x");
  CHECK_STATUS(kPrecondition, directory.RemoveFile("d"));
  CHECK_STATUS(kPrecondition, directory.RemoveDirectory("a"));
  CHECK_STATUS(kPrecondition, directory.RemoveDirectory("d"));
  REQUIRE_OK(directory.RemoveFile("d/x"));
  REQUIRE_OK(directory.RemoveDirectory("d"));
  REQUIRE_OK(directory.RemoveFile("a"));
  CHECK(directory.List("")->empty());
}

TEST_CASE("A removed directory takes no new entry", "[io]") {
  World world(AnyWorld());
  REQUIRE_OK(world.directory().CreateDirectory("d"));
  REQUIRE_OK_AND_ASSIGN(const auto below,
                        world.env().OpenDirectory(world.path() + "/d", false));
  REQUIRE_OK(world.directory().RemoveDirectory("d"));
  CHECK_STATUS(kNotFound, below->CreateFile("a"));
  CHECK(below->Stat("")->link_count == 0);
}

TEST_CASE("Directories and the whole file system can be synced", "[io]") {
  World world(AnyWorld());
  REQUIRE_OK(world.directory().CreateDirectory("d"));
  CHECK_OK(world.directory().Sync("d"));
  CHECK_OK(world.directory().Sync(""));
  CHECK_OK(world.directory().SyncFileSystem());
}

TEST_CASE("A file system tells how many bytes are free", "[io]") {
  World world(AnyWorld());
  REQUIRE_OK_AND_ASSIGN(const uint64_t free, world.directory().FreeBytes());
  CHECK(free > 0);
}

TEST_CASE("Only the shared memory directory is in memory", "[io]") {
  World world(AnyWorld());
  CHECK_FALSE(world.directory().is_in_memory());
  CHECK(world.shared().is_in_memory());
}

TEST_CASE("A directory keeps its path for messages", "[io]") {
  World world(AnyWorld());
  CHECK(world.directory().path() == world.path());
  const absl::Status status =
      world.directory().OpenFile("d/a", FileAccess::kReadOnly).status();
  CHECK(std::string(status.message()) ==
        world.path() + "/d/a: open: No such file or directory");
}

TEST_CASE("Opening a directory creates one level if asked", "[io]") {
  World world(AnyWorld());
  const std::string path = world.path() + "/new";
  CHECK_STATUS(kNotFound, world.env().OpenDirectory(path, false));
  CHECK_STATUS(kNotFound, world.env().OpenDirectory(path + "/deep", true));
  CHECK_OK(world.env().OpenDirectory(path, true));
  CHECK_OK(world.env().OpenDirectory(path, true));
  CHECK_OK(world.env().OpenDirectory(path + "/", false));
  CHECK((world.directory().Stat("new")->mode & 0777) == 0700);
}

TEST_CASE("A file or an empty path is not opened as a directory", "[io]") {
  World world(AnyWorld());
  MustCreate(world.directory(), "a");
  const std::string path = world.path() + "/a";
  CHECK_STATUS(kPrecondition, world.env().OpenDirectory(path, false));
  CHECK_STATUS(kPrecondition, world.env().OpenDirectory(path, true));
  CHECK_STATUS(kInvalid, world.env().OpenDirectory("", true));
  CHECK_STATUS(kInvalid, world.env().OpenDirectory(std::string(1, '\0'), true));
}

TEST_CASE("The boot id does not change while the machine runs", "[io]") {
  World world(AnyWorld());
  REQUIRE_OK_AND_ASSIGN(const std::string id, world.env().BootId());
  CHECK(id.size() == 36);
  CHECK(*world.env().BootId() == id);
}

TEST_CASE("Random bytes differ from call to call", "[io]") {
  World world(AnyWorld());
  std::vector<std::byte> first(33);
  std::vector<std::byte> second(33);
  REQUIRE_OK(world.env().FillRandom(first));
  REQUIRE_OK(world.env().FillRandom(second));
  CHECK(first != second);
  CHECK_OK(world.env().FillRandom({}));
}

TEST_CASE("Threads create, list and remove in one directory", "[io]") {
  World world(AnyWorld());
  Directory& directory = world.directory();
  const auto work = [&directory](std::string prefix) {
    for (int i = 0; i < 20; ++i) {
      const std::string name = prefix + std::to_string(i);
      if (!directory.CreateFile(name).ok()) return;
      if (!directory.List("").ok()) return;
      if (i % 2 == 0 && !directory.RemoveFile(name).ok()) return;
    }
  };
  {
    const std::jthread first(work, "a");
    const std::jthread second(work, "b");
  }
  CHECK(directory.List("")->size() == 20);
}

}  // namespace
}  // namespace tidemark
