#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "rot/damages.h"

namespace tidemark::test {
namespace {

bool IsSegment(const std::string& path) { return path.ends_with(".log"); }

bool IsOfOneKind(const std::string& a, const std::string& b) {
  if (IsSegment(a) || IsSegment(b)) return IsSegment(a) && IsSegment(b);
  if (a.starts_with("cursors/")) return b.starts_with("cursors/");
  return a.substr(a.rfind('/') + 1) == b.substr(b.rfind('/') + 1);
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// The files below a directory.
FileTree Below(const FileTree& files, const std::string& directory) {
  FileTree below;
  for (const auto& [path, bytes] : files) {
    if (path.starts_with(directory + "/")) below[path] = bytes;
  }
  return below;
}

class FileMaker {
 public:
  FileMaker(const GoldenStore& golden, const GoldenStore& other)
      : golden_(golden), other_(other) {}

  std::vector<Damage> Run() {
    for (const auto& [path, bytes] : golden_.files) {
      Lose(path);
      Replace(path);
      Swap(path, bytes);
      Copy(path, bytes);
      if (IsSegment(path)) Rename(path, bytes);
    }
    std::set<std::string> directories = {"topics", "cursors"};
    for (const auto& [place, log] : golden_.partitions) {
      directories.insert(log.path);
      SwapPartition(log.path);
      TakePartition(log.path);
    }
    for (const std::string& directory : directories) LoseTree(directory);
    return std::move(damages_);
  }

 private:
  void Add(Damage damage) { damages_.push_back(std::move(damage)); }

  Damage Missing(const std::string& path) const {
    Damage damage;
    damage.kind = DamageKind::kFile;
    damage.what = "missing";
    damage.changes.push_back({.path = path, .is_removed = true});
    const uint64_t size = golden_.files.at(path).size();
    damage.places.push_back({path, 0, std::max<uint64_t>(size, 1)});
    return damage;
  }

  void Lose(const std::string& path) { Add(Missing(path)); }

  void AddReplacement(const char* what, const std::string& path,
                      const std::string& bytes, bool is_stale) {
    Damage damage = Replacement(golden_, DamageKind::kFile, what, path, bytes);
    if (damage.places.empty()) return;
    damage.is_stale = is_stale;
    Add(std::move(damage));
  }

  void Replace(const std::string& path) {
    AddReplacement("empty", path, "", false);
    for (const FileTree& earlier : golden_.earlier) {
      const auto before = earlier.find(path);
      if (before == earlier.end()) continue;
      AddReplacement("as it was before", path, before->second, true);
    }
    for (const auto& [name, bytes] : other_.files) {
      if (!IsOfOneKind(name, path)) continue;
      AddReplacement("of another store", path, bytes, false);
    }
    // And some file that does not belong there at all.
    AddReplacement("STORE", path, golden_.files.at("STORE"), false);
  }

  void Swap(const std::string& path, const std::string& bytes) {
    for (const auto& [name, others] : golden_.files) {
      if (name <= path || !IsOfOneKind(name, path)) continue;
      Damage damage =
          Replacement(golden_, DamageKind::kFile, "swapped", path, others);
      if (damage.places.empty()) continue;
      Join(&damage, Replacement(golden_, DamageKind::kFile, "", name, bytes));
      Add(std::move(damage));
    }
  }

  // Under a name that is free.
  void AddCopy(const std::string& name, const std::string& bytes) {
    if (golden_.files.count(name) > 0) return;
    Add(Replacement(golden_, DamageKind::kName, "a copy as " + name, name,
                    bytes));
  }

  void Copy(const std::string& path, const std::string& bytes) {
    AddCopy(path + ".tmp", bytes);
    AddCopy(path + "2", bytes);
    if (!IsSegment(path)) return;
    const std::string name = path.substr(path.rfind('/'));
    for (const auto& [place, log] : golden_.partitions) {
      AddCopy(log.path + name, bytes);
      if (log.path != DirectoryOf(path)) continue;
      for (const Offset base :
           {Offset{1}, log.end - 1, log.end, log.end + 1, log.end + 1000}) {
        AddCopy(fmt::format("{}/{:020}.log", log.path, base), bytes);
      }
    }
  }

  void Rename(const std::string& path, const std::string& bytes) {
    const Offset base = std::stoll(path.substr(path.rfind('/') + 1));
    for (const Offset other : {base + 1, base + 1'000'000}) {
      Damage damage = Missing(path);
      const std::string name =
          fmt::format("{}/{:020}.log", DirectoryOf(path), other);
      if (golden_.files.count(name) > 0) continue;
      damage.what = "renamed to " + name;
      damage.changes.push_back(
          {.path = name, .bytes = bytes, .size = bytes.size()});
      Add(std::move(damage));
    }
  }

  // `directory` and everything in it becomes `after`, by names within it.
  Damage Exchange(const std::string& directory, const FileTree& after) const {
    Damage damage;
    damage.kind = DamageKind::kFile;
    damage.changes.push_back({.path = directory, .is_tree = true});
    const FileTree before = Below(golden_.files, directory);
    for (const auto& [name, bytes] : after) {
      damage.changes.push_back(
          {.path = directory + name, .bytes = bytes, .size = bytes.size()});
      const auto old = before.find(directory + name);
      if (old == before.end()) continue;
      for (const BytePlace& place :
           Differences(directory + name, old->second, bytes)) {
        damage.places.push_back(place);
      }
    }
    for (const auto& [path, bytes] : before) {
      if (after.count(path.substr(directory.size())) > 0) continue;
      damage.places.push_back({path, 0, bytes.size()});
    }
    return damage;
  }

  static FileTree Within(const FileTree& files, const std::string& directory) {
    FileTree within;
    for (const auto& [path, bytes] : Below(files, directory)) {
      within[path.substr(directory.size())] = bytes;
    }
    return within;
  }

  void SwapPartition(const std::string& path) {
    for (const auto& [place, other] : golden_.partitions) {
      if (other.path <= path) continue;
      Damage damage = Exchange(path, Within(golden_.files, other.path));
      damage.what = "partitions swapped";
      Join(&damage, Exchange(other.path, Within(golden_.files, path)));
      Add(std::move(damage));
    }
  }

  void TakePartition(const std::string& path) {
    for (const auto& [place, other] : other_.partitions) {
      Damage damage = Exchange(path, Within(other_.files, other.path));
      damage.what = "partition of another store";
      Add(std::move(damage));
    }
  }

  void LoseTree(const std::string& directory) {
    Damage damage;
    damage.kind = DamageKind::kUnopened;
    damage.what = directory;
    damage.changes.push_back({.path = directory, .is_tree = true});
    for (const auto& [path, bytes] : Below(golden_.files, directory)) {
      damage.places.push_back({path, 0, bytes.size()});
    }
    Add(std::move(damage));
  }

  const GoldenStore& golden_;
  const GoldenStore& other_;
  std::vector<Damage> damages_;
};

}  // namespace

std::vector<Damage> FileDamages(const GoldenStore& golden,
                                const GoldenStore& other) {
  return FileMaker(golden, other).Run();
}

}  // namespace tidemark::test
