#ifndef TIDEMARK_LIB_SEGMENT_SEGMENT_HEADER_H_
#define TIDEMARK_LIB_SEGMENT_SEGMENT_HEADER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "record/batch_header.h"
#include "segment/identity.h"
#include "segment/segment_format.h"
#include "tidemark/env.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// What a segment file says about itself in its first bytes. The secret enters
// the checksum of everything behind the header; nothing prints it.
struct SegmentHeader {
  SegmentIdentity identity;
  Offset base_offset = 0;
  Id128 segment_id;
  SegmentSecret secret = {};
  Incarnation incarnation = 0;  // the open that created the segment
  int64_t create_time = 0;      // microseconds
  uint32_t data_position = segment_format::kDataPosition;

  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

// The bytes from position 0 to the data position: header, copy and zeros.
std::string EncodeSegmentHeader(const SegmentHeader& header);

// Why bytes are not a segment header.
enum class SegmentHeaderFault : uint8_t {
  kNone = 0,
  kCutOff,       // fewer bytes than a header has
  kMagic,        // does not start with the magic number
  kChecksum,     // the checksum differs
  kField,        // the checksum holds, but a field breaks its rule
  kNewerFormat,  // the checksum holds, the version is above ours
};
const char* SegmentHeaderFaultName(SegmentHeaderFault fault);

// Decodes one header at the start of `bytes`. Nothing in `header` is to be
// believed unless kNone is returned.
SegmentHeaderFault DecodeSegmentHeader(ByteSpan bytes, SegmentHeader* header);

// What reading the head of a segment file found.
struct SegmentHead {
  // The fault of the whole head: kNone when one of the two headers is valid.
  SegmentHeaderFault fault = SegmentHeaderFault::kNone;
  // One of the two is not valid, or not like the other; the segment is readable
  // but damaged.
  bool is_one_damaged = false;
  // The file holds nothing but zeros where the headers belong.
  bool is_blank = false;
  uint32_t version = 0;  // of a newer format
  SegmentHeader header;
};

// Reads header and copy. If both are valid and differ, one of them came from
// elsewhere: the first one that `is_expected` is used, else the first. Not OK
// only when reading fails; an EIO is retried once.
absl::StatusOr<SegmentHead> ReadSegmentHead(
    const File& file,
    absl::FunctionRef<bool(const SegmentHeader&)> is_expected);
absl::StatusOr<SegmentHead> ReadSegmentHead(const File& file);

// Unimplemented with kNewerFormat for a head of that fault, which names the
// version of the file at `path` and ours.
absl::Status NewerSegmentFormat(std::string_view path, const SegmentHead& head);

// A header with a fresh id and secret from `env`.
absl::StatusOr<SegmentHeader> NewSegmentHeader(Env& env,
                                               const SegmentIdentity& identity,
                                               Offset base_offset,
                                               Incarnation incarnation,
                                               int64_t create_time);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_SEGMENT_SEGMENT_HEADER_H_
