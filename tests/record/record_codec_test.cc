#include "record/record_codec.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "record/batch_fixture.h"
#include "record/batch_format.h"
#include "support/catch.h"
#include "support/seed.h"

namespace tidemark::test {
namespace {

using namespace batch_format;

// A copy on the heap without spare bytes, where AddressSanitizer sees a read
// past the end.
class Exact {
 public:
  explicit Exact(std::string_view text)
      : size_(text.size()), bytes_(new std::byte[text.size()]) {
    std::copy_n(AsBytes(text).data(), size_, bytes_.get());
  }
  ByteSpan span() const { return {bytes_.get(), size_}; }

 private:
  size_t size_;
  std::unique_ptr<std::byte[]> bytes_;
};

bool IsValid(std::string_view payload) {
  PayloadShape shape;
  return MeasurePayload(Exact(payload).span(), 0, &shape);
}

// The payload `text` followed by `varint`.
std::string WithVarint(std::string text, uint64_t varint) {
  ByteWriter(&text).Varint(varint);
  return text;
}

std::string Text(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

BatchHeader HeaderOf(std::string_view payload, Offset base_offset,
                     int64_t base_time) {
  PayloadShape shape;
  REQUIRE(MeasurePayload(AsBytes(payload), base_time, &shape));
  BatchHeader header;
  header.base_offset = base_offset;
  header.base_time = base_time;
  header.offset_span = static_cast<uint32_t>(shape.offset_span);
  header.record_count = shape.record_count;
  return header;
}

TEST_CASE("A short keyless record takes two bytes besides its value",
          "[record]") {
  CHECK(Encoded({.value = "hello"}) == Text({0, 5}) + "hello");
  CHECK(Encoded({.value = std::string(100, 'v')}).size() == 102);
  CHECK(Encoded({.value = std::string(127, 'v')}).size() == 129);
  CHECK(Encoded({.value = std::string(128, 'v')}).size() == 131);
}

TEST_CASE("A time near the previous one takes one more byte", "[record]") {
  std::string payload;
  Encode({.value = std::string(100, 'v')}, 1063, 1000, &payload);
  CHECK(payload.size() == 103);
  CHECK(payload.substr(0, 3) == Text({kHasTimeDelta, 126, 100}));
}

TEST_CASE("Every part of a record has its place", "[record]") {
  const std::vector<Header> headers = {{.name = "n", .value = "v"},
                                       {.name = "", .value = std::nullopt}};
  std::string payload;
  Encode({.key = "key", .headers = headers}, -2, 0, &payload);
  CHECK(payload ==
        Text({kNullValue | kHasKey | kHasHeaders | kHasTimeDelta, 3, 3}) +
            "key" + Text({2, 1}) + "n" + Text({2}) + "v" + Text({0, 0}));
}

TEST_CASE("Null and empty differ", "[record]") {
  CHECK(Encoded({}) == Text({kNullValue}));
  CHECK(Encoded({.value = ""}) == Text({0, 0}));
  CHECK(Encoded({.key = ""}) == Text({kNullValue | kHasKey, 0}));
  const std::vector<Header> empty = {{.name = "", .value = ""}};
  CHECK(Encoded({.headers = empty}) ==
        Text({kNullValue | kHasHeaders, 1, 0, 1}));

  const std::string payload = Encoded({}) + Encoded({.key = "", .value = ""}) +
                              Encoded({.headers = empty});
  const std::vector<OwnedRecord> records =
      Decoded(AsBytes(payload), HeaderOf(payload, 0, 0));
  REQUIRE(records.size() == 3);
  CHECK(records[0].key == std::nullopt);
  CHECK(records[0].value == std::nullopt);
  CHECK(records[1].key == "");
  CHECK(records[1].value == "");
  REQUIRE(records[2].headers.size() == 1);
  CHECK(records[2].headers[0].value == "");
}

TEST_CASE("Random records come back as they were", "[record]") {
  TIDEMARK_TEST_SEED(seed);
  Random random(seed);
  for (int round = 0; round < 200; ++round) {
    const int64_t base_time = static_cast<int64_t>(random());
    const Offset base_offset = static_cast<Offset>(random() >> 2);
    std::vector<OwnedRecord> expected;
    std::string payload;
    std::vector<Header> headers;
    int64_t time = base_time;
    for (size_t left = Below(random, 30); left > 0; --left) {
      OwnedRecord& record = expected.emplace_back(RandomRecord(random, time));
      record.id.offset = base_offset + static_cast<Offset>(expected.size()) - 1;
      record.append_time = absl::FromUnixMicros(0);
      const size_t before = payload.size();
      const Record borrowed = Borrow(record, &headers);
      Encode(borrowed, MicrosOf(record), time, &payload);
      REQUIRE(payload.size() - before <= EncodedSizeBound(borrowed));
      time = MicrosOf(record);
    }
    PayloadShape shape;
    REQUIRE(MeasurePayload(AsBytes(payload), base_time, &shape));
    CHECK(shape.record_count == expected.size());
    CHECK(shape.offset_span == expected.size());
    CHECK(shape.last_time == time);
    REQUIRE(Decoded(AsBytes(payload),
                    HeaderOf(payload, base_offset, base_time)) == expected);
  }
}

TEST_CASE("Any time may follow any other", "[record]") {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const std::vector<int64_t> times = {0, kMax, kMin, -1, kMax, 1, kMin, 0};
  std::string payload;
  int64_t previous = kMin;
  for (const int64_t time : times) {
    Encode({.value = "v"}, time, previous, &payload);
    previous = time;
  }
  const std::vector<OwnedRecord> records =
      Decoded(AsBytes(payload), HeaderOf(payload, 0, kMin));
  REQUIRE(records.size() == times.size());
  for (size_t i = 0; i < times.size(); ++i) {
    CHECK(MicrosOf(records[i]) == times[i]);
  }
}

TEST_CASE("A reader passes over gaps and control entries", "[record]") {
  const std::string control = Text({kControl, 9, 2, 0xff, 0xff});
  const std::string payload = control + Encoded({.value = "a"}) + control +
                              control + WithVarint(Text({kHasOffsetGap}), 300) +
                              Text({1, 'b'}) + control;
  const BatchHeader header = HeaderOf(payload, 7, 0);
  CHECK(header.record_count == 2);
  CHECK(header.offset_span == 302);
  const std::vector<OwnedRecord> records = Decoded(AsBytes(payload), header);
  REQUIRE(records.size() == 2);
  CHECK(records[0].id.offset == 7);
  CHECK(records[1].id.offset == 308);
  CHECK(records[1].value == "b");
}

TEST_CASE("Skipping finds the same records as decoding", "[record]") {
  TIDEMARK_TEST_SEED(seed);
  Random random(seed);
  std::string payload;
  std::vector<Header> headers;
  int64_t time = 0;
  for (int i = 0; i < 300; ++i) {
    if (Below(random, 5) == 0) payload += Text({kControl, 1, 1, 'x'});
    if (Below(random, 5) == 0) {
      payload += Text({kHasOffsetGap | kNullValue, 5});
    }
    const OwnedRecord record = RandomRecord(random, time);
    Encode(Borrow(record, &headers), MicrosOf(record), time, &payload);
    time = MicrosOf(record);
  }
  const ByteSpan bytes = AsBytes(payload);
  RecordPosition skipped{.next = bytes.data(), .offset = 100};
  RecordPosition decoded = skipped;
  const std::byte* const end = bytes.data() + bytes.size();
  while (skipped.next != end) {
    bool is_record = false;
    Offset offset = -1;
    REQUIRE(RecordDecoder::Skip(&skipped, end, &is_record, &offset));
    if (!is_record) continue;
    RecordView view;
    RecordDecoder::Next(&decoded, &view);
    REQUIRE(view.offset() == offset);
    REQUIRE(absl::ToUnixMicros(view.create_time()) == skipped.time);
    REQUIRE(decoded.next == skipped.next);
    REQUIRE(decoded.offset == skipped.offset);
  }
}

TEST_CASE("Skipping what is not whole leaves the position alone", "[record]") {
  const std::vector<Header> headers = {{.name = "name", .value = "value"}};
  for (const std::string& payload :
       {Encoded({.value = "value"}),
        Encoded({.key = "key", .value = "value", .headers = headers}),
        Text({kControl, 1, 2, 'a', 'b'})}) {
    for (size_t size = 0; size < payload.size(); ++size) {
      const Exact part(payload.substr(0, size));
      RecordPosition position{.next = part.span().data(), .offset = 5};
      bool is_record = false;
      Offset offset = 0;
      CHECK_FALSE(RecordDecoder::Skip(&position, part.span().data() + size,
                                      &is_record, &offset));
      CHECK(position.next == part.span().data());
      CHECK(position.offset == 5);
    }
  }
}

TEST_CASE("Skipping refuses a record behind the last offset", "[record]") {
  constexpr Offset kMax = std::numeric_limits<Offset>::max();
  const auto skip = [](std::string_view payload, Offset from) {
    const ByteSpan bytes = AsBytes(payload);
    RecordPosition position{.next = bytes.data(), .offset = from};
    bool is_record = false;
    Offset offset = 0;
    return RecordDecoder::Skip(&position, bytes.data() + bytes.size(),
                               &is_record, &offset);
  };
  const std::string plain = Encoded({.value = ""});
  const std::string gap = Text({kHasOffsetGap, 3, 0});
  CHECK(skip(plain, kMax - 1));
  CHECK_FALSE(skip(plain, kMax));
  CHECK(skip(gap, kMax - 4));
  CHECK_FALSE(skip(gap, kMax - 3));
}

TEST_CASE("A payload may end behind an entry only", "[record]") {
  TIDEMARK_TEST_SEED(seed);
  Random random(seed);
  std::string payload;
  std::vector<size_t> ends = {0};
  std::vector<Header> headers;
  int64_t time = 0;
  for (int i = 0; i < 40; ++i) {
    const OwnedRecord record = RandomRecord(random, time);
    Encode(Borrow(record, &headers), MicrosOf(record), time, &payload);
    time = MicrosOf(record);
    ends.push_back(payload.size());
  }
  payload += Text({kControl, 1, 2, 'a', 'b'});
  ends.push_back(payload.size());
  for (size_t size = 0; size <= payload.size(); ++size) {
    const bool is_end = std::binary_search(ends.begin(), ends.end(), size);
    REQUIRE(IsValid(payload.substr(0, size)) == is_end);
  }
}

TEST_CASE("Entries that break a rule are refused", "[record]") {
  const std::string value = Text({1, 'v'});
  CHECK(IsValid(Text({0}) + value));
  // Flags that are not known, or do not go with a control entry.
  CHECK_FALSE(IsValid(Text({0x40}) + value));
  CHECK_FALSE(IsValid(Text({0x80}) + value));
  CHECK(IsValid(Text({kControl, 1, 0})));
  for (int flag = 1; flag < kControl; flag *= 2) {
    CHECK_FALSE(IsValid(Text({kControl | flag, 1, 0})));
  }
  // Parts that would say nothing.
  CHECK(IsValid(Text({kHasTimeDelta, 1}) + value));
  CHECK_FALSE(IsValid(Text({kHasTimeDelta, 0}) + value));
  CHECK(IsValid(Text({kHasOffsetGap, 1}) + value));
  CHECK_FALSE(IsValid(Text({kHasOffsetGap, 0}) + value));
  CHECK(IsValid(Text({kHasHeaders}) + value + Text({1, 0, 0})));
  CHECK_FALSE(IsValid(Text({kHasHeaders}) + value + Text({0})));
  // Varints that are longer than they have to be.
  CHECK_FALSE(IsValid(Text({0, 0x81, 0x00, 'v'})));
  CHECK_FALSE(IsValid(Text({0, 0x80, 0x00})));
}

TEST_CASE("Lengths and counts past the end are refused", "[record]") {
  for (const uint64_t size :
       {uint64_t{2}, uint64_t{127}, uint64_t{128}, uint64_t{1} << 31,
        uint64_t{1} << 32, uint64_t{1} << 63, UINT64_MAX - 1, UINT64_MAX}) {
    INFO(size);
    CHECK_FALSE(IsValid(WithVarint(Text({0}), size) + "v"));
    CHECK_FALSE(IsValid(WithVarint(Text({kHasKey | kNullValue}), size) + "k"));
    CHECK_FALSE(IsValid(WithVarint(Text({kControl, 1}), size) + "c"));
    const std::string headers = Text({kHasHeaders | kNullValue});
    CHECK_FALSE(IsValid(WithVarint(headers, size) + Text({0, 0})));
    CHECK_FALSE(IsValid(WithVarint(headers + Text({1}), size) + "n"));
    CHECK_FALSE(IsValid(WithVarint(headers + Text({1, 0}), size)));
  }
  const std::string endless(11, '\xff');
  CHECK_FALSE(IsValid(Text({0}) + endless));
  CHECK_FALSE(IsValid(Text({kHasTimeDelta}) + endless));
}

TEST_CASE("Offsets that span too much are refused", "[record]") {
  const auto gap = [](uint64_t size) {
    return WithVarint(Text({kHasOffsetGap | kNullValue}), size);
  };
  CHECK(IsValid(gap(kOffsetSpanMax - 1)));
  CHECK_FALSE(IsValid(gap(kOffsetSpanMax)));
  CHECK_FALSE(IsValid(gap(uint64_t{kOffsetSpanMax} + 1)));
  CHECK_FALSE(IsValid(gap(UINT64_MAX)));
  CHECK(IsValid(gap(kOffsetSpanMax - 2) + Text({kNullValue})));
  CHECK_FALSE(IsValid(gap(kOffsetSpanMax - 1) + Text({kNullValue})));
  CHECK_FALSE(IsValid(gap(kOffsetSpanMax - 1) + gap(1)));
}

TEST_CASE("What is accepted after damage is encoded the only way", "[record]") {
  TIDEMARK_TEST_SEED(seed);
  Random random(seed);
  std::vector<Header> headers;
  for (int round = 0; round < 20000; ++round) {
    std::string payload;
    for (int i = 0; i < 3; ++i) {
      const OwnedRecord record = RandomRecord(random, 0);
      Encode(Borrow(record, &headers), MicrosOf(record), 0, &payload);
      if (payload.size() > 300) payload.resize(300);
    }
    for (size_t left = Below(random, 4); left > 0 && !payload.empty(); --left) {
      payload[Below(random, payload.size())] = static_cast<char>(random());
    }
    const Exact exact(payload);
    PayloadShape shape;
    if (!MeasurePayload(exact.span(), 0, &shape)) continue;
    if (shape.offset_span != shape.record_count) continue;
    const std::vector<OwnedRecord> records =
        Decoded(exact.span(), HeaderOf(payload, 0, 0));
    std::string again;
    int64_t time = 0;
    for (const OwnedRecord& record : records) {
      Encode(Borrow(record, &headers), MicrosOf(record), time, &again);
      time = MicrosOf(record);
    }
    // Control entries are not encoded again.
    if (again.size() == payload.size()) REQUIRE(again == payload);
  }
}

TEST_CASE("The bound of a record that cannot exist does not wrap", "[record]") {
  const std::string_view huge("x", SIZE_MAX / 2);
  const std::vector<Header> headers(3, {.name = huge, .value = huge});
  CHECK(EncodedSizeBound({.headers = headers}) == SIZE_MAX);
}

}  // namespace
}  // namespace tidemark::test
