#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "rot/damages.h"

namespace tidemark::test {
namespace {

constexpr size_t kSector = 512;

// "META", "TOPIC", a segment or a cursor file: files of one kind have the same
// things in the same places.
std::string KindOf(const std::string& path) {
  if (path.ends_with(".log")) return ".log";
  if (path.starts_with("cursors/")) return "cursors";
  return path.substr(path.rfind('/') + 1);
}

class SectorMaker {
 public:
  SectorMaker(const GoldenStore& golden, const GoldenStore& other)
      : golden_(golden), other_(other) {}

  std::vector<Damage> Run() {
    for (const auto& [path, bytes] : golden_.files) {
      for (size_t at = 0; at < bytes.size(); at += kSector) {
        Spoil(path, bytes, at);
        for (size_t from = 0; from < bytes.size(); from += kSector) {
          if (from != at) Mix(path, bytes, at, from);
        }
      }
    }
    return std::move(damages_);
  }

 private:
  static std::string Sector(const std::string& bytes, size_t at) {
    return at < bytes.size() ? bytes.substr(at, kSector) : std::string();
  }

  // Adds the damage that leaves `sector` at a position of a file, which keeps
  // its size.
  void Put(const char* what, const std::string& path, const std::string& bytes,
           size_t at, const std::string& sector, bool is_stale = false) {
    Damage damage = Write(path, bytes, at, sector);
    if (damage.places.empty()) return;
    damage.what = what;
    Add(std::move(damage), is_stale);
  }

  void Add(Damage damage, bool is_stale) {
    damage.is_stale = is_stale || WasBefore(damage);
    damages_.push_back(std::move(damage));
  }

  // Whether the file has become, by chance, what it was once.
  bool WasBefore(const Damage& damage) const {
    const std::string& path = damage.changes[0].path;
    std::string bytes = golden_.files.at(path);
    for (const FileChange& change : damage.changes) {
      bytes.replace(change.position, change.bytes.size(), change.bytes);
    }
    return std::any_of(golden_.earlier.begin(), golden_.earlier.end(),
                       [&](const FileTree& earlier) {
                         const auto before = earlier.find(path);
                         return before != earlier.end() &&
                                before->second == bytes;
                       });
  }

  static Damage Write(const std::string& path, const std::string& bytes,
                      size_t at, const std::string& sector) {
    Damage damage;
    damage.kind = DamageKind::kSector;
    std::string written = Sector(bytes, at);
    written.replace(0, std::min(sector.size(), written.size()), sector, 0,
                    std::min(sector.size(), written.size()));
    damage.places = Differences(path, Sector(bytes, at), written);
    for (BytePlace& place : damage.places) {
      place.from += at;
      place.to += at;
    }
    damage.changes.push_back(
        {.path = path, .position = at, .bytes = std::move(written)});
    return damage;
  }

  // What a single sector can become.
  void Spoil(const std::string& path, const std::string& bytes, size_t at) {
    Put("zero", path, bytes, at, std::string(kSector, '\0'));
    for (const FileTree& earlier : golden_.earlier) {
      const auto before = earlier.find(path);
      if (before == earlier.end()) continue;
      Put("stale", path, bytes, at, Sector(before->second, at),
          /*is_stale=*/true);
    }
    for (const auto& [name, others] : golden_.files) {
      if (name == path || KindOf(name) != KindOf(path)) continue;
      Put("of another file", path, bytes, at, Sector(others, at));
    }
    const auto foreign = other_.files.find(path);
    if (foreign == other_.files.end()) return;
    Put("of another store", path, bytes, at, Sector(foreign->second, at));
  }

  // What it can become together with another one of the file.
  void Mix(const std::string& path, const std::string& bytes, size_t at,
           size_t from) {
    Put("doubled", path, bytes, at, Sector(bytes, from));
    if (from < at) return;
    Damage damage = Write(path, bytes, at, Sector(bytes, from));
    if (damage.places.empty()) return;
    damage.what = "swapped";
    Join(&damage, Write(path, bytes, from, Sector(bytes, at)));
    Add(std::move(damage), /*is_stale=*/false);
  }

  const GoldenStore& golden_;
  const GoldenStore& other_;
  std::vector<Damage> damages_;
};

}  // namespace

Damage FlipBit(const GoldenStore& golden, const std::string& path,
               uint64_t bit) {
  Damage damage;
  const uint64_t at = bit / 8;
  const char byte = golden.files.at(path)[at];
  damage.kind = DamageKind::kBit;
  damage.changes.push_back(
      {.path = path,
       .position = at,
       .bytes = std::string(1, static_cast<char>(byte ^ (1 << (bit % 8))))});
  damage.places.push_back({path, at, at + 1});
  return damage;
}

Damage SetByte(const GoldenStore& golden, const std::string& path,
               uint64_t position, char value) {
  Damage damage;
  damage.kind = DamageKind::kByte;
  damage.changes.push_back(
      {.path = path, .position = position, .bytes = std::string(1, value)});
  if (golden.files.at(path)[position] != value) {
    damage.places.push_back({path, position, position + 1});
  }
  return damage;
}

Damage CutFile(const GoldenStore& golden, const std::string& path,
               uint64_t size) {
  Damage damage;
  damage.kind = DamageKind::kLength;
  damage.changes.push_back({.path = path, .size = size});
  damage.places.push_back({path, size, golden.files.at(path).size()});
  return damage;
}

std::vector<Damage> SectorDamages(const GoldenStore& golden,
                                  const GoldenStore& other) {
  return SectorMaker(golden, other).Run();
}

}  // namespace tidemark::test
