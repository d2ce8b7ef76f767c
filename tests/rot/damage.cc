#include "rot/damage.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "crash/must.h"

namespace tidemark::test {
namespace {

constexpr size_t kPlacesShown = 4;

void RemoveTree(Directory& root, const std::string& path) {
  for (const DirectoryEntry& entry : Must(root.List(path))) {
    const std::string name = path + "/" + entry.name;
    if (entry.type == FileType::kDirectory) {
      RemoveTree(root, name);
    } else {
      MustBeOk(root.RemoveFile(name));
    }
  }
  MustBeOk(root.RemoveDirectory(path));
}

void MakeParents(Directory& root, const std::string& path) {
  for (size_t at = path.find('/'); at != std::string::npos;
       at = path.find('/', at + 1)) {
    const std::string parent = path.substr(0, at);
    if (!root.Stat(parent).ok()) MustBeOk(root.CreateDirectory(parent));
  }
}

void Make(const FileChange& change, Directory& root) {
  if (change.is_tree) return RemoveTree(root, change.path);
  if (change.is_removed) return MustBeOk(root.RemoveFile(change.path));
  auto file = root.OpenFile(change.path, FileAccess::kReadWrite);
  if (absl::IsNotFound(file.status())) {
    MakeParents(root, change.path);
    file = root.CreateFile(change.path);
  }
  MustBeOk(file.status());
  if (change.size.has_value()) MustBeOk((*file)->Truncate(*change.size));
  if (change.bytes.empty()) return;
  MustBeOk((*file)->WriteAt(change.position, AsBytes(change.bytes)));
}

}  // namespace

const char* DamageName(DamageKind kind) {
  switch (kind) {
    case DamageKind::kBit:
      return "bits flipped";
    case DamageKind::kByte:
      return "bytes set to 00 or ff";
    case DamageKind::kLength:
      return "files cut short";
    case DamageKind::kSector:
      return "sectors zeroed, swapped, doubled or stale";
    case DamageKind::kFile:
      return "files missing, swapped, foreign or stale";
    case DamageKind::kName:
      return "files under a second name";
    case DamageKind::kUnopened:
      return "directories missing";
  }
  return "";
}

std::string Damage::Describe() const {
  std::string text = fmt::format("{} {}", DamageName(kind), what);
  for (size_t i = 0; i < places.size() && i < kPlacesShown; ++i) {
    text += fmt::format(" {} [{}, {})", places[i].path, places[i].from,
                        places[i].to);
  }
  if (kind != DamageKind::kBit && kind != DamageKind::kByte) return text;
  for (const char byte : changes[0].bytes) {
    text += fmt::format(" is {:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

bool Damage::Touches(const std::string& path) const {
  return std::any_of(
      places.begin(), places.end(),
      [&path](const BytePlace& place) { return place.path == path; });
}

bool Damage::TouchesBelow(std::string_view begin) const {
  return std::any_of(places.begin(), places.end(),
                     [begin](const BytePlace& place) {
                       return place.path.starts_with(begin);
                     });
}

bool Damage::Hits(const std::string& path, uint64_t from, uint64_t to) const {
  return std::any_of(places.begin(), places.end(), [&](const BytePlace& place) {
    return place.from < to && from < place.to && place.path == path;
  });
}

Damage Replacement(const GoldenStore& golden, DamageKind kind, std::string what,
                   const std::string& path, const std::string& after) {
  Damage damage;
  damage.kind = kind;
  damage.what = std::move(what);
  damage.changes.push_back(
      {.path = path, .bytes = after, .size = after.size()});
  const auto before = golden.files.find(path);
  if (before != golden.files.end()) {
    damage.places = Differences(path, before->second, after);
  }
  return damage;
}

void Join(Damage* damage, const Damage& other) {
  damage->changes.insert(damage->changes.end(), other.changes.begin(),
                         other.changes.end());
  damage->places.insert(damage->places.end(), other.places.begin(),
                        other.places.end());
}

void Inflict(const Damage& damage, Env& machine) {
  const auto root = Must(machine.OpenDirectory(kRotPath, false));
  for (const FileChange& change : damage.changes) Make(change, *root);
}

}  // namespace tidemark::test
