#include "store/partitioners.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/store_fixture.h"

namespace tidemark {
namespace {

using test::KeyedRecord;
using test::ValueRecord;

class FixedPartitioner final : public Partitioner {
 public:
  FixedPartitioner(std::string name, PartitionNumber choice)
      : name_(std::move(name)), choice_(choice) {}
  std::string_view name() const override { return name_; }
  PartitionNumber Choose(const Record&, PartitionNumber) override {
    return choice_;
  }

 private:
  const std::string name_;
  const PartitionNumber choice_;
};

class ThrowingPartitioner final : public Partitioner {
 public:
  std::string_view name() const override { return "mine"; }
  PartitionNumber Choose(const Record&, PartitionNumber) override { throw 1; }
};

PartitionNumber Chosen(TopicPartitioner& partitioner, const Record& record,
                       PartitionNumber count) {
  REQUIRE_OK_AND_ASSIGN(const PartitionNumber number,
                        partitioner.Choose(record, count));
  REQUIRE(number >= 0);
  REQUIRE(number < count);
  return number;
}

TEST_CASE("murmur2 gives what Kafka's Java client gives", "[partitioners]") {
  struct Case {
    std::string key;
    int32_t hash;
  };
  // From the tests of Kafka's class Utils, and of clients compared with it.
  const Case cases[] = {
      {"", 275646681},
      {"1", -1993445489},
      {"12", 126087238},
      {"123", -267702483},
      {"1234", -1614185708},
      {"12345", -1188365604},
      {"21", -973932308},
      {"abc", 479470107},
      {"foobar", -790332482},
      {std::string("\x0c\x2a\x38\x18\x6d\x6f"), 274204207},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
  };
  for (const Case& one : cases) {
    INFO(one.key);
    CHECK(static_cast<int32_t>(KafkaMurmur2(AsBytes(one.key))) == one.hash);
  }
}

TEST_CASE("A key lands where Kafka puts it", "[partitioners]") {
  TopicPartitioner partitioner(PartitionerKind::kKafkaMurmur2, "");
  // toPositive(-973932308) is 1173551340.
  CHECK(Chosen(partitioner, KeyedRecord("21", "v"), 7) == 1173551340 % 7);
  CHECK(Chosen(partitioner, KeyedRecord("abc", "v"), 1000) == 479470107 % 1000);
}

TEST_CASE("A key keeps its partition, whatever the value", "[partitioners]") {
  for (const PartitionerKind kind :
       {PartitionerKind::kKeyHash, PartitionerKind::kKafkaMurmur2}) {
    TopicPartitioner partitioner(kind, "");
    std::map<PartitionNumber, int> used;
    for (int i = 0; i < 1000; ++i) {
      const std::string key = fmt::format("key {}", i);
      const PartitionNumber first =
          Chosen(partitioner, KeyedRecord(key, "a"), 10);
      CHECK(Chosen(partitioner, KeyedRecord(key, "bcd"), 10) == first);
      ++used[first];
    }
    CHECK(used.size() == 10);
    for (const auto& [number, count] : used) CHECK(count > 50);
  }
}

TEST_CASE("The key hash never changes, for it is kept in topics",
          "[partitioners]") {
  TopicPartitioner partitioner(PartitionerKind::kKeyHash, "");
  // XXH3-64 of "" is 2d06800538d394c2, of "a" it is e6c632b61e964e1f.
  CHECK(Chosen(partitioner, KeyedRecord("", "v"), 1000) ==
        0x2d06800538d394c2 % 1000);
  CHECK(Chosen(partitioner, KeyedRecord("a", "v"), 1000) ==
        0xe6c632b61e964e1f % 1000);
}

TEST_CASE("Round robin goes from one partition to the next, keys or not",
          "[partitioners]") {
  TopicPartitioner partitioner(PartitionerKind::kRoundRobin, "");
  for (int i = 0; i < 9; ++i) {
    CHECK(Chosen(partitioner, KeyedRecord("k", "v"), 3) == i % 3);
  }
}

TEST_CASE("Sticky stays for 16 KiB, and so do records without a key",
          "[partitioners]") {
  const std::string value(1024, 'v');
  for (const PartitionerKind kind :
       {PartitionerKind::kSticky, PartitionerKind::kKeyHash,
        PartitionerKind::kKafkaMurmur2}) {
    TopicPartitioner partitioner(kind, "");
    for (int i = 0; i < 64; ++i) {
      CHECK(Chosen(partitioner, ValueRecord(value), 3) == i / 16 % 3);
    }
  }
  // A tombstone without a key and without headers has no bytes.
  TopicPartitioner partitioner(PartitionerKind::kSticky, "");
  CHECK(Chosen(partitioner, Record(), 3) == 0);
}

TEST_CASE("A host's partitioner is asked and checked", "[partitioners]") {
  TopicPartitioner partitioner(PartitionerKind::kCustom, "mine");
  CHECK(ReasonOf(partitioner.Choose(Record(), 4).status()) ==
        ErrorReason::kPartitionerMismatch);
  CHECK_OK(partitioner.Install(nullptr));
  const auto wrong = std::make_shared<FixedPartitioner>("other", 0);
  CHECK(ReasonOf(partitioner.Install(wrong)) ==
        ErrorReason::kPartitionerMismatch);
  CHECK_OK(partitioner.Install(std::make_shared<FixedPartitioner>("mine", 3)));
  CHECK(Chosen(partitioner, Record(), 4) == 3);
  CHECK_STATUS(absl::StatusCode::kInternal, partitioner.Choose(Record(), 3));
  // The first one stays.
  CHECK_OK(partitioner.Install(std::make_shared<FixedPartitioner>("mine", 0)));
  CHECK(Chosen(partitioner, Record(), 4) == 3);
  TopicPartitioner negative(PartitionerKind::kCustom, "mine");
  CHECK_OK(negative.Install(std::make_shared<FixedPartitioner>("mine", -1)));
  CHECK_STATUS(absl::StatusCode::kInternal, negative.Choose(Record(), 3));
}

TEST_CASE("An exception of a host's partitioner is an error",
          "[partitioners]") {
  TopicPartitioner partitioner(PartitionerKind::kCustom, "mine");
  CHECK_OK(partitioner.Install(std::make_shared<ThrowingPartitioner>()));
  CHECK_STATUS(absl::StatusCode::kInternal, partitioner.Choose(Record(), 3));
}

TEST_CASE("A topic of the library's partitioners takes none of a host",
          "[partitioners]") {
  TopicPartitioner partitioner(PartitionerKind::kKeyHash, "");
  CHECK(ReasonOf(partitioner.Install(std::make_shared<FixedPartitioner>(
            "mine", 0))) == ErrorReason::kPartitionerMismatch);
}

}  // namespace
}  // namespace tidemark
