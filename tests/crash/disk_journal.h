#ifndef TIDEMARK_TESTS_CRASH_DISK_JOURNAL_H_
#define TIDEMARK_TESTS_CRASH_DISK_JOURNAL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crash/disk_image.h"

namespace tidemark::test {

// A name that a directory gets or, without a node, loses.
struct EntryEdit {
  NodeId directory = 0;
  std::string name;
  std::optional<NodeId> node;
};

// A change that the disk makes as a whole or not at all.
struct Atom {
  enum class Kind : uint8_t { kSector, kSize, kEntries };
  Kind kind = Kind::kSector;
  NodeId node = 0;               // of a sector or a size
  uint64_t number = 0;           // of the sector
  SectorRef sector;              // what it holds afterwards
  uint64_t size = 0;             // the new size
  uint64_t size_before = 0;      // and the one it had
  std::vector<EntryEdit> edits;  // one, or the two of a rename
  // A sync that failed may have dropped it: no later sync brings it back.
  bool is_lost_to_sync = false;

  void ApplyTo(DiskImage& image) const;
};

// What the calls of a program mean for the disk: what is durable for certain,
// and the changes of which any part may be there after a loss of power.
//
// Pessimistic where file systems differ: a sync of a file makes its bytes and
// its size durable, one of a directory its entries, and nothing else is
// ordered, except that both names of a rename change at once.
class DiskJournal {
 public:
  explicit DiskJournal(DiskImage durable) : durable_(std::move(durable)) {}

  void AdoptZeros(const DiskImage& image) { durable_.AdoptZeros(image); }

  void Create(NodeId directory, const std::string& name, NodeId node,
              bool is_directory);
  void Remove(NodeId directory, const std::string& name);
  void Rename(NodeId from_directory, const std::string& from,
              NodeId to_directory, const std::string& to, NodeId node);
  void Write(NodeId node, uint64_t position, std::span<const std::byte> bytes);
  void Resize(NodeId node, uint64_t size);

  void SyncFile(NodeId node);
  void FailSync(NodeId node);
  void SyncDirectory(NodeId directory);
  void SyncAll();

  const DiskImage& durable() const { return durable_; }
  const std::vector<Atom>& pending() const { return pending_; }
  // What the program reads now.
  DiskImage Current() const;

 private:
  template <typename Predicate>
  void Commit(Predicate&& is_committed);
  FileImage& CurrentFile(NodeId node);

  DiskImage durable_;
  std::vector<Atom> pending_;  // in the order of the calls
  std::map<NodeId, FileImage> current_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_CRASH_DISK_JOURNAL_H_
