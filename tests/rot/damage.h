#ifndef TIDEMARK_TESTS_ROT_DAMAGE_H_
#define TIDEMARK_TESTS_ROT_DAMAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rot/file_tree.h"
#include "rot/golden_store.h"

namespace tidemark::test {

enum class DamageKind : uint8_t {
  kBit,       // one bit inverted
  kByte,      // one byte 00 or ff
  kLength,    // a file cut shorter
  kSector,    // 512 bytes zero, from elsewhere, or from before
  kFile,      // missing, another one's, or as it was before
  kName,      // a file under a second name, which is no damage of the first
  kUnopened,  // a directory that has to be there is missing
};
inline constexpr size_t kDamageKinds = 7;

// "bits flipped", "bytes set", ...
const char* DamageName(DamageKind kind);

// What becomes of one file.
struct FileChange {
  std::string path;
  uint64_t position = 0;
  std::string bytes;             // are written at `position`
  std::optional<uint64_t> size;  // is the new size, before the bytes
  bool is_removed = false;
  // A directory that goes, with everything in it.
  bool is_tree = false;
};

struct Damage {
  DamageKind kind = DamageKind::kBit;
  std::string what;  // for a person; nothing where the places say it all
  std::vector<FileChange> changes;
  // What is not as it was, of the files that the store had.
  std::vector<BytePlace> places;
  // The bytes were right once, in their place: no checksum can tell. What a
  // reader finds must be something that was true then.
  bool is_stale = false;

  std::string Describe() const;
  bool Touches(const std::string& path) const;
  // Whether the path of a damaged file begins with this.
  bool TouchesBelow(std::string_view begin) const;
  // Whether any of [from, to) of a file is damaged.
  bool Hits(const std::string& path, uint64_t from, uint64_t to) const;
};

// The damage that leaves `after` where `path` was.
Damage Replacement(const GoldenStore& golden, DamageKind kind, std::string what,
                   const std::string& path, const std::string& after);

// Adds the damage of `other` to `damage`.
void Join(Damage* damage, const Damage& other);

// Does it to the store on a machine.
void Inflict(const Damage& damage, Env& machine);

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_ROT_DAMAGE_H_
