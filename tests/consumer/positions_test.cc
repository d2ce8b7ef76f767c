#include "tidemark/positions.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "consumer/cursor_file_format.h"
#include "support/catch.h"
#include "support/seed.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"

namespace tidemark {
namespace {

namespace format = cursor_file_format::positions;

Positions::Entry EntryAt(const std::string& topic, PartitionNumber partition,
                         Offset offset, Incarnation incarnation = 1,
                         int id = 7) {
  Positions::Entry entry{topic, {}, partition, offset, incarnation};
  entry.topic_id.fill(static_cast<std::byte>(id));
  return entry;
}

Positions Example() {
  Positions positions;
  positions.Set(EntryAt("orders", 1, 200, 3));
  positions.Set(EntryAt("clicks", 0, 5, 2, 8));
  positions.Set(EntryAt("orders", 0, 100, 3));
  return positions;
}

std::vector<std::string> Names(const Positions& positions) {
  std::vector<std::string> names;
  for (const Positions::Entry& entry : positions) {
    names.push_back(entry.topic + "/" + std::to_string(entry.partition));
  }
  return names;
}

// Bytes with a checksum that fits.
std::string Sealed(std::string bytes) {
  const uint64_t checksum =
      Checksum(AsBytes(bytes).first(format::kChecksumAt),
               AsBytes(bytes).subspan(format::kTopicCountAt));
  StoreLittle(reinterpret_cast<std::byte*>(bytes.data()) + format::kChecksumAt,
              checksum);
  return bytes;
}

// The header of the bytes of positions with `topic_count` topics.
std::string HeaderOf(uint32_t topic_count, uint16_t version = 1) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U32(format::kMagic);
  writer.U16(version);
  writer.U16(0);
  writer.U64(0);
  writer.U32(topic_count);
  return bytes;
}

void AddTopic(const std::string& name, const std::vector<uint32_t>& partitions,
              std::string* bytes, int64_t offset = 1) {
  ByteWriter writer(bytes);
  writer.U16(static_cast<uint16_t>(name.size()));
  writer.Text(name);
  writer.Zeros(16);
  writer.U32(static_cast<uint32_t>(partitions.size()));
  for (const uint32_t partition : partitions) {
    writer.U32(partition);
    writer.I64(offset);
    writer.U64(1);
  }
}

absl::StatusCode CodeOf(const std::string& bytes) {
  return Positions::FromBytes(AsBytes(bytes)).status().code();
}

TEST_CASE("Positions are kept in order and found", "[positions]") {
  Positions positions = Example();
  CHECK(Names(positions) ==
        std::vector<std::string>{"clicks/0", "orders/0", "orders/1"});
  REQUIRE(positions.Find("orders", 1) != nullptr);
  CHECK(positions.Find("orders", 1)->offset == 200);
  CHECK(positions.Find("orders", 2) == nullptr);
  CHECK(positions.Find("order", 1) == nullptr);
  REQUIRE(positions.FindTopic("orders") != nullptr);
  CHECK(positions.FindTopic("orders")->partition == 0);
  CHECK(positions.FindTopic("nothing") == nullptr);
  CHECK(positions.size() == 3);
}

TEST_CASE("Setting an entry again replaces it", "[positions]") {
  Positions positions = Example();
  positions.Set(EntryAt("orders", 1, 201, 4));
  CHECK(positions.size() == 3);
  CHECK(positions.Find("orders", 1)->offset == 201);
  CHECK(positions.Find("orders", 1)->incarnation == 4);
}

TEST_CASE("An entry of a recreated topic drops those of the old one",
          "[positions]") {
  Positions positions = Example();
  positions.Set(EntryAt("orders", 2, 1, 5, /*id=*/9));
  CHECK(Names(positions) == std::vector<std::string>{"clicks/0", "orders/2"});
}

TEST_CASE("Entries are moved and erased", "[positions]") {
  Positions positions = Example();
  CHECK(positions.Move("orders", 0, 101, 4));
  CHECK_FALSE(positions.Move("orders", 9, 101, 4));
  CHECK(positions.Find("orders", 0)->offset == 101);
  CHECK(positions.Erase("orders", 0));
  CHECK_FALSE(positions.Erase("orders", 0));
  CHECK(positions.size() == 2);
  CHECK_FALSE(positions == Example());
}

TEST_CASE("Positions come back from their bytes", "[positions]") {
  for (const Positions& positions : {Positions(), Example()}) {
    const std::string bytes = positions.ToBytes();
    REQUIRE_OK_AND_ASSIGN(const Positions read,
                          Positions::FromBytes(AsBytes(bytes)));
    CHECK(read == positions);
    CHECK(read.ToBytes() == bytes);
  }
}

TEST_CASE("Equal positions have equal bytes whatever the order of setting",
          "[positions]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  std::vector<Positions::Entry> entries;
  for (int i = 0; i < 50; ++i) {
    const int topic = static_cast<int>(random() % 5);
    entries.push_back(EntryAt("topic" + std::to_string(topic),
                              static_cast<PartitionNumber>(random() % 40),
                              static_cast<Offset>(random() >> 1), random(),
                              topic));
  }
  Positions first;
  for (const auto& entry : entries) first.Set(entry);
  std::vector<Positions::Entry> kept(first.begin(), first.end());
  std::shuffle(kept.begin(), kept.end(), random);
  Positions second;
  for (const auto& entry : kept) second.Set(entry);
  CHECK(first == second);
  CHECK(first.ToBytes() == second.ToBytes());
  REQUIRE_OK_AND_ASSIGN(const Positions read,
                        Positions::FromBytes(AsBytes(first.ToBytes())));
  CHECK(read == first);
}

TEST_CASE("No flipped bit of positions passes", "[positions]") {
  const std::string bytes = Example().ToBytes();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    INFO("bit " << bit);
    const absl::StatusCode code = CodeOf(flipped);
    CHECK((code == absl::StatusCode::kDataLoss ||
           code == absl::StatusCode::kInvalidArgument));
  }
}

