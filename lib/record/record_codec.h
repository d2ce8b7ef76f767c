#ifndef TIDEMARK_LIB_RECORD_RECORD_CODEC_H_
#define TIDEMARK_LIB_RECORD_RECORD_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>

#include "base/bytes.h"
#include "base/varint.h"
#include "record/batch_format.h"
#include "tidemark/record.h"

// One record inside of a batch. docs/format/batch.md has the layout.
//
// The functions that run once per record are inline for the common record, one
// with a value and neither key nor headers, and leave the others to a call.
namespace tidemark {
inline namespace v0 {

// An upper bound of the bytes that `record` takes. Saturates at SIZE_MAX.
size_t EncodedSizeBound(const Record& record);

// Writes `record` at `to`, which has room for EncodedSizeBound, and returns the
// position behind it. `time` is the record's create time and `previous_time`
// that of the record before it, or the batch's base time, in microseconds. Any
// two times are allowed.
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

 private:
  static bool SkipFull(RecordPosition* position, const std::byte* end,
                       bool* is_record, Offset* offset);
  static void NextFull(RecordPosition* position, RecordView* view);
};

// Implementation only from here on.

constexpr Offset kOffsetMax = std::numeric_limits<Offset>::max();

// The parts of the functions above that are not inline.
size_t EncodedSizeBoundOfHeaders(std::span<const Header> headers);
std::byte* EncodeFullRecord(const Record& record, int64_t time,
                            int64_t previous_time, std::byte* to);

inline size_t EncodedSizeBound(const Record& record) {
  // Flags, time delta, key length, value length.
  size_t bound = 1 + 3 * kVarintSizeMax;
  if (record.key.has_value()) bound += record.key->size();
  if (record.value.has_value()) bound += record.value->size();
  if (record.headers.empty()) [[likely]] {
    return bound;
  }
  const size_t headers = EncodedSizeBoundOfHeaders(record.headers);
  return headers > SIZE_MAX - bound ? SIZE_MAX : bound + headers;
}

inline std::byte* EncodeRecord(const Record& record, int64_t time,
                               int64_t previous_time, std::byte* to) {
  if (record.key.has_value() || !record.value.has_value() ||
      !record.headers.empty()) {
    return EncodeFullRecord(record, time, previous_time, to);
  }
  if (time == previous_time) [[likely]] {
    *to++ = std::byte{0};
  } else {
    *to++ = std::byte{batch_format::kHasTimeDelta};
    // The difference wraps, so that every time has one.
    const uint64_t delta =
        static_cast<uint64_t>(time) - static_cast<uint64_t>(previous_time);
    to = EncodeVarint(to, ZigZagEncode(static_cast<int64_t>(delta)));
  }
  const size_t size = record.value->size();
  to = EncodeVarint(to, size);
  if (size > 0) std::memcpy(to, record.value->data(), size);
  return to + size;
}

inline bool RecordDecoder::Skip(RecordPosition* position, const std::byte* end,
                                bool* is_record, Offset* offset) {
  const std::byte* const from = position->next;
  const ptrdiff_t left = end - from;
  if (left < 2 || from[0] != std::byte{0} ||
      left - 2 < static_cast<ptrdiff_t>(from[1]) ||
      static_cast<uint8_t>(from[1]) >= 0x80 || position->offset == kOffsetMax) {
    return SkipFull(position, end, is_record, offset);
  }
  *is_record = true;
  *offset = position->offset++;
  position->next = from + 2 + static_cast<size_t>(from[1]);
  return true;
}

inline void RecordDecoder::Next(RecordPosition* position, RecordView* view) {
  const std::byte* const from = position->next;
  if (from[0] != std::byte{0} || static_cast<uint8_t>(from[1]) >= 0x80) {
    NextFull(position, view);
    return;
  }
  const size_t size = static_cast<uint8_t>(from[1]);
  const char* const value = reinterpret_cast<const char*>(from + 2);
  view->key_.reset();
  view->value_.emplace(value, size);
  view->headers_ = HeadersView();
  view->id_.offset = position->offset++;
  view->create_micros_ = position->time;
  position->next = from + 2 + size;
}

}  // namespace v0
}  // namespace tidemark

#endif  // TIDEMARK_LIB_RECORD_RECORD_CODEC_H_
