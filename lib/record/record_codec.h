#ifndef TIDEMARK_LIB_RECORD_RECORD_CODEC_H_
#define TIDEMARK_LIB_RECORD_RECORD_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "record/batch_format.h"
#include "tidemark/record.h"

// One record inside of a batch. docs/format/batch.md has the layout.
namespace tidemark {
inline namespace v0 {

// An upper bound of the bytes that `record` takes. Never overflows: sizes are
// limited by the memory that holds them.
size_t EncodedSizeBound(const Record& record);

// Writes `record` at `to`, which has room for EncodedSizeBound, and returns the
// position behind it. `time` is the record's create time and `previous_time`
// that of the record before it, or the batch's base time, in microseconds.
std::byte* EncodeRecord(const Record& record, int64_t time,
                        int64_t previous_time, std::byte* to);

// What a walk over the records of a batch found.
struct PayloadShape {
  uint32_t record_count = 0;  // without control entries
  uint64_t offset_span = 0;   // with gaps
  int64_t last_time = 0;
};

// Walks all records of `payload` without copying and checks every length.
// Returns false when they do not fill it exactly or break a rule of the format;
// `shape` then holds nothing.
bool MeasurePayload(ByteSpan payload, int64_t base_time, PayloadShape* shape);

// A position within the records of a batch.
struct RecordPosition {
  const std::byte* next = nullptr;  // the next record's first byte
  Offset offset = 0;                // the next record's offset, without its gap
  int64_t time = 0;                 // the time before it
};

// Decodes the records of a payload that MeasurePayload has accepted. Static
// functions only; the views it makes borrow from the payload.
class RecordDecoder {
 public:
  // Moves behind one record or control entry that lies in [next, end). Returns
  // false and leaves `position` alone when the bytes break a rule.
  // `*is_record` says whether it took an offset; `*offset` which one.
  static bool Skip(RecordPosition* position, const std::byte* end,
                   bool* is_record, Offset* offset);

  // Decodes the next record into `view` (key, value, headers, offset and
  // create time) and moves behind it, passing over control entries. The bytes
  // were validated before.
  static void Next(RecordPosition* position, RecordView* view);
};

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_RECORD_CODEC_H_