TEST_CASE("Positions that are cut off or go on do not pass", "[positions]") {
  const std::string bytes = Example().ToBytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    INFO("size " << size);
    CHECK(CodeOf(bytes.substr(0, size)) != absl::StatusCode::kOk);
    // Also with a checksum that fits.
    if (size >= format::kHeaderSize) {
      CHECK(CodeOf(Sealed(bytes.substr(0, size))) ==
            absl::StatusCode::kInvalidArgument);
    }
  }
  CHECK(CodeOf(Sealed(bytes + '\0')) == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Positions of a newer version are told as such", "[positions]") {
  const absl::Status status =
      Positions::FromBytes(AsBytes(Sealed(HeaderOf(0, 2)))).status();
  CHECK(status.code() == absl::StatusCode::kUnimplemented);
  CHECK(IsNewerFormat(status));
  CHECK(CodeOf(Sealed(HeaderOf(0, 0))) == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Hostile positions with a good checksum are refused", "[positions]") {
  std::string bytes = HeaderOf(1);
  SECTION("no partition") { AddTopic("a", {}, &bytes); }
  SECTION("partitions out of order") { AddTopic("a", {2, 1}, &bytes); }
  SECTION("a partition twice") { AddTopic("a", {1, 1}, &bytes); }
  SECTION("a partition above the limit") { AddTopic("a", {100000}, &bytes); }
  SECTION("a partition below zero") { AddTopic("a", {0xffffffff}, &bytes); }
  SECTION("an offset below zero") { AddTopic("a", {0}, &bytes, -1); }
  SECTION("no name") { AddTopic("", {0}, &bytes); }
  SECTION("a name with a slash") { AddTopic("../a", {0}, &bytes); }
  SECTION("a name that is too long") {
    AddTopic(std::string(250, 'a'), {0}, &bytes);
  }
  SECTION("fewer topics than it says") {}
  SECTION("topics out of order") {
    bytes = HeaderOf(2);
    AddTopic("b", {0}, &bytes);
    AddTopic("a", {0}, &bytes);
  }
  SECTION("a topic twice") {
    bytes = HeaderOf(2);
    AddTopic("a", {0}, &bytes);
    AddTopic("a", {1}, &bytes);
  }
  CHECK(CodeOf(Sealed(bytes)) == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("A claimed count does not make positions take memory",
          "[positions]") {
  std::string bytes = HeaderOf(0xffffffff);
  AddTopic("a", {0}, &bytes);
  // The count of partitions stands behind the name and the id.
  StoreLittle<uint32_t>(reinterpret_cast<std::byte*>(bytes.data()) +
                            format::kHeaderSize + 2 + 1 + 16,
                        0xffffffff);
  CHECK(CodeOf(Sealed(bytes)) == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("Random bytes are no positions", "[positions]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = Example().ToBytes();
    for (int change = 0; change < 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto read = Positions::FromBytes(AsBytes(Sealed(bytes)));
    // What passes is canonical.
    if (read.ok()) CHECK(read->ToBytes() == Sealed(bytes));
  }
}

}  // namespace
}  // namespace tidemark
