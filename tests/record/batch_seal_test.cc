#include "record/batch_seal.h"

#include <cstdint>
#include <new>
#include <string>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "record/batch_fixture.h"
#include "record/batch_format.h"
#include "support/catch.h"
#include "tidemark/codec.h"

namespace tidemark::test {
namespace {

using namespace batch_format;

// Keeps the first `size` bytes, or fails.
class FakeCodec final : public Codec {
 public:
  explicit FakeCodec(size_t size) : size_(size) {}
  FakeCodec(absl::Status status, bool is_thrown)
      : status_(std::move(status)), is_thrown_(is_thrown) {}

  Compression id() const override { return Compression::kZstd; }
  absl::Status Compress(ByteSpan in, std::string* out) const override {
    if (is_thrown_) throw std::bad_alloc();
    out->assign(AsText(in).substr(0, size_));
    out->resize(size_);
    return status_;
  }
  absl::Status CheckPlainSize(ByteSpan, size_t) const override {
    return absl::OkStatus();
  }
  absl::Status Decompress(ByteSpan, MutableByteSpan) const override {
    return absl::OkStatus();
  }

 private:
  size_t size_ = 1;
  absl::Status status_;
  bool is_thrown_ = false;
};

struct Sealed {
  BatchHeader header;
  ByteSpan stored;
  bool is_plain = false;
};

// Seals `plain`, and checks that the written header is the returned one.
Sealed Seal(const std::string& plain, const SealOptions& options,
            std::string* scratch) {
  Sealed sealed;
  sealed.header.base_offset = 50;
  sealed.header.offset_span = 1;
  sealed.header.record_count = 1;
  std::byte bytes[kHeaderSize];
  sealed.stored =
      SealBatch(AsBytes(plain), options, &sealed.header, bytes, scratch);
  sealed.is_plain = AsText(sealed.stored).data() == plain.data();
  BatchHeader decoded;
  REQUIRE(DecodeBatchHeader(bytes, options.secret, options.position,
                            &decoded) == HeaderFault::kNone);
  REQUIRE(decoded == sealed.header);
  REQUIRE(decoded.payload_size == sealed.stored.size());
  REQUIRE(decoded.plain_size == plain.size());
  REQUIRE(decoded.payload_checksum == Checksum(sealed.stored));
  return sealed;
}

const std::string kPlain(100, 'p');

TEST_CASE("Without a codec the records are stored as they are", "[record]") {
  std::string scratch;
  const Sealed sealed = Seal(kPlain,
                             {.secret = CountingSecret(),
                              .position = 8,
                              .durable_end = 49,
                              .incarnation = 12},
                             &scratch);
  CHECK(sealed.is_plain);
  CHECK(sealed.header.codec() == 0);
  CHECK(sealed.header.size == 200);
  CHECK(sealed.header.durable_end == 49);
  CHECK(sealed.header.incarnation == 12);
}

TEST_CASE("A codec is used where it makes the payload smaller", "[record]") {
  std::string scratch;
  for (const size_t size : {size_t{1}, size_t{99}}) {
    const FakeCodec codec(size);
    const Sealed sealed = Seal(kPlain, {.codec = &codec}, &scratch);
    CHECK_FALSE(sealed.is_plain);
    CHECK(sealed.header.codec() == 2);
    CHECK(sealed.stored.size() == size);
  }
  for (const size_t size : {size_t{100}, size_t{101}}) {
    const FakeCodec codec(size);
    const Sealed sealed = Seal(kPlain, {.codec = &codec}, &scratch);
    CHECK(sealed.is_plain);
    CHECK(sealed.header.codec() == 0);
  }
}

TEST_CASE("A codec that fails does not fail the batch", "[record]") {
  std::string scratch;
  const FakeCodec failing(absl::ResourceExhaustedError("no memory"), false);
  CHECK(Seal(kPlain, {.codec = &failing}, &scratch).is_plain);
  const FakeCodec throwing(absl::OkStatus(), true);
  CHECK(Seal(kPlain, {.codec = &throwing}, &scratch).is_plain);
}

TEST_CASE("The batch is padded to a position of the file", "[record]") {
  std::string scratch;
  const auto size = [&scratch](size_t plain, uint64_t position,
                               uint64_t padding_to) {
    return Seal(std::string(plain, 'p'),
                {.position = position, .padding_to = padding_to}, &scratch)
        .header.size;
  };
  CHECK(size(1, 8, 8) == 104);
  CHECK(size(8, 8, 8) == 104);
  CHECK(size(9, 8, 8) == 112);
  CHECK(size(1, 8, 4096) == 4088);
  CHECK(size(4000, 4096, 4096) == 4096);
  CHECK(size(4001, 4096, 4096) == 8192);
  CHECK(size(1, 4096 - 96, 4096) == 4192);
}

}  // namespace
}  // namespace tidemark::test
