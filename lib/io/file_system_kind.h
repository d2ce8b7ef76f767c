#ifndef TIDEMARK_LIB_IO_FILE_SYSTEM_KIND_H_
#define TIDEMARK_LIB_IO_FILE_SYSTEM_KIND_H_

#include <cstdint>
#include <string_view>

namespace tidemark {
inline namespace v0 {

// What the kind of a file system says about the promises of an Env.
struct FileSystemKind {
  std::string_view name;

  // A sentence about what it does not keep, "" when nothing is known.
  std::string_view warning;

  // The content lives in memory and dies with the machine.
  bool is_in_memory = false;

  // A block that was allocated and written stays where it is, so that a store
  // into a mapping of it never needs space. Known file systems only: a wrong
  // yes ends the host with SIGBUS.
  bool is_rewriting_in_place = false;
};

// `magic` is what statfs(2) calls f_type.
FileSystemKind FileSystemKindOf(uint64_t magic);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_IO_FILE_SYSTEM_KIND_H_
