#include "store/topic_file.h"

#include <string>

#include "base/checksum.h"
#include "base/endian.h"
#include "store/atomic_file.h"
#include "store/layout.h"
#include "store/store_fixture.h"
#include "store/topic_format.h"

namespace tidemark {
namespace {

TopicRecord ExampleRecord() {
  TopicRecord record;
  record.name = "orders";
  for (size_t i = 0; i < 16; ++i) {
    record.store_id.bytes[i] = static_cast<std::byte>(i + 1);
    record.topic_id.bytes[i] = static_cast<std::byte>(0xf0 + i);
  }
  record.create_micros = 1700000000000000;
  record.partition_count = 4;
  record.options.ack = Ack::kDisk;
  record.options.compression = Compression::kLz4;
  record.options.record_bytes_max = 5000;
  record.options.batch_bytes = 32 << 10;
  record.options.segment_bytes = 1 << 20;
  record.options.segment_age = absl::Hours(24);
  record.options.retention_bytes = 1 << 30;
  return record;
}

absl::StatusOr<TopicRecord> Decode(const std::string& bytes) {
  return DecodeTopic(AsBytes(bytes), "topics/orders/TOPIC");
}

std::string Reseal(std::string bytes) {
  StoreLittle(
      reinterpret_cast<std::byte*>(bytes.data()) + topic_format::kFileSizeAt,
      static_cast<uint32_t>(bytes.size()));
  const size_t body = bytes.size() - 8;
  StoreLittle(reinterpret_cast<std::byte*>(bytes.data()) + body,
              Checksum(AsBytes(bytes).first(body)));
  return bytes;
}

std::string WithByte(size_t at, uint8_t value) {
  std::string bytes = EncodeTopic(ExampleRecord());
  bytes[at] = static_cast<char>(value);
  return Reseal(bytes);
}

TEST_CASE("A TOPIC keeps what it is given", "[topic_file]") {
  REQUIRE_OK_AND_ASSIGN(const TopicRecord plain,
                        Decode(EncodeTopic(ExampleRecord())));
  CHECK(plain == ExampleRecord());
  TopicRecord record = ExampleRecord();
  record.name = std::string(249, 'n');
  record.partitioner = PartitionerKind::kCustom;
  record.partitioner_name = std::string(255, 'p');
  record.partition_count = kPartitionsMax;
  record.options.retention_age = absl::Milliseconds(1);
  REQUIRE_OK_AND_ASSIGN(const TopicRecord large, Decode(EncodeTopic(record)));
  CHECK(large == record);
}

TEST_CASE("Durations are kept in microseconds and may be infinite",
          "[topic_file]") {
  CHECK(DurationMicros(absl::Nanoseconds(1999)) == 1);
  CHECK(DurationMicros(absl::InfiniteDuration()) == topic_format::kInfinite);
  CHECK(DurationMicros(absl::Hours(int64_t{1} << 60)) ==
        topic_format::kInfinite);
  CHECK(MicrosDuration(topic_format::kInfinite) == absl::InfiniteDuration());
  CHECK(MicrosDuration(5) == absl::Microseconds(5));
}

TEST_CASE("No flipped bit and no cut of a TOPIC goes unnoticed",
          "[topic_file]") {
  const std::string bytes = EncodeTopic(ExampleRecord());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    if (!absl::IsDataLoss(Decode(flipped).status())) FAIL("bit " << bit);
  }
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (!absl::IsDataLoss(Decode(bytes.substr(0, size)).status())) {
      FAIL("size " << size);
    }
  }
  CHECK_STATUS(absl::StatusCode::kDataLoss, Decode(bytes + '\0'));
  CHECK_STATUS(absl::StatusCode::kDataLoss, Decode(std::string(5000, 'x')));
}

