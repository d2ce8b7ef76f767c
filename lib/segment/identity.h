#ifndef TIDEMARK_LIB_SEGMENT_IDENTITY_H_
#define TIDEMARK_LIB_SEGMENT_IDENTITY_H_

#include <array>
#include <compare>
#include <cstddef>
#include <string>

#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// 128 random bits that name a store, a topic or a segment for ever.
struct Id128 {
  std::array<std::byte, 16> bytes = {};

  bool is_zero() const { return *this == Id128{}; }

  friend auto operator<=>(const Id128&, const Id128&) = default;
};

// The id as 32 lower-case hexadecimal digits.
std::string ToHex(const Id128& id);

// Where a segment belongs. A file that says something else about itself is
// foreign, whatever its name.
struct SegmentIdentity {
  Id128 store_id;
  Id128 topic_id;
  PartitionNumber partition = 0;

  friend bool operator==(const SegmentIdentity&,
                         const SegmentIdentity&) = default;
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_IDENTITY_H_
