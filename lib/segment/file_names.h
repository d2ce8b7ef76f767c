#ifndef TIDEMARK_LIB_SEGMENT_FILE_NAMES_H_
#define TIDEMARK_LIB_SEGMENT_FILE_NAMES_H_

#include <optional>
#include <string>
#include <string_view>

#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// "00000000000000000042.log": 20 digits, so that names sort as offsets do.
std::string SegmentFileName(Offset base_offset);

// The base offset in a name that SegmentFileName could have made, else nothing.
std::optional<Offset> ParseSegmentFileName(std::string_view name);

// `directory`/`name`, or `name` when the directory is "".
std::string JoinPath(std::string_view directory, std::string_view name);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_FILE_NAMES_H_
