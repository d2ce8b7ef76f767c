#include "io/memory_node.h"

#include <cerrno>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "support/catch.h"

namespace tidemark {
namespace {

using Node = std::shared_ptr<MemoryNode>;

// A tree of nodes on one file system.
class NodeTree {
 public:
  NodeTree() : root(NewNode(FileType::kDirectory)) {}

  Node NewNode(FileType type) {
    return std::make_shared<MemoryNode>(type, ++inode_, space_, 1);
  }
  Node Add(const Node& parent, const std::string& name, FileType type) {
    return parent->entries.emplace(name, NewNode(type)).first->second;
  }
  Node Find(std::string_view name) { return LookUpName(root, name).node; }
  int Rename(std::string_view from, std::string_view to) {
    return RenameEntry(LookUpName(root, from), LookUpName(root, to), true);
  }

 private:
  uint64_t inode_ = 0;
  std::shared_ptr<MemorySpace> space_ = std::make_shared<MemorySpace>();

 public:
  Node root;
};

MemoryLock LockOf(const int& holder, const MemoryLife& life, uint64_t start,
                  uint64_t end) {
  return {&holder, life, start, end};
}

TEST_CASE("A walk tells what is missing and what is no directory", "[io]") {
  NodeTree tree;
  tree.Add(tree.root, "file", FileType::kRegular);
  CHECK(LookUpName(tree.root, "").node == tree.root);
  CHECK(LookUpName(tree.root, "none").error == 0);
  CHECK(LookUpName(tree.root, "none").node == nullptr);
  CHECK(LookUpName(tree.root, "none/x").error == ENOENT);
  CHECK(LookUpName(tree.root, "file/x").error == ENOTDIR);
}

TEST_CASE("Entries that were not synced are dropped with their files", "[io]") {
  NodeTree tree;
  const Node kept = tree.Add(tree.root, "kept", FileType::kRegular);
  tree.root->SyncEntries();
  const Node lost = tree.Add(tree.root, "lost", FileType::kRegular);
  lost->content().Write(0, AsBytes("synced"));
  lost->content().Sync();
  DropUnsynced(tree.root);
  CHECK(tree.Find("kept") == kept);
  CHECK(kept->is_linked);
  CHECK(tree.Find("lost") == nullptr);
  CHECK_FALSE(lost->is_linked);
}

TEST_CASE("A removal that was not synced is undone", "[io]") {
  NodeTree tree;
  const Node file = tree.Add(tree.root, "file", FileType::kRegular);
  tree.root->SyncEntries();
  file->is_linked = false;
  tree.root->entries.clear();
  DropUnsynced(tree.root);
  CHECK(tree.Find("file") == file);
  CHECK(file->is_linked);
}

TEST_CASE("An unsynced rename is undone within a directory", "[io]") {
  NodeTree tree;
  const Node file = tree.Add(tree.root, "a", FileType::kRegular);
  tree.root->SyncEntries();
  REQUIRE(tree.Rename("a", "b") == 0);
  DropUnsynced(tree.root);
  CHECK(tree.Find("a") == file);
  CHECK(tree.Find("b") == nullptr);
}

TEST_CASE("A rename between directories is durable in both or in none",
          "[io]") {
  NodeTree tree;
  const Node from = tree.Add(tree.root, "from", FileType::kDirectory);
  const Node to = tree.Add(tree.root, "to", FileType::kDirectory);
  const Node file = tree.Add(from, "a", FileType::kRegular);
  tree.root->SyncEntries();
  from->SyncEntries();
  REQUIRE(tree.Rename("from/a", "to/a") == 0);
  SECTION("no directory was synced") {
    DropUnsynced(tree.root);
    CHECK(tree.Find("from/a") == file);
    CHECK(tree.Find("to/a") == nullptr);
  }
  SECTION("the old directory was synced") {
    from->SyncEntries();
    DropUnsynced(tree.root);
    CHECK(tree.Find("from/a") == nullptr);
    CHECK(tree.Find("to/a") == file);
  }
  SECTION("the new directory was synced") {
    to->SyncEntries();
    DropUnsynced(tree.root);
    CHECK(tree.Find("from/a") == nullptr);
    CHECK(tree.Find("to/a") == file);
  }
  CHECK(file->is_linked);
}

TEST_CASE("A copy of a tree has the same inodes and other nodes", "[io]") {
  NodeTree tree;
  const Node directory = tree.Add(tree.root, "d", FileType::kDirectory);
  tree.root->SyncEntries();
  const Node file = tree.Add(directory, "a", FileType::kRegular);
  file->content().Write(0, AsBytes("tide"));
  const Node copy = CopyTree(*tree.root, std::make_shared<MemorySpace>());
  const Node copied = LookUpName(copy, "d/a").node;
  REQUIRE(copied != nullptr);
  CHECK(copied != file);
  CHECK(copied->inode() == file->inode());
  CHECK(copied->Stat().size == 4);
  DropUnsynced(copy);
  CHECK(LookUpName(copy, "d/a").node == nullptr);
  CHECK(tree.Find("d/a") == file);
}

TEST_CASE("Locks of a dead process are free", "[io]") {
  NodeTree tree;
  const auto process = std::make_shared<MemoryProcess>();
  const int first = 0;
  const int second = 0;
  CHECK(tree.root->TryLock(LockOf(first, MemoryLife(process), 0, 10)));
  CHECK_FALSE(tree.root->TryLock(LockOf(second, MemoryLife(process), 9, 11)));
  ++process->deaths;
  CHECK(tree.root->TryLock(LockOf(second, MemoryLife(process), 9, 11)));
}

TEST_CASE("Unlocking cuts a hole into a lock", "[io]") {
  NodeTree tree;
  const MemoryLife life(std::make_shared<MemoryProcess>());
  const int first = 0;
  const int second = 0;
  REQUIRE(tree.root->TryLock(LockOf(first, life, 0, 100)));
  tree.root->Unlock(&first, 40, 60);
  CHECK(tree.root->TryLock(LockOf(second, life, 40, 60)));
  CHECK_FALSE(tree.root->TryLock(LockOf(second, life, 39, 40)));
  CHECK_FALSE(tree.root->TryLock(LockOf(second, life, 60, 61)));
}

}  // namespace
}  // namespace tidemark