TEST_CASE("A sound checksum does not excuse a TOPIC that makes no sense",
          "[topic_file]") {
  using namespace topic_format;
  struct Case {
    size_t at;
    uint8_t value;
  };
  const Case cases[] = {
      {kVersionAt, 0},
      {kPartitionCountAt, 0},
      {kPartitionCountAt + 3, 0xff},
      {kAckAt, 0},
      {kRecordBytesMaxAt + 7, 1},
      {kBatchBytesAt + 7, 1},
      {kSegmentBytesAt + 7, 1},
      {kSegmentAgeAt + 7, 0x80},
      {kRetentionAgeAt + 7, 0x80},
      {kRetentionBytesAt + 7, 0x80},
      {kNameSizeAt, 5},
      {kNameSizeAt + 1, 1},
      {kPartitionerNameSizeAt, 1},
      {kReservedAt, 1},
      {kNamesAt - 1, 1},
      {kNamesAt, '/'},
      {kNamesAt, '.'},
      {kPartitionerAt + 1, 3},  // 1 + 768 is 769, no known kind
  };
  for (const Case& one : cases) {
    INFO(one.at << " = " << int{one.value});
    const auto record = Decode(WithByte(one.at, one.value));
    CHECK_FALSE(record.ok());
  }
  // A custom partitioner without a name, and a name without one.
  TopicRecord custom = ExampleRecord();
  custom.partitioner = PartitionerKind::kCustom;
  CHECK_STATUS(absl::StatusCode::kDataLoss, Decode(EncodeTopic(custom)));
  TopicRecord named = ExampleRecord();
  named.partitioner_name = "p";
  CHECK_STATUS(absl::StatusCode::kDataLoss, Decode(EncodeTopic(named)));
}

TEST_CASE("Numbers that this version does not know are of a newer one",
          "[topic_file]") {
  using namespace topic_format;
  for (const size_t at : {kVersionAt, kPartitionerAt, kAckAt, kCompressionAt}) {
    INFO(at);
    const auto record = Decode(WithByte(at, 0x33));
    CHECK_STATUS(absl::StatusCode::kUnimplemented, record);
    CHECK(IsNewerFormat(record.status()));
  }
  const auto text = [](size_t at) {
    return std::string(Decode(WithByte(at, 0x33)).status().message());
  };
  CHECK(text(kVersionAt)
            .find("format 51 is of a newer version of the library, "
                  "this one reads format 1") != std::string::npos);
  CHECK(text(kPartitionerAt)
            .find("partitioner 51 is of a newer version of the library, this "
                  "one knows 1 to 5") != std::string::npos);
  CHECK(text(kAckAt).find("this one knows 1 to 3") != std::string::npos);
  CHECK(text(kCompressionAt).find("this one knows 0 to 2") !=
        std::string::npos);
}

TEST_CASE("A TOPIC belongs to its store and to its name", "[topic_file]") {
  MemoryEnv env;
  REQUIRE_OK_AND_ASSIGN(auto root, env.OpenDirectory("/s", true));
  const TopicRecord record = ExampleRecord();
  for (const char* const path :
       {"topics", "topics/orders", "topics/other", "topics/empty"}) {
    REQUIRE_OK(root->CreateDirectory(path));
  }
  for (const char* const path : {"topics/orders/TOPIC", "topics/other/TOPIC"}) {
    REQUIRE_OK(WriteNewFile(*root, path, AsBytes(EncodeTopic(record))));
  }
  CHECK_OK(ReadTopicFile(*root, "orders", record.store_id));
  CHECK_STATUS(absl::StatusCode::kDataLoss,
               ReadTopicFile(*root, "other", record.store_id));
  CHECK_STATUS(absl::StatusCode::kDataLoss,
               ReadTopicFile(*root, "orders", record.topic_id));
  const auto missing = ReadTopicFile(*root, "empty", record.store_id);
  CHECK_STATUS(absl::StatusCode::kDataLoss, missing);
  CHECK(std::string(missing.status().message()).find("topics/empty/TOPIC") !=
        std::string::npos);
}

}  // namespace
}  // namespace tidemark
