#include "record/batch_header.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/checksum.h"
#include "record/batch_fixture.h"
#include "record/batch_format.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

using namespace batch_format;

constexpr uint64_t kPosition = 4096;

BatchHeader ValidHeader() {
  return {.size = 200,
          .payload_size = 100,
          .plain_size = 100,
          .payload_checksum = 0x1122334455667788,
          .base_offset = 1000,
          .durable_end = 900,
          .base_time = -5,
          .max_time = 7,
          .append_time = 6,
          .incarnation = 3,
          .offset_span = 10,
          .record_count = 8,
          .attributes = 0};
}

std::string Encoded(const BatchHeader& header) {
  std::string bytes(kHeaderSize, '\0');
  EncodeBatchHeader(header, CountingSecret(), kPosition,
                    reinterpret_cast<std::byte*>(bytes.data()));
  return bytes;
}

HeaderFault Decode(std::string_view bytes) {
  BatchHeader header;
  return DecodeBatchHeader(AsBytes(bytes), CountingSecret(), kPosition,
                           &header);
}

// What a reader says to a header that was written with `change`.
HeaderFault After(const std::function<void(BatchHeader*)>& change) {
  BatchHeader header = ValidHeader();
  change(&header);
  return Decode(Encoded(header));
}

TEST_CASE("A header comes back as it was", "[record]") {
  const BatchHeader header = ValidHeader();
  BatchHeader decoded;
  REQUIRE(DecodeBatchHeader(AsBytes(Encoded(header)), CountingSecret(),
                            kPosition, &decoded) == HeaderFault::kNone);
  CHECK(decoded == header);
  CHECK(decoded.next_offset() == 1010);
}

TEST_CASE("Every bit of a header is protected", "[record]") {
  const std::string valid = Encoded(ValidHeader());
  for (size_t bit = 0; bit < 8 * kHeaderSize; ++bit) {
    std::string damaged = valid;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    INFO("bit " << bit);
    CHECK(Decode(damaged) ==
          (bit < 32 ? HeaderFault::kMagic : HeaderFault::kChecksum));
  }
}

TEST_CASE("A header is valid at its position of its segment only", "[record]") {
  const std::string bytes = Encoded(ValidHeader());
  BatchHeader header;
  CHECK(DecodeBatchHeader(AsBytes(bytes), CountingSecret(), kPosition + 8,
                          &header) == HeaderFault::kChecksum);
  SegmentSecret other = CountingSecret();
  other[15] ^= std::byte{1};
  CHECK(DecodeBatchHeader(AsBytes(bytes), other, kPosition, &header) ==
        HeaderFault::kChecksum);
}

TEST_CASE("A header that is cut off is not looked at", "[record]") {
  const std::string bytes = Encoded(ValidHeader());
  for (size_t size = 0; size < kHeaderSize; ++size) {
    CHECK(Decode(bytes.substr(0, size)) == HeaderFault::kCutOff);
  }
}

TEST_CASE("Sizes that do not fit together are refused", "[record]") {
  using H = BatchHeader;
  CHECK(After([](H* h) { h->size = 196; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->size = 204; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->size = 192; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->size = 0; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->size = 200 + 4096; }) == HeaderFault::kNone);
  CHECK(After([](H* h) { h->size = 208 + 4096; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->size = 0xfffffff8; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->payload_size = 99; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->plain_size = 101; }) == HeaderFault::kField);
  const auto sized = [](uint32_t size) {
    return After([size](H* h) {
      h->payload_size = size;
      h->plain_size = size;
      h->size = static_cast<uint32_t>(AlignUp(kHeaderSize + uint64_t{size}, 8));
    });
  };
  CHECK(sized(kBatchSizeCap) == HeaderFault::kNone);
  CHECK(sized(kBatchSizeCap + 1) == HeaderFault::kField);
  CHECK(sized(0xffffffff) == HeaderFault::kField);
}

TEST_CASE("A compressed payload has to be the smaller one", "[record]") {
  using H = BatchHeader;
  const auto plain = [](uint32_t size) {
    return After([size](H* h) {
      h->attributes = 1;
      h->plain_size = size;
    });
  };
  CHECK(plain(101) == HeaderFault::kNone);
  CHECK(plain(100) == HeaderFault::kField);
  CHECK(plain(99) == HeaderFault::kField);
  CHECK(plain(kBatchSizeCap) == HeaderFault::kNone);
  CHECK(plain(kBatchSizeCap + 1) == HeaderFault::kField);
}

