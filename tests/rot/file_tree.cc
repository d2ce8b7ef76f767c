#include "rot/file_tree.h"

#include <algorithm>
#include <memory>

#include "crash/must.h"

namespace tidemark::test {
namespace {

// Two differences with fewer equal bytes between them are one.
constexpr size_t kGapMax = 8;

void Collect(Directory& root, const std::string& path, FileTree* tree) {
  for (const DirectoryEntry& entry : Must(root.List(path))) {
    const std::string name =
        path.empty() ? entry.name : path + "/" + entry.name;
    if (entry.type == FileType::kDirectory) {
      Collect(root, name, tree);
    } else {
      (*tree)[name] = ReadFile(root, name).value();
    }
  }
}

}  // namespace

FileTree ReadTree(Env& env) {
  const auto root = Must(env.OpenDirectory(kRotPath, false));
  FileTree tree;
  Collect(*root, "", &tree);
  return tree;
}

std::optional<std::string> ReadFile(Directory& root, const std::string& path) {
  const auto file = root.OpenFile(path, FileAccess::kReadOnly);
  if (absl::IsNotFound(file.status())) return std::nullopt;
  MustBeOk(file.status());
  std::string bytes(Must((*file)->Stat()).size, '\0');
  Must((*file)->ReadAt(
      0, {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()}));
  return bytes;
}

std::vector<BytePlace> Differences(const std::string& path,
                                   const std::string& before,
                                   const std::string& after) {
  std::vector<BytePlace> places;
  const size_t both = std::min(before.size(), after.size());
  for (size_t i = 0; i < both; ++i) {
    if (before[i] == after[i]) continue;
    if (places.empty() || i > places.back().to + kGapMax) {
      places.push_back({path, i, i});
    }
    places.back().to = i + 1;
  }
  if (before.size() != after.size()) {
    places.push_back({path, both, std::max(before.size(), after.size())});
  }
  return places;
}

}  // namespace tidemark::test
