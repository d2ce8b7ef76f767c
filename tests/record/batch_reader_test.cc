#include "record/batch_reader.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "record/batch_builder.h"
#include "record/batch_fixture.h"
#include "record/batch_format.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/codec.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

using namespace batch_format;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kUnimplemented = absl::StatusCode::kUnimplemented;

std::vector<Compression> BuiltIn() {
  std::vector<Compression> result;
  for (const Compression compression :
       {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    if (FindCodec(compression).ok()) result.push_back(compression);
  }
  return result;
}

std::string SmallBatch(Compression compression) {
  BatchBuilder builder(5, 1);
  const std::vector<Header> headers = {{.name = "n", .value = "v"}};
  const std::string value(60, 'v');
  REQUIRE_OK(builder.Add({.value = value}, 10));
  REQUIRE_OK(builder.Add({.key = "k", .value = "", .headers = headers}, 20));
  REQUIRE_OK_AND_ASSIGN(std::string batch,
                        builder.Seal({.secret = CountingSecret(),
                                      .position = 64,
                                      .codec = *FindCodec(compression)}));
  return batch;
}

// The header and body of a batch whose header was written after `change`, with
// checksums that hold, as only a faulty or hostile writer makes them.
absl::Status Forged(const std::string& payload,
                    const std::function<void(BatchHeader*)>& change) {
  BatchHeader header{.base_offset = 5};
  PayloadShape shape;
  if (MeasurePayload(AsBytes(payload), 0, &shape)) {
    header.offset_span = static_cast<uint32_t>(shape.offset_span);
    header.record_count = shape.record_count;
  }
  header.payload_size = static_cast<uint32_t>(payload.size());
  header.plain_size = header.payload_size;
  header.payload_checksum = Checksum(AsBytes(payload));
  header.size = static_cast<uint32_t>(AlignUp(kHeaderSize + payload.size(), 8));
  change(&header);
  std::string batch(kHeaderSize, '\0');
  EncodeBatchHeader(header, CountingSecret(), 64,
                    reinterpret_cast<std::byte*>(batch.data()));
  BatchHeader decoded;
  REQUIRE(DecodeBatchHeader(AsBytes(batch), CountingSecret(), 64, &decoded) ==
          HeaderFault::kNone);
  batch += payload;
  batch.resize(header.size);
  return ReadBatch(batch, CountingSecret(), 64).status();
}

std::string Payload() {
  std::string payload = Encoded({.value = "first"});
  return payload + Encoded({.value = "second"});
}

TEST_CASE("A plain payload is returned without a copy", "[record]") {
  const std::string batch = SmallBatch(Compression::kNone);
  BatchHeader header;
  REQUIRE(DecodeBatchHeader(AsBytes(batch), CountingSecret(), 64, &header) ==
          HeaderFault::kNone);
  const ByteSpan body = AsBytes(batch).subspan(kHeaderSize);
  REQUIRE_OK_AND_ASSIGN(const PlainPayload payload, ReadPayload(header, body));
  CHECK(payload.bytes.data() == body.data());
  CHECK(payload.bytes.size() == header.payload_size);
  CHECK(payload.owner == nullptr);
}

TEST_CASE("A compressed payload owns its bytes", "[record]") {
  for (const Compression compression : BuiltIn()) {
    if (compression == Compression::kNone) continue;
    const std::string batch = SmallBatch(compression);
    BatchHeader header;
    REQUIRE(DecodeBatchHeader(AsBytes(batch), CountingSecret(), 64, &header) ==
            HeaderFault::kNone);
    REQUIRE_OK_AND_ASSIGN(
        const PlainPayload payload,
        ReadPayload(header, AsBytes(batch).subspan(kHeaderSize)));
    CHECK(payload.bytes.size() == header.plain_size);
    CHECK(payload.owner.get() == payload.bytes.data());
    CHECK(Decoded(payload.bytes, header).size() == 2);
  }
}

TEST_CASE("Every flipped bit of a batch is found", "[record]") {
  for (const Compression compression : BuiltIn()) {
    const std::string batch = SmallBatch(compression);
    REQUIRE_OK(ReadBatch(batch, CountingSecret(), 64));
    for (size_t bit = 0; bit < 8 * batch.size(); ++bit) {
      std::string damaged = batch;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      const absl::Status status =
          ReadBatch(damaged, CountingSecret(), 64).status();
      if (status.code() != kDataLoss) {
        FAIL("bit " << bit << ": " << status.ToString());
      }
    }
  }
}

TEST_CASE("Every truncation of a batch is found", "[record]") {
  for (const Compression compression : BuiltIn()) {
    const std::string batch = SmallBatch(compression);
    for (size_t size = 0; size < batch.size(); ++size) {
      REQUIRE_STATUS(kDataLoss,
                     ReadBatch(batch.substr(0, size), CountingSecret(), 64));
    }
  }
}

TEST_CASE("A body of another size than the header's is refused", "[record]") {
  const std::string batch = SmallBatch(Compression::kNone);
  BatchHeader header;
  REQUIRE(DecodeBatchHeader(AsBytes(batch), CountingSecret(), 64, &header) ==
          HeaderFault::kNone);
  const ByteSpan body = AsBytes(batch).subspan(kHeaderSize);
  for (size_t size = 0; size < body.size(); ++size) {
    const absl::Status status = ReadPayload(header, body.first(size)).status();
    REQUIRE_STATUS(kDataLoss, status);
    REQUIRE(IsDamaged(status));
  }
  const std::string longer = batch + std::string(8, '\0');
  CHECK_STATUS(kDataLoss,
               ReadPayload(header, AsBytes(longer).subspan(kHeaderSize)));
}

TEST_CASE("A header that contradicts its records is refused", "[record]") {
  using H = BatchHeader;
  CHECK_OK(Forged(Payload(), [](H*) {}));
  CHECK_STATUS(kDataLoss, Forged(Payload(), [](H* h) { --h->record_count; }));
  CHECK_STATUS(kDataLoss, Forged(Payload(), [](H* h) {
                 ++h->record_count;
                 ++h->offset_span;
               }));
  CHECK_STATUS(kDataLoss, Forged(Payload() + std::string(1, '\x20'), [](H* h) {
                 h->offset_span = 2;
                 h->record_count = 2;
               }));
  const std::string gap = Payload() + "\x11\x02";
  CHECK_OK(Forged(gap, [](H*) {}));
  CHECK_STATUS(kDataLoss, Forged(gap, [](H* h) { --h->offset_span; }));
}

TEST_CASE("Offsets behind the last record may be without one", "[record]") {
  using H = BatchHeader;
  CHECK_OK(Forged(Payload(), [](H* h) { h->offset_span = 100; }));
  CHECK_OK(Forged("", [](H* h) { h->offset_span = 100; }));
}

TEST_CASE("A damaged batch says so with its offset", "[record]") {
  const absl::Status status =
      Forged(Payload(), [](BatchHeader* h) { h->payload_checksum ^= 1; });
  CHECK_STATUS(kDataLoss, status);
  CHECK(IsDamaged(status));
  CHECK(status.ToString().find("batch at offset 5") != std::string::npos);
}

TEST_CASE("A codec or layout of a newer version is not damage", "[record]") {
  for (uint32_t codec = 3; codec < 8; ++codec) {
    const absl::Status status = Forged(Payload(), [codec](BatchHeader* h) {
      h->attributes = codec;
      h->plain_size = 1000;
    });
    CHECK_STATUS(kUnimplemented, status);
    CHECK(IsNewerFormat(status));
  }
  for (uint32_t layout = 1; layout < 8; ++layout) {
    const absl::Status status = Forged(Payload(), [layout](BatchHeader* h) {
      h->attributes = layout << kLayoutShift;
    });
    CHECK_STATUS(kUnimplemented, status);
    CHECK(IsNewerFormat(status));
  }
}

TEST_CASE("A payload that does not decompress to its size is refused",
          "[record]") {
  std::string plain;
  for (int i = 0; i < 50; ++i) plain += Payload();
  for (const Compression compression : BuiltIn()) {
    if (compression == Compression::kNone) continue;
    std::string payload;
    REQUIRE_OK((*FindCodec(compression))->Compress(AsBytes(plain), &payload));
    const auto forged = [&](uint32_t plain_size) {
      return Forged(payload, [&](BatchHeader* h) {
        h->attributes = static_cast<uint32_t>(compression);
        h->plain_size = plain_size;
        h->record_count = h->offset_span = 100;
      });
    };
    const uint32_t size = static_cast<uint32_t>(plain.size());
    CHECK_OK(forged(size));
    for (const uint32_t wrong :
         {size - 1, size + 1, 2 * size, static_cast<uint32_t>(kBatchSizeCap)}) {
      const absl::Status status = forged(wrong);
      CHECK_STATUS(kDataLoss, status);
      CHECK(IsDamaged(status));
    }
  }
}

TEST_CASE("Random bytes are not taken for compressed ones", "[record]") {
  Random random(7);
  for (const Compression compression : BuiltIn()) {
    if (compression == Compression::kNone) continue;
    for (int round = 0; round < 500; ++round) {
      const std::string payload = RandomText(random, 60) + "x";
      const absl::Status status = Forged(payload, [&](BatchHeader* h) {
        h->attributes = static_cast<uint32_t>(compression);
        h->plain_size =
            h->payload_size + 1 + static_cast<uint32_t>(Below(random, 500));
        h->record_count = h->offset_span = 1;
      });
      REQUIRE_STATUS(kDataLoss, status);
    }
  }
}

}  // namespace
}  // namespace tidemark::test
