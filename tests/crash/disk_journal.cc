#include "crash/disk_journal.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tidemark::test {

void Atom::ApplyTo(DiskImage& image) const {
  switch (kind) {
    case Kind::kSector:
      image.MutableFile(node).Put(number, sector);
      return;
    case Kind::kSize:
      image.MutableFile(node).Resize(size);
      return;
    case Kind::kEntries:
      for (const EntryEdit& edit : edits) {
        DiskImage::Entries& entries = image.entries(edit.directory);
        if (edit.node.has_value()) {
          entries.insert_or_assign(edit.name, *edit.node);
        } else {
          entries.erase(edit.name);
        }
      }
      return;
  }
}

FileImage& DiskJournal::CurrentFile(NodeId node) {
  const auto found = current_.find(node);
  if (found != current_.end()) return found->second;
  return current_.emplace(node, durable_.file(node)).first->second;
}

DiskImage DiskJournal::Current() const {
  DiskImage image = durable_;
  for (const Atom& atom : pending_) {
    if (atom.kind == Atom::Kind::kEntries) atom.ApplyTo(image);
  }
  for (const auto& [node, file] : current_) image.MutableFile(node) = file;
  return image;
}

void DiskJournal::Create(NodeId directory, const std::string& name, NodeId node,
                         bool is_directory) {
  if (is_directory) {
    durable_.AddDirectory(node);
  } else {
    durable_.AddFile(node);
  }
  Atom atom;
  atom.kind = Atom::Kind::kEntries;
  atom.edits = {{directory, name, node}};
  pending_.push_back(std::move(atom));
}

void DiskJournal::Remove(NodeId directory, const std::string& name) {
  Atom atom;
  atom.kind = Atom::Kind::kEntries;
  atom.edits = {{directory, name, std::nullopt}};
  pending_.push_back(std::move(atom));
}

void DiskJournal::Rename(NodeId from_directory, const std::string& from,
                         NodeId to_directory, const std::string& to,
                         NodeId node) {
  Atom atom;
  atom.kind = Atom::Kind::kEntries;
  atom.edits = {{from_directory, from, std::nullopt}, {to_directory, to, node}};
  pending_.push_back(std::move(atom));
}

void DiskJournal::Write(NodeId node, uint64_t position,
                        std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const uint64_t end = position + bytes.size();
  if (end > CurrentFile(node).size()) Resize(node, end);
  FileImage& file = CurrentFile(node);
  while (!bytes.empty()) {
    const uint64_t number = position / kSectorSize;
    const size_t at = position % kSectorSize;
    const size_t size = std::min(bytes.size(), kSectorSize - at);
    const SectorRef before = file.Find(number);
    std::array<std::byte, kSectorSize> content = {};
    if (before != nullptr) content = before->bytes;
    std::memcpy(content.data() + at, bytes.data(), size);
    Atom atom;
    atom.node = node;
    atom.number = number;
    atom.sector = MakeSector(content);
    file.Put(number, atom.sector);
    pending_.push_back(std::move(atom));
    position += size;
    bytes = bytes.subspan(size);
  }
}

void DiskJournal::Resize(NodeId node, uint64_t size) {
  FileImage& file = CurrentFile(node);
  if (size == file.size()) return;
  Atom atom;
  atom.kind = Atom::Kind::kSize;
  atom.node = node;
  atom.size = size;
  atom.size_before = file.size();
  file.Resize(size);
  pending_.push_back(std::move(atom));
}

template <typename Predicate>
void DiskJournal::Commit(Predicate&& is_committed) {
  std::vector<Atom> rest;
  for (Atom& atom : pending_) {
    if (!is_committed(atom)) {
      rest.push_back(std::move(atom));
      continue;
    }
    atom.ApplyTo(durable_);
    // Newer bytes of a sector end the doubt about older ones.
    std::erase_if(rest, [&](const Atom& older) {
      return older.is_lost_to_sync && older.kind == Atom::Kind::kSector &&
             atom.kind == Atom::Kind::kSector && older.node == atom.node &&
             older.number == atom.number;
    });
  }
  pending_ = std::move(rest);
}

void DiskJournal::SyncFile(NodeId node) {
  Commit([node](const Atom& atom) {
    return atom.kind != Atom::Kind::kEntries && atom.node == node &&
           !atom.is_lost_to_sync;
  });
}

void DiskJournal::FailSync(NodeId node) {
  for (Atom& atom : pending_) {
    if (atom.kind == Atom::Kind::kSector && atom.node == node) {
      atom.is_lost_to_sync = true;
    }
  }
}

void DiskJournal::SyncDirectory(NodeId directory) {
  Commit([directory](const Atom& atom) {
    return std::any_of(atom.edits.begin(), atom.edits.end(),
                       [directory](const EntryEdit& edit) {
                         return edit.directory == directory;
                       });
  });
}

void DiskJournal::SyncAll() {
  Commit([](const Atom& atom) { return !atom.is_lost_to_sync; });
}

}  // namespace tidemark::test
