#include "crash/disk_image.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/checksum.h"
#include "crash/must.h"
#include "support/dice.h"

namespace tidemark::test {
namespace {

const FileImage& EmptyFile() {
  static const auto* const file = new FileImage;
  return *file;
}

bool IsZero(std::byte b) { return b == std::byte{0}; }

uint64_t HashOfSector(uint64_t number, const Sector& sector) {
  // Zeros look the same whether they were written or not.
  return sector.is_zero ? 0 : Mix(sector.hash + Mix(number));
}

}  // namespace

SectorRef MakeSector(const std::array<std::byte, kSectorSize>& bytes) {
  auto sector = std::make_shared<Sector>();
  sector->bytes = bytes;
  sector->hash = Checksum(ByteSpan(sector->bytes));
  sector->is_zero = std::all_of(bytes.begin(), bytes.end(), IsZero);
  return sector;
}

uint64_t FileImage::hash() const { return Mix(content_hash_ + Mix(size_)); }

size_t FileImage::PlaceOf(uint64_t number) const {
  const auto at = std::lower_bound(
      sectors_.begin(), sectors_.end(), number,
      [](const auto& pair, uint64_t wanted) { return pair.first < wanted; });
  return static_cast<size_t>(at - sectors_.begin());
}

SectorRef FileImage::Find(uint64_t number) const {
  const size_t place = PlaceOf(number);
  const bool is_there =
      place < sectors_.size() && sectors_[place].first == number;
  return is_there ? sectors_[place].second : nullptr;
}

void FileImage::Put(uint64_t number, SectorRef sector) {
  const auto at = sectors_.begin() + static_cast<ptrdiff_t>(PlaceOf(number));
  const bool is_there = at != sectors_.end() && at->first == number;
  if (is_there) content_hash_ ^= HashOfSector(number, *at->second);
  content_hash_ ^= HashOfSector(number, *sector);
  if (is_there) {
    at->second = std::move(sector);
  } else {
    sectors_.emplace(at, number, std::move(sector));
  }
}

void FileImage::Resize(uint64_t size) {
  size_ = size;
  Clip();
}

void FileImage::Clip() {
  const uint64_t whole = size_ / kSectorSize;
  const size_t rest = size_ % kSectorSize;
  while (!sectors_.empty() &&
         sectors_.back().first >= whole + (rest > 0 ? 1 : 0)) {
    content_hash_ ^=
        HashOfSector(sectors_.back().first, *sectors_.back().second);
    sectors_.pop_back();
  }
  if (rest == 0 || sectors_.empty() || sectors_.back().first != whole) return;
  auto bytes = sectors_.back().second->bytes;
  if (std::all_of(bytes.begin() + static_cast<ptrdiff_t>(rest), bytes.end(),
                  IsZero)) {
    return;
  }
  std::fill(bytes.begin() + static_cast<ptrdiff_t>(rest), bytes.end(),
            std::byte{0});
  Put(whole, MakeSector(bytes));
}

const FileImage& DiskImage::file(NodeId node) const {
  const auto found = files_.find(node);
  if (found == files_.end() || found->second == nullptr) return EmptyFile();
  return *found->second;
}

FileImage& DiskImage::MutableFile(NodeId node) {
  std::shared_ptr<FileImage>& file = files_[node];
  if (file == nullptr) {
    file = std::make_shared<FileImage>();
  } else if (file.use_count() > 1) {
    file = std::make_shared<FileImage>(*file);
  }
  return *file;
}

uint64_t DiskImage::HashOf(NodeId node,
                           const std::set<std::string>& without) const {
  const auto directory = directories_.find(node);
  if (directory == directories_.end()) return file(node).hash();
  uint64_t hash = 1;
  for (const auto& [name, child] : directory->second) {
    if (without.count(name) > 0) continue;
    hash = Mix(hash + Checksum(AsBytes(name)));
    hash = Mix(hash + HashOf(child, without));
  }
  return hash;
}

void DiskImage::AdoptZeros(NodeId node, const DiskImage& other,
                           NodeId other_node) {
  for (const auto& [name, child] : directories_.at(node)) {
    const auto& entries = other.directories_.at(other_node);
    const NodeId other_child = entries.at(name);
    if (IsDirectory(child)) {
      AdoptZeros(child, other, other_child);
      continue;
    }
    for (const auto& [number, sector] : other.file(other_child).sectors()) {
      if (sector->is_zero) MutableFile(child).Put(number, sector);
    }
  }
}

void DiskImage::Fill(Directory& directory, const std::string& path,
                     NodeId node) const {
  for (const auto& [name, child] : directories_.at(node)) {
    const std::string child_path = path.empty() ? name : path + "/" + name;
    if (IsDirectory(child)) {
      MustBeOk(directory.CreateDirectory(child_path));
      Fill(directory, child_path, child);
      continue;
    }
    const FileImage& image = file(child);
    const auto made = Must(directory.CreateFile(child_path));
    for (const auto& [number, sector] : image.sectors()) {
      MustBeOk(made->WriteAt(number * kSectorSize, sector->bytes));
    }
    MustBeOk(made->Truncate(image.size()));
  }
}

std::unique_ptr<MemoryEnv> DiskImage::MakeMachine() const {
  // Another seed, so that it is not the machine that it was: the boot id and
  // what is random from here on.
  auto machine = std::make_unique<MemoryEnv>(Mix(hash()));
  const auto directory = Must(machine->OpenDirectory("/", false));
  Fill(*directory, "", root_);
  return machine;
}

}  // namespace tidemark::test
