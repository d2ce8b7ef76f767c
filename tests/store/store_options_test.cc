#include "tidemark/store_options.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "store/store_fixture.h"
#include "tidemark/topic_options.h"

namespace tidemark {
namespace {

class NamedPartitioner final : public Partitioner {
 public:
  explicit NamedPartitioner(std::string name) : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  PartitionNumber Choose(const Record&, PartitionNumber) override { return 0; }

 private:
  const std::string name_;
};

template <typename Options>
struct BadValue {
  std::string_view field;
  std::function<void(Options&)> spoil;
};

// Each value is refused with a message that begins with the field.
template <typename Options>
void CheckRefused(const std::vector<BadValue<Options>>& cases,
                  absl::Status (*validate)(const Options&)) {
  CHECK_OK(validate(Options()));
  for (const BadValue<Options>& one : cases) {
    Options options;
    one.spoil(options);
    const absl::Status status = validate(options);
    INFO(one.field);
    CHECK_STATUS(absl::StatusCode::kInvalidArgument, status);
    CHECK(std::string(status.message()).find(std::string(one.field)) !=
          std::string::npos);
  }
}

TEST_CASE("Options of a store out of range are refused by name",
          "[store_options]") {
  using O = StoreOptions;
  const absl::Duration negative = -absl::Nanoseconds(1);
  CheckRefused<StoreOptions>(
      {
          {"sync_interval", [=](O& o) { o.sync_interval = negative; }},
          {"sync_interval",
           [](O& o) { o.sync_interval = absl::Microseconds(999); }},
          {"unsynced_bytes_max",
           [](O& o) { o.unsynced_bytes_max = ~uint64_t{0}; }},
          {"append_timeout", [=](O& o) { o.append_timeout = negative; }},
          {"process_durability",
           [](O& o) { o.process_durability = ProcessDurability{9}; }},
          {"shared_memory_directory",
           [](O& o) { o.shared_memory_directory = std::string(257, 'd'); }},
          {"shared_memory_directory",
           [](O& o) { o.shared_memory_directory = std::string("a\0b", 3); }},
          {"arena_bytes", [](O& o) { o.arena_bytes = (64 << 10) - 1; }},
          {"arena_bytes", [](O& o) { o.arena_bytes = (1 << 30) + 1; }},
          {"arena_block_bytes", [](O& o) { o.arena_block_bytes = 2048; }},
          {"mark_delay", [=](O& o) { o.mark_delay = negative; }},
          {"open_files_max", [](O& o) { o.open_files_max = 15; }},
          {"open_files_max", [](O& o) { o.open_files_max = 1000001; }},
          {"lock_timeout", [=](O& o) { o.lock_timeout = negative; }},
          {"lock_timeout",
           [](O& o) { o.lock_timeout = absl::InfiniteDuration(); }},
      },
      ValidateStoreOptions);
}

TEST_CASE("Options of a topic out of range are refused by name",
          "[store_options]") {
  using O = TopicOptions;
  const absl::Duration shorter = absl::Microseconds(999);
  const auto named = [](std::string name) {
    return std::make_shared<NamedPartitioner>(std::move(name));
  };
  CheckRefused<TopicOptions>(
      {
          {"partitions", [](O& o) { o.partitions = 0; }},
          {"partitions", [](O& o) { o.partitions = -5; }},
          {"partitions", [](O& o) { o.partitions = 100001; }},
          {"partitioner", [](O& o) { o.partitioner = PartitionerKind{99}; }},
          {"custom_partitioner",
           [](O& o) { o.partitioner = PartitionerKind::kCustom; }},
          {"custom_partitioner",
           [=](O& o) { o.custom_partitioner = named("p"); }},
          {"custom_partitioner",
           [=](O& o) {
             o.partitioner = PartitionerKind::kCustom;
             o.custom_partitioner = named("");
           }},
          {"custom_partitioner",
           [=](O& o) {
             o.partitioner = PartitionerKind::kCustom;
             o.custom_partitioner = named(std::string(256, 'p'));
           }},
          {"ack", [](O& o) { o.ack = Ack::kTopicDefault; }},
          {"ack", [](O& o) { o.ack = Ack{9}; }},
          {"compression", [](O& o) { o.compression = Compression{9}; }},
          {"record_bytes_max", [](O& o) { o.record_bytes_max = 0; }},
          {"record_bytes_max",
           [](O& o) { o.record_bytes_max = (16 << 20) + 1; }},
          {"batch_bytes", [](O& o) { o.batch_bytes = 1023; }},
          {"batch_bytes", [](O& o) { o.batch_bytes = (1 << 20) + 1; }},
          {"segment_bytes", [](O& o) { o.segment_bytes = 1023; }},
          {"segment_bytes",
           [](O& o) { o.segment_bytes = (uint64_t{32} << 30) + 1; }},
          {"segment_age", [=](O& o) { o.segment_age = shorter; }},
          {"segment_age",
           [](O& o) { o.segment_age = -absl::InfiniteDuration(); }},
          {"retention_bytes", [](O& o) { o.retention_bytes = ~uint64_t{0}; }},
          {"retention_age", [=](O& o) { o.retention_age = shorter; }},
      },
      ValidateTopicOptions);
}

TEST_CASE("A message names the value and the range", "[store_options]") {
  TopicOptions options;
  options.segment_bytes = 5;
  CHECK(ValidateTopicOptions(options).message() ==
        "segment_bytes is 5, allowed: 1 KiB to 32 GiB");
  options = {};
  options.partitions = -5;
  CHECK(ValidateTopicOptions(options).message() ==
        "partitions is -5, allowed: 1 to 100000");
  StoreOptions store;
  store.sync_interval = absl::Microseconds(1);
  CHECK(ValidateStoreOptions(store).message() ==
        "sync_interval is 1us, allowed: 0, or 1ms to infinite");
}

TEST_CASE("A value without a name is shown by its number", "[store_options]") {
  StoreOptions store;
  store.arena_block_bytes = 2048;
  CHECK(ValidateStoreOptions(store).message() ==
        "arena_block_bytes is 2048, allowed: 1 KiB, 4 KiB");
  store = {};
  store.process_durability = ProcessDurability{9};
  CHECK(ValidateStoreOptions(store).message() ==
        "process_durability is 9, allowed: absent, none, shared_memory, "
        "store_file, write_through");
  TopicOptions options;
  options.partitioner = PartitionerKind{77};
  CHECK(ValidateTopicOptions(options).message() ==
        "partitioner is 77, allowed: key_hash, kafka_murmur2, round_robin, "
        "sticky, custom");
  options = {};
  options.ack = Ack{9};
  CHECK(ValidateTopicOptions(options).message() ==
        "ack is 9, allowed: memory, process, disk");
  options = {};
  options.compression = Compression{99};
  CHECK(ValidateTopicOptions(options).message() ==
        "compression is 99, allowed: none, lz4, zstd");
}

TEST_CASE("The bounds themselves are allowed", "[store_options]") {
  StoreOptions store;
  store.sync_interval = absl::ZeroDuration();
  store.append_timeout = absl::InfiniteDuration();
  store.arena_bytes = 64 << 10;
  store.arena_block_bytes = 1024;
  store.mark_delay = absl::ZeroDuration();
  store.open_files_max = 16;
  store.lock_timeout = absl::Hours(1);
  CHECK_OK(ValidateStoreOptions(store));
  store.sync_interval = absl::InfiniteDuration();
  store.arena_bytes = 1 << 30;
  store.open_files_max = 1000000;
  CHECK_OK(ValidateStoreOptions(store));
  TopicOptions topic;
  topic.partitions = 100000;
  topic.record_bytes_max = 1;
  topic.batch_bytes = 1 << 10;
  topic.segment_bytes = 1 << 10;
  topic.segment_age = absl::Milliseconds(1);
  CHECK_OK(ValidateTopicOptions(topic));
}

TEST_CASE("The presets are valid", "[store_options]") {
  test::Machine machine;
  CHECK_OK(ValidateStoreOptions(StoreOptions::Iot()));
  CHECK_OK(ValidateStoreOptions(machine.options()));
  CHECK_FALSE(machine.options().background_threads);
}

}  // namespace
}  // namespace tidemark
