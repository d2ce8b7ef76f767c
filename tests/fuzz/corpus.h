#ifndef TIDEMARK_TESTS_FUZZ_CORPUS_H_
#define TIDEMARK_TESTS_FUZZ_CORPUS_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_target.h"

// The files of tests/fuzz/corpus.
namespace tidemark::test {

inline std::filesystem::path CorpusFolder(const FuzzTarget& target) {
  return std::filesystem::path(TIDEMARK_SOURCE_DIR) / "tests/fuzz/corpus" /
         std::string(target.name);
}

// In the order of their names.
inline std::vector<std::filesystem::path> CorpusOf(const FuzzTarget& target) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry :
       std::filesystem::directory_iterator(CorpusFolder(target))) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

inline std::string ReadInput(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

inline void WriteSeed(const FuzzTarget& target, std::string_view name,
                      std::string_view bytes) {
  std::filesystem::create_directories(CorpusFolder(target));
  const auto path = CorpusFolder(target) / ("seed-" + std::string(name));
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_CORPUS_H_
