#ifndef TIDEMARK_LIB_PARTITION_ARENA_PLACE_H_
#define TIDEMARK_LIB_PARTITION_ARENA_PLACE_H_

#include <cstdint>
#include <string>

namespace tidemark {
inline namespace v0 {

// Where an arena is. The numbers stand in files.
enum class ArenaKind : uint16_t {
  kNone = 0,
  kSharedMemory = 1,  // a file of a shared-memory directory
  kStoreFile = 2,     // a file of the store's directory
};

// The memory of an owner that the next one may have to look for.
struct ArenaPlace {
  ArenaKind kind = ArenaKind::kNone;
  std::string name;       // of the file, at most 128 bytes
  std::string directory;  // "" is where the system keeps shared memory
  uint64_t boot = 0;      // BootChecksum() when the arena was created

  friend bool operator==(const ArenaPlace&, const ArenaPlace&) = default;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_PARTITION_ARENA_PLACE_H_
