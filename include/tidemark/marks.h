#ifndef TIDEMARK_MARKS_H_
#define TIDEMARK_MARKS_H_

#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The marks of a partition, taken together at one moment:
// start <= durable <= written <= end and stable <= end.
struct Marks {
  Offset start = 0;    // the oldest offset that is kept
  Offset durable = 0;  // everything below is on stable storage
  Offset written = 0;  // everything below was handed to the operating system
  Offset stable = 0;   // everything below is decided
  Offset end = 0;      // the next offset to assign

  friend bool operator==(const Marks&, const Marks&) = default;
};

// Which records a reader may see.
enum class Visibility : uint8_t {
  kAll = 0,      // everything that was appended and is decided
  kDurable = 1,  // only what a loss of power cannot take back
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_MARKS_H_
