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

inline std::filesystem::path CorpusFolder(std::string_view folder) {
  return std::filesystem::path(TIDEMARK_SOURCE_DIR) / "tests/fuzz/corpus" /
         std::string(folder);
}

// Inputs that take the time of thousands of others stand in a folder of their
// own, for a fuzzer would spend its time on them: <target>-<name>.
constexpr std::string_view kHeavyFolder = "heavy";

inline std::vector<std::filesystem::path> CorpusOf(const FuzzTarget& target) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(CorpusFolder(target.name))) {
    paths.push_back(entry.path());
  }
  const std::string prefix = std::string(target.name) + "-";
  for (const auto& entry : fs::directory_iterator(CorpusFolder(kHeavyFolder))) {
    if (entry.path().filename().string().starts_with(prefix)) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

inline std::string ReadInput(const std::filesystem::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

inline void WriteInput(std::string_view folder, const std::string& name,
                       std::string_view bytes) {
  std::filesystem::create_directories(CorpusFolder(folder));
  std::ofstream(CorpusFolder(folder) / name, std::ios::binary) << bytes;
}

inline void WriteSeed(const FuzzTarget& target, const std::string& name,
                      std::string_view bytes) {
  WriteInput(target.name, "seed-" + name, bytes);
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_FUZZ_CORPUS_H_
