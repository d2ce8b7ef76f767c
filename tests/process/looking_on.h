#ifndef TIDEMARK_TESTS_PROCESS_LOOKING_ON_H_
#define TIDEMARK_TESTS_PROCESS_LOOKING_ON_H_

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "fmt/core.h"
#include "tidemark/store.h"

// What a process does that has no business in a store but to look.
namespace tidemark::test {

// Every file below a directory with its size and the time of its last change.
inline std::vector<std::string> Listing(const std::string& directory) {
  std::vector<std::string> lines;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(directory)) {
    lines.push_back(
        fmt::format("{} {} {}", entry.path().string(),
                    entry.is_regular_file() ? entry.file_size() : 0,
                    entry.last_write_time().time_since_epoch().count()));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

inline absl::StatusOr<Store> OpenToRead(const std::string& directory) {
  StoreOptions options;
  options.read_only = true;
  return Store::Open(directory, options);
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PROCESS_LOOKING_ON_H_
