#ifndef TIDEMARK_TESTS_CRASH_DISK_IMAGE_H_
#define TIDEMARK_TESTS_CRASH_DISK_IMAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tidemark/testing/memory_env.h"

namespace tidemark::test {

inline constexpr size_t kSectorSize = 512;

// What one sector holds. Never changed once made, and shared by images.
struct Sector {
  std::array<std::byte, kSectorSize> bytes = {};
  uint64_t hash = 0;  // of the bytes; see MakeSector
  bool is_zero = false;
};
using SectorRef = std::shared_ptr<const Sector>;
SectorRef MakeSector(const std::array<std::byte, kSectorSize>& bytes);

// The content of one file. Sectors that were never written are not there and
// read as zeros.
//
// Keeps a hash of its content up to date, so that images are compared without
// being read.
class FileImage {
 public:
  uint64_t size() const { return size_; }
  uint64_t hash() const;

  // Null: never written.
  SectorRef Find(uint64_t number) const;
  void Put(uint64_t number, SectorRef sector);
  // Cuts, zeroing the rest of the last sector, or extends by zeros.
  void Resize(uint64_t size);
  // Forgets what lies behind the size, where a Put may have put it.
  void Clip();

  std::span<const std::pair<uint64_t, SectorRef>> sectors() const {
    return sectors_;
  }

 private:
  size_t PlaceOf(uint64_t number) const;

  uint64_t size_ = 0;
  uint64_t content_hash_ = 0;
  std::vector<std::pair<uint64_t, SectorRef>> sectors_;  // ascending
};

// A number for a file or directory; that of the inode where it was recorded.
using NodeId = uint64_t;

// A tree of files and directories as it may be on a disk. Files are shared by
// copies until one writes to them.
class DiskImage {
 public:
  using Entries = std::map<std::string, NodeId>;

  explicit DiskImage(NodeId root = 0) : root_(root) { directories_[root]; }

  void AddFile(NodeId node) { files_.emplace(node, nullptr); }
  void AddDirectory(NodeId node) { directories_.try_emplace(node); }
  bool IsDirectory(NodeId node) const { return directories_.count(node) > 0; }

  // The file to read; an empty one if nothing was written to it.
  const FileImage& file(NodeId node) const;
  FileImage& MutableFile(NodeId node);
  Entries& entries(NodeId directory) { return directories_[directory]; }

  // Of what can be reached from the root by names.
  uint64_t hash() const { return HashOf(root_, {}); }

  // The same without the files of these names.
  uint64_t HashWithout(const std::set<std::string>& names) const {
    return HashOf(root_, names);
  }

  // Takes over from `other`, which holds the same tree under other numbers,
  // which of the zeros were written.
  void AdoptZeros(const DiskImage& other) {
    AdoptZeros(root_, other, other.root_);
  }

  // Makes a machine that holds this tree.
  std::unique_ptr<MemoryEnv> MakeMachine() const;

 private:
  void AdoptZeros(NodeId node, const DiskImage& other, NodeId other_node);
  uint64_t HashOf(NodeId node, const std::set<std::string>& without) const;
  void Fill(Directory& directory, const std::string& path, NodeId node) const;

  NodeId root_;
  std::map<NodeId, std::shared_ptr<FileImage>> files_;
  std::map<NodeId, Entries> directories_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_DISK_IMAGE_H_