TEST_CASE("Offsets outside of the log are refused", "[record]") {
  using H = BatchHeader;
  constexpr Offset kMax = std::numeric_limits<Offset>::max();
  CHECK(After([](H* h) { h->base_offset = kMax - 10; }) == HeaderFault::kNone);
  CHECK(After([](H* h) { h->base_offset = kMax - 9; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->base_offset = h->durable_end = -1; }) ==
        HeaderFault::kField);
  CHECK(After([](H* h) { h->durable_end = -1; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->durable_end = 1000; }) == HeaderFault::kNone);
  CHECK(After([](H* h) { h->durable_end = 1001; }) == HeaderFault::kField);
  CHECK(After([](H* h) { h->offset_span = kOffsetSpanMax; }) ==
        HeaderFault::kNone);
  CHECK(After([](H* h) { h->offset_span = kOffsetSpanMax + 1; }) ==
        HeaderFault::kField);
}

TEST_CASE("More records than offsets or bytes are refused", "[record]") {
  using H = BatchHeader;
  CHECK(After([](H* h) { h->record_count = 10; }) == HeaderFault::kNone);
  CHECK(After([](H* h) { h->record_count = 11; }) == HeaderFault::kField);
  const auto counted = [](uint32_t count) {
    return After([count](H* h) {
      h->offset_span = 1000;
      h->record_count = count;
    });
  };
  CHECK(counted(100) == HeaderFault::kNone);
  CHECK(counted(101) == HeaderFault::kField);
}

TEST_CASE("Bits without a meaning are refused", "[record]") {
  for (int bit = 7; bit < 32; ++bit) {
    CHECK(After([bit](BatchHeader* h) { h->attributes = 1u << bit; }) ==
          HeaderFault::kField);
  }
  // The reserved bytes, with a checksum that holds.
  std::string bytes = Encoded(ValidHeader());
  bytes[kReservedAt] = 1;
  const SegmentSecret secret = CountingSecret();
  std::string input(AsText(secret));
  input += std::string("\0\x10\0\0\0\0\0\0", 8) + bytes.substr(0, 8) +
           bytes.substr(16);
  const uint64_t checksum = Checksum(AsBytes(input));
  for (size_t i = 0; i < 8; ++i) {
    bytes[kHeaderChecksumAt + i] = static_cast<char>(checksum >> (8 * i));
  }
  CHECK(Decode(bytes) == HeaderFault::kField);
}

TEST_CASE("A mark holds nothing", "[record]") {
  const auto mark = [](const std::function<void(BatchHeader*)>& change) {
    return After([&change](BatchHeader* h) {
      *h = {.size = 96, .base_offset = 5, .attributes = kMark};
      change(h);
    });
  };
  using H = BatchHeader;
  CHECK(mark([](H*) {}) == HeaderFault::kNone);
  CHECK(mark([](H* h) { h->size = 4096; }) == HeaderFault::kNone);
  CHECK(mark([](H* h) { h->offset_span = 1; }) == HeaderFault::kField);
  CHECK(mark([](H* h) { h->attributes = 0; }) == HeaderFault::kField);
  CHECK(mark([](H* h) { h->attributes |= 1u << kLayoutShift; }) ==
        HeaderFault::kField);
  CHECK(mark([](H* h) {
          h->attributes |= 1;
          h->plain_size = 1;
        }) == HeaderFault::kField);
  CHECK(mark([](H* h) {
          h->size = 104;
          h->payload_size = h->plain_size = 1;
        }) == HeaderFault::kField);
}

TEST_CASE("A batch may have lost all its records", "[record]") {
  CHECK(After([](BatchHeader* h) {
          *h = {.size = 96, .base_offset = 5, .offset_span = 4};
        }) == HeaderFault::kNone);
}

TEST_CASE("The payload is checked with its padding", "[record]") {
  const std::string payload = "payload";
  BatchHeader header;
  header.payload_size = 7;
  header.payload_checksum = Checksum(AsBytes(payload));
  const auto valid = [&header](std::string_view bytes,
                               std::string_view padding) {
    return PayloadIsValid(header, AsBytes(bytes), AsBytes(padding));
  };
  CHECK(valid(payload, ""));
  CHECK(valid(payload, std::string(1, '\0')));
  CHECK(valid(payload, std::string(4096, '\0')));
  CHECK_FALSE(valid("Payload", ""));
  CHECK_FALSE(valid("payloa", ""));
  for (size_t size = 1; size < 40; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string padding(size, '\0');
      padding[at] = 1;
      REQUIRE_FALSE(valid(payload, padding));
    }
  }
}

TEST_CASE("Every fault has a name", "[record]") {
  CHECK(std::string(HeaderFaultName(HeaderFault::kNone)) == "valid");
  for (const HeaderFault fault :
       {HeaderFault::kCutOff, HeaderFault::kMagic, HeaderFault::kChecksum,
        HeaderFault::kField, static_cast<HeaderFault>(99)}) {
    CHECK(std::string(HeaderFaultName(fault)) != "valid");
  }
}

}  // namespace
}  // namespace tidemark::test
