#ifndef TIDEMARK_LIB_RECORD_BATCH_HEADER_H_
#define TIDEMARK_LIB_RECORD_BATCH_HEADER_H_

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "record/batch_format.h"
#include "tidemark/types.h"

namespace tidemark {
inline namespace v0 {

// The 128 random bits of a segment that enter every header checksum in it.
using SegmentSecret = std::array<std::byte, 16>;

// The header of a batch, decoded.
struct BatchHeader {
  uint32_t size = 0;          // header, payload and padding, in the file
  uint32_t payload_size = 0;  // as stored, compressed or not
  uint32_t plain_size = 0;    // of the records without compression
  uint64_t payload_checksum = 0;
  Offset base_offset = 0;
  Offset durable_end = 0;   // known durable when the batch was sealed
  int64_t base_time = 0;    // microseconds, of the first record
  int64_t max_time = 0;     // microseconds, the latest create time
  int64_t append_time = 0;  // microseconds, when the batch was opened
  Incarnation incarnation = 0;
  uint32_t offset_span = 0;  // next offset minus base offset
  uint32_t record_count = 0;
  uint32_t attributes = 0;

  Offset next_offset() const { return base_offset + offset_span; }
  bool is_mark() const { return (attributes & batch_format::kMark) != 0; }
  uint32_t codec() const { return attributes & batch_format::kCodecMask; }

  friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

// Why bytes are not a batch header.
enum class HeaderFault : uint8_t {
  kNone = 0,
  kCutOff,    // fewer bytes than a header has
  kMagic,     // does not start with the magic number
  kChecksum,  // the checksum over secret, position and header differs
  kField,     // the checksum holds, but a field breaks its rule
};
const char* HeaderFaultName(HeaderFault fault);

// Writes the header with its checksum into the first kHeaderSize bytes of `to`.
void EncodeBatchHeader(const BatchHeader& header, const SegmentSecret& secret,
                       uint64_t position, std::byte* to);

// Decodes and validates the header at the start of `bytes`, which stand at
// `position` of a file of the segment with `secret`. Nothing in `header` is to
// be believed unless kNone is returned.
HeaderFault DecodeBatchHeader(ByteSpan bytes, const SegmentSecret& secret,
                              uint64_t position, BatchHeader* header);

// True when `payload` has the checksum of the header. `padding`, the bytes
// between the payload and the header's size, must be zero.
bool PayloadIsValid(const BatchHeader& header, ByteSpan payload,
                    ByteSpan padding);

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_BATCH_HEADER_H_
