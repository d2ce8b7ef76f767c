#ifndef TIDEMARK_LIB_BASE_SLACK_H_
#define TIDEMARK_LIB_BASE_SLACK_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "tidemark/damage.h"

// Checks of the bytes of a file that carry nothing, which nobody who reads the
// file looks at.
namespace tidemark {
inline namespace v0 {

// Adds what is not zero at [from, to) of a file that begins with `bytes`: one
// range from the first such byte to the last.
void CheckZeros(ByteSpan bytes, uint64_t from, uint64_t to,
                std::string_view file, std::string_view what,
                std::vector<DamagedRange>* damage);

// Adds what a file of `size` bytes has too few or too many.
void CheckSize(uint64_t size, uint64_t expected, std::string_view file,
               std::vector<DamagedRange>* damage);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_BASE_SLACK_H_
