#ifndef TIDEMARK_LIB_IO_MEMORY_NODE_H_
#define TIDEMARK_LIB_IO_MEMORY_NODE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/memory_content.h"
#include "io/memory_process.h"
#include "io/memory_region.h"
#include "tidemark/env.h"

namespace tidemark {
inline namespace v0 {

// A lock on [start, end) of a file, held through one open File.
struct MemoryLock {
  const void* holder;
  MemoryLife life;  // the lock is free when it is over
  uint64_t start;
  uint64_t end;
};

// A file or directory in memory.
//
// A directory has its entries twice, as they are and as a loss of power would
// leave them. Trees have no cycles and every node has one name at most in the
// current state.
//
// Guarded by the mutex of the machine as a whole. Entries own their nodes; an
// open File shares its node, so that it outlives its name.
class MemoryNode {
 public:
  using Entries =
      std::map<std::string, std::shared_ptr<MemoryNode>, std::less<>>;

  MemoryNode(FileType type, uint64_t inode, std::shared_ptr<MemorySpace> space,
             uint64_t device);

  FileStat Stat() const;

  // Any type -------------------------------------------------------------

  FileType type() const { return type_; }
  uint64_t inode() const { return inode_; }
  uint64_t device() const { return device_; }
  const std::shared_ptr<MemorySpace>& space() const { return space_; }
  bool is_linked = true;  // false once the name is gone

  // Regular files: one of the two holds the bytes --------------------------

  MemoryContent& content() { return content_; }
  const MemoryContent& content() const { return content_; }
  std::shared_ptr<MemoryRegion> region;    // null unless mapped
  std::optional<MemoryLife> region_owner;  // who maps the region to write

  // Takes a lock; false if another live holder has a part of the range.
  bool TryLock(const MemoryLock& lock);
  // Cuts [start, end) out of what `holder` has.
  void Unlock(const void* holder, uint64_t start, uint64_t end);

  // Directories ------------------------------------------------------------

  Entries entries;
  Entries durable_entries;
  // Directories with which this one exchanged entries since the last sync; a
  // rename becomes durable in both or in none.
  std::vector<std::weak_ptr<MemoryNode>> rename_partners;

  // Makes the entries durable.
  void SyncEntries();

 private:
  const FileType type_;
  const uint64_t inode_;
  const uint64_t device_;
  const std::shared_ptr<MemorySpace> space_;
  MemoryContent content_;
  std::vector<MemoryLock> locks_;
};

// Calls `visit` for `root` and everything below it in the current state.
void VisitNodes(const std::shared_ptr<MemoryNode>& root,
                const std::function<void(MemoryNode&)>& visit);

// Turns a tree into what a loss of power leaves of it.
void DropUnsynced(const std::shared_ptr<MemoryNode>& root);

// A tree of its own in both states, with the same inode numbers and no locks.
// `space` is that of the copy.
std::shared_ptr<MemoryNode> CopyTree(MemoryNode& root,
                                     const std::shared_ptr<MemorySpace>& space);

// What a walk from a directory along a name found.
struct MemoryLookup {
  int error = 0;                       // ENOENT or ENOTDIR on the way
  std::shared_ptr<MemoryNode> parent;  // null for the root
  std::string leaf;
  std::shared_ptr<MemoryNode> node;  // null: the parent has no such entry
};

// Walks along a name that keeps the rules, or "".
MemoryLookup LookUpName(const std::shared_ptr<MemoryNode>& root,
                        std::string_view name);

// Moves an entry as renameat2 does; returns 0 or an error number.
int RenameEntry(const MemoryLookup& from, const MemoryLookup& to,
                bool is_replacing);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_MEMORY_NODE_H_
