#ifndef TIDEMARK_TESTS_TIDY_FIXTURE_H_
#define TIDEMARK_TESTS_TIDY_FIXTURE_H_

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/temp_dir.h"
#include "tidy/source_tree.h"

namespace tidemark::tidy {

struct FixtureFile {
  std::string path;
  std::string text;
};

// A small tree of these files, written to a disk and loaded like a project.
inline SourceTree LoadFixture(const std::vector<FixtureFile>& files) {
  const test::TempDir directory;
  for (const FixtureFile& file : files) {
    const std::filesystem::path path = directory / file.path;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << file.text;
  }
  return SourceTree::Load(directory.path());
}

inline void RequireClean(const Violations& violations) {
  INFO(Report(violations));
  REQUIRE(violations.empty());
}

// The rule found one violation, and its line holds `message`.
inline void RequireOne(const Violations& violations,
                       const std::string& message) {
  INFO(Report(violations));
  REQUIRE(violations.size() == 1);
  REQUIRE_THAT(violations[0], Catch::Matchers::ContainsSubstring(message));
}

}  // namespace tidemark::tidy

#endif  // TIDEMARK_TESTS_TIDY_FIXTURE_H_
