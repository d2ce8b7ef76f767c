#include "record/record_codec.h"

#include <string_view>

namespace tidemark {
inline namespace v0 {
namespace {

using namespace batch_format;

std::byte* EncodeText(std::byte* to, std::string_view text) {
  to = EncodeVarint(to, text.size());
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

int64_t AddWrapping(int64_t time, int64_t delta) {
  return static_cast<int64_t>(static_cast<uint64_t>(time) +
                              static_cast<uint64_t>(delta));
}

// What one entry of a payload does to the position behind it.
struct Entry {
  uint32_t offset_gap = 0;
  int64_t time_delta = 0;
  bool is_record = true;
};

// The Skip functions return the position behind what stands at `next`, or null
// when [next, end) does not hold it or it breaks a rule of the format.

// A length and as many bytes.
inline const std::byte* SkipText(const std::byte* next, const std::byte* end) {
  uint64_t size = 0;
  next = DecodeVarint(next, end, &size);
  if (next == nullptr || size > static_cast<size_t>(end - next)) return nullptr;
  return next + size;
}

const std::byte* SkipHeaders(const std::byte* next, const std::byte* end) {
  uint64_t count = 0;
  next = DecodeVarint(next, end, &count);
  if (next == nullptr || count == 0) return nullptr;
  // A wrong count ends with the bytes: each header takes at least two.
  for (; count > 0; --count) {
    next = SkipText(next, end);
    if (next == nullptr) return nullptr;
    uint64_t size = 0;
    next = DecodeVarint(next, end, &size);
    if (next == nullptr) return nullptr;
    if (size == 0) continue;
    if (size - 1 > static_cast<size_t>(end - next)) return nullptr;
    next += size - 1;
  }
  return next;
}

const std::byte* SkipControl(const std::byte* next, const std::byte* end) {
  uint64_t type = 0;
  next = DecodeVarint(next, end, &type);
  return next == nullptr ? nullptr : SkipText(next, end);
}

// Needs at least one byte.
const std::byte* SkipEntry(const std::byte* next, const std::byte* end,
                           Entry* entry) {
  const uint8_t flags = static_cast<uint8_t>(*next++);
  if ((flags & ~kKnownFlags) != 0) return nullptr;
  if ((flags & kControl) != 0) {
    entry->is_record = false;
    return flags == kControl ? SkipControl(next, end) : nullptr;
  }
  if ((flags & kHasTimeDelta) != 0) {
    uint64_t delta = 0;
    next = DecodeVarint(next, end, &delta);
    if (next == nullptr || delta == 0) return nullptr;
    entry->time_delta = ZigZagDecode(delta);
  }
  if ((flags & kHasOffsetGap) != 0) {
    uint64_t gap = 0;
    next = DecodeVarint(next, end, &gap);
    if (next == nullptr || gap == 0 || gap > kOffsetSpanMax) return nullptr;
    entry->offset_gap = static_cast<uint32_t>(gap);
  }
  if ((flags & kHasKey) != 0) {
    next = SkipText(next, end);
    if (next == nullptr) return nullptr;
  }
  if ((flags & kNullValue) == 0) {
    next = SkipText(next, end);
    if (next == nullptr) return nullptr;
  }
  return (flags & kHasHeaders) == 0 ? next : SkipHeaders(next, end);
}

// Decodes a varint that was validated before.
inline uint64_t TakeVarint(const std::byte** next) {
  uint64_t value = static_cast<uint8_t>(*(*next)++);
  if (value < 0x80) return value;
  value &= 0x7f;
  for (int shift = 7;; shift += 7) {
    const uint64_t byte = static_cast<uint8_t>(*(*next)++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

inline std::string_view TakeText(const std::byte** next) {
  const size_t size = static_cast<size_t>(TakeVarint(next));
  const std::string_view text(reinterpret_cast<const char*>(*next), size);
  *next += size;
  return text;
}

}  // namespace

size_t EncodedSizeBoundOfHeaders(std::span<const Header> headers) {
  size_t bound = kVarintSizeMax;
  const auto add = [&bound](size_t size) {
    bound = size > SIZE_MAX - bound ? SIZE_MAX : bound + size;
  };
  for (const Header& header : headers) {
    add(2 * kVarintSizeMax);
    add(header.name.size());
    if (header.value.has_value()) add(header.value->size());
  }
  return bound;
}

std::byte* EncodeFullRecord(const Record& record, int64_t time,
                            int64_t previous_time, std::byte* to) {
  std::byte* const flags_at = to++;
  uint8_t flags = 0;
  if (time != previous_time) {
    flags |= kHasTimeDelta;
    const uint64_t delta =
        static_cast<uint64_t>(time) - static_cast<uint64_t>(previous_time);
    to = EncodeVarint(to, ZigZagEncode(static_cast<int64_t>(delta)));
  }
  if (record.key.has_value()) {
    flags |= kHasKey;
    to = EncodeText(to, *record.key);
  }
  if (record.value.has_value()) {
    to = EncodeText(to, *record.value);
  } else {
    flags |= kNullValue;
  }
  if (!record.headers.empty()) {
    flags |= kHasHeaders;
    to = EncodeVarint(to, record.headers.size());
    for (const Header& header : record.headers) {
      to = EncodeText(to, header.name);
      if (!header.value.has_value()) {
        *to++ = std::byte{0};
        continue;
      }
      const size_t size = header.value->size();
      to = EncodeVarint(to, uint64_t{size} + 1);
      if (size > 0) std::memcpy(to, header.value->data(), size);
      to += size;
    }
  }
  *flags_at = std::byte{flags};
  return to;
}

bool MeasurePayload(ByteSpan payload, int64_t base_time, PayloadShape* shape) {
  const std::byte* next = payload.data();
  const std::byte* const end = next + payload.size();
  uint64_t record_count = 0;
  uint64_t gaps = 0;
  int64_t time = base_time;
  while (next != end) {
    const size_t left = static_cast<size_t>(end - next);
    if (left >= 2 && next[0] == std::byte{0} &&
        static_cast<uint8_t>(next[1]) < 0x80) [[likely]] {
      const size_t size = 2 + static_cast<size_t>(next[1]);
      if (size > left) return false;
      next += size;
      ++record_count;
      continue;
    }
    Entry entry;
    next = SkipEntry(next, end, &entry);
    if (next == nullptr) return false;
    time = AddWrapping(time, entry.time_delta);
    gaps += entry.offset_gap;
    if (gaps > kOffsetSpanMax) return false;
    record_count += entry.is_record ? 1 : 0;
  }
  if (record_count + gaps > kOffsetSpanMax) return false;
  shape->record_count = static_cast<uint32_t>(record_count);
  shape->offset_span = record_count + gaps;
  shape->last_time = time;
  return true;
}

bool RecordDecoder::SkipFull(RecordPosition* position, const std::byte* end,
                             bool* is_record, Offset* offset) {
  if (position->next >= end) return false;
  Entry entry;
  const std::byte* const behind = SkipEntry(position->next, end, &entry);
  if (behind == nullptr) return false;
  if (entry.is_record) {
    // The offset behind the record exists as well.
    if (position->offset > kOffsetMax - 1 - Offset{entry.offset_gap}) {
      return false;
    }
    *offset = position->offset + entry.offset_gap;
    position->offset = *offset + 1;
    position->time = AddWrapping(position->time, entry.time_delta);
  }
  *is_record = entry.is_record;
  position->next = behind;
  return true;
}

void RecordDecoder::NextFull(RecordPosition* position, RecordView* view) {
  const std::byte* next = position->next;
  uint8_t flags = static_cast<uint8_t>(*next++);
  while (flags == kControl) {
    TakeVarint(&next);
    TakeText(&next);
    flags = static_cast<uint8_t>(*next++);
  }
  if ((flags & kHasTimeDelta) != 0) {
    position->time =
        AddWrapping(position->time, ZigZagDecode(TakeVarint(&next)));
  }
  if ((flags & kHasOffsetGap) != 0) {
    position->offset += static_cast<Offset>(TakeVarint(&next));
  }
  view->key_.reset();
  if ((flags & kHasKey) != 0) view->key_ = TakeText(&next);
  view->value_.reset();
  if ((flags & kNullValue) == 0) view->value_ = TakeText(&next);
  view->headers_ = HeadersView();
  if ((flags & kHasHeaders) != 0) {
    view->headers_.count_ = static_cast<size_t>(TakeVarint(&next));
    view->headers_.first_ = next;
    for (size_t left = view->headers_.count_; left > 0; --left) {
      TakeText(&next);
      const uint64_t size = TakeVarint(&next);
      if (size > 0) next += size - 1;
    }
  }
  view->id_.offset = position->offset++;
  view->create_micros_ = position->time;
  position->next = next;
}

void HeadersView::Iterator::Decode() {
  header_.name = TakeText(&next_);
  const uint64_t size = TakeVarint(&next_);
  if (size == 0) {
    header_.value.reset();
    return;
  }
  header_.value.emplace(reinterpret_cast<const char*>(next_),
                        static_cast<size_t>(size - 1));
  next_ += size - 1;
}

}  // namespace v0
}  // namespace tidemark
