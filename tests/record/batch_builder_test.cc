#include "record/batch_builder.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "record/batch_fixture.h"
#include "record/batch_format.h"
#include "support/catch.h"
#include "support/seed.h"
#include "support/status_matchers.h"
#include "tidemark/codec.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

using namespace batch_format;

// The codecs of this build, null for none.
std::vector<const Codec*> Codecs() {
  std::vector<const Codec*> codecs;
  for (const Compression compression :
       {Compression::kNone, Compression::kLz4, Compression::kZstd}) {
    const absl::StatusOr<const Codec*> codec = FindCodec(compression);
    if (codec.ok()) codecs.push_back(*codec);
  }
  return codecs;
}

TEST_CASE("A batch of random records comes back with every codec", "[record]") {
  TIDEMARK_TEST_SEED(seed);
  Random random(seed);
  for (const Codec* const codec : Codecs()) {
    for (int round = 0; round < 30; ++round) {
      const Offset base_offset = static_cast<Offset>(random() >> 2);
      BatchBuilder builder(base_offset, 77);
      std::vector<OwnedRecord> expected;
      std::vector<Header> headers;
      int64_t time = 0;
      for (size_t left = 1 + Below(random, 30); left > 0; --left) {
        OwnedRecord& record = expected.emplace_back(RandomRecord(random, time));
        record.id.offset = builder.next_offset();
        record.append_time = absl::FromUnixMicros(77);
        time = MicrosOf(record);
        REQUIRE_OK(builder.Add(Borrow(record, &headers), time));
      }
      const uint64_t position = 8 * Below(random, 100000);
      const uint64_t padding_to = uint64_t{8} << Below(random, 10);
      CHECK(builder.record_count() == expected.size());
      REQUIRE_OK_AND_ASSIGN(const std::string batch,
                            builder.Seal({.secret = CountingSecret(),
                                          .position = position,
                                          .durable_end = base_offset,
                                          .codec = codec,
                                          .padding_to = padding_to}));
      CHECK((position + batch.size()) % padding_to == 0);
      REQUIRE_OK_AND_ASSIGN(const std::vector<OwnedRecord> records,
                            ReadBatch(batch, CountingSecret(), position));
      REQUIRE(records == expected);
    }
  }
}

TEST_CASE("The header states the earliest and latest time", "[record]") {
  BatchBuilder builder(10, 500);
  for (const int64_t time : {300, 900, 100}) {
    REQUIRE_OK(builder.Add({.value = "v"}, time));
  }
  REQUIRE_OK_AND_ASSIGN(const std::string batch, builder.Seal({}));
  BatchHeader header;
  REQUIRE(DecodeBatchHeader(AsBytes(batch), {}, 0, &header) ==
          HeaderFault::kNone);
  CHECK(header.base_time == 300);
  CHECK(header.max_time == 900);
  CHECK(header.append_time == 500);
  CHECK(header.next_offset() == 13);
  CHECK_FALSE(header.is_mark());
}

TEST_CASE("A builder without records makes a mark", "[record]") {
  BatchBuilder builder(10, 500);
  CHECK(builder.size() == 0);
  REQUIRE_OK_AND_ASSIGN(const std::string batch,
                        builder.Seal({.durable_end = 10}));
  CHECK(batch.size() == kHeaderSize);
  BatchHeader header;
  REQUIRE(DecodeBatchHeader(AsBytes(batch), {}, 0, &header) ==
          HeaderFault::kNone);
  CHECK(header.is_mark());
  CHECK(header.durable_end == 10);
  CHECK(header.next_offset() == 10);
  REQUIRE_OK_AND_ASSIGN(const std::vector<OwnedRecord> records,
                        ReadBatch(batch, {}, 0));
  CHECK(records.empty());
}

TEST_CASE("A batch does not grow past its cap", "[record]") {
  BatchBuilder builder(0, 0);
  const std::string value(kRecordSizeCap, 'v');
  REQUIRE_OK(builder.Add({.value = value}, 0));
  const size_t size = builder.size();
  const absl::Status status = builder.Add({.value = value}, 0);
  CHECK_STATUS(absl::StatusCode::kInvalidArgument, status);
  CHECK(ReasonOf(status) == ErrorReason::kRecordTooLarge);
  CHECK(builder.size() == size);
  REQUIRE_OK(builder.Add({.value = "small"}, 0));

  const std::vector<Header> headers(
      4, {.name = std::string_view("x", SIZE_MAX / 2)});
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               builder.Add({.headers = headers}, 0));

  REQUIRE_OK_AND_ASSIGN(const std::string batch, builder.Seal({}));
  REQUIRE_OK_AND_ASSIGN(const std::vector<OwnedRecord> records,
                        ReadBatch(batch, {}, 0));
  REQUIRE(records.size() == 2);
  CHECK(records[0].value == value);
  CHECK(records[1].value == "small");
}

TEST_CASE("A failed first record leaves the builder empty", "[record]") {
  BatchBuilder builder(0, 0);
  const std::string value(kBatchSizeCap, 'v');
  CHECK_STATUS(absl::StatusCode::kInvalidArgument,
               builder.Add({.value = value}, 5));
  CHECK(builder.size() == 0);
  REQUIRE_OK(builder.Add({.value = "v"}, 7));
  REQUIRE_OK_AND_ASSIGN(const std::string batch, builder.Seal({}));
  REQUIRE_OK_AND_ASSIGN(const std::vector<OwnedRecord> records,
                        ReadBatch(batch, {}, 0));
  REQUIRE(records.size() == 1);
  CHECK(MicrosOf(records[0]) == 7);
}

TEST_CASE("No record is added behind the last offset", "[record]") {
  BatchBuilder builder(std::numeric_limits<Offset>::max() - 1, 0);
  REQUIRE_OK(builder.Add({}, 0));
  CHECK_STATUS(absl::StatusCode::kOutOfRange, builder.Add({}, 0));
  REQUIRE_OK_AND_ASSIGN(const std::string batch, builder.Seal({}));
  REQUIRE_OK(ReadBatch(batch, {}, 0));
}

}  // namespace
}  // namespace tidemark::test
