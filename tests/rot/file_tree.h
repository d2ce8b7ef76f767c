#ifndef TIDEMARK_TESTS_ROT_FILE_TREE_H_
#define TIDEMARK_TESTS_ROT_FILE_TREE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tidemark/env.h"

namespace tidemark::test {

// Where every store of these tests lies.
inline constexpr char kRotPath[] = "/store";

// The bytes of every file by its path within the store.
using FileTree = std::map<std::string, std::string>;

FileTree ReadTree(Env& env);

// Nothing if there is no such file.
std::optional<std::string> ReadFile(Directory& root, const std::string& path);

// Bytes [from, to) of a file.
struct BytePlace {
  std::string path;
  uint64_t from = 0;
  uint64_t to = 0;
};

// Where `after` differs from `before`, apart from bytes that it lacks or has
// more: those are one place, up to the longer end. Differences that lie close
// together are one place, too.
std::vector<BytePlace> Differences(const std::string& path,
                                   const std::string& before,
                                   const std::string& after);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_FILE_TREE_H_
