#ifndef TIDEMARK_DAMAGE_H_
#define TIDEMARK_DAMAGE_H_

#include <cstdint>
#include <string>

#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// Bytes of a file that fail their checks or are missing, and the offsets
// [from, to) of a partition that cannot be read for it. An empty range: bytes
// are damaged, but no record is lost.
struct DamagedRange {
  Offset from = 0;
  Offset to = 0;
  std::string file;       // as whoever reports it names its files
  uint64_t position = 0;  // the damaged bytes [position, position + size)
  uint64_t size = 0;
  std::string what;  // "header checksum mismatch"

  // A loss of power in the middle of a write leaves this as well, and it costs
  // nothing then: one of two slots, of which the other one holds.
  bool may_be_torn = false;

  friend bool operator==(const DamagedRange&, const DamagedRange&) = default;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_DAMAGE_H_
