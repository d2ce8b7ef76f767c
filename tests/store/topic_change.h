#ifndef TIDEMARK_TESTS_STORE_TOPIC_CHANGE_H_
#define TIDEMARK_TESTS_STORE_TOPIC_CHANGE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store_fixture.h"

// What a host does to the topics of a store, for tests that let it fail or stop
// at each of its calls.
namespace tidemark::test {

inline const std::vector<std::string> kKeptValues = {"kept", "synced"};

struct TopicChange {
  std::string_view name;
  // Brings the topic "t" about, if it is there before the change.
  std::function<void(Store&)> prepare;
  std::function<absl::Status(Store&)> apply;
  // Whether the change has happened; fails a check if it has in part.
  std::function<bool(Store&)> is_done;
  // The process goes on as before when the change failed.
  bool is_undone_by_error = true;
};

inline bool HasTopic(const Store& store, std::string_view name) {
  const auto names = store.ListTopics();
  REQUIRE_OK(names);
  for (const std::string& known : *names) {
    if (known == name) return true;
  }
  return false;
}

inline Topic OpenT(Store& store) {
  REQUIRE_OK_AND_ASSIGN(Topic topic, store.OpenTopic("t"));
  return topic;
}

// Every partition of the topic takes a record and gives it back.
inline void CheckUsable(const Topic& topic) {
  for (PartitionNumber n = 0; n < topic.partition_count(); ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(n));
    REQUIRE_OK_AND_ASSIGN(const Offset offset,
                          partition.Append(ValueRecord("probe"), Ack::kDisk));
    REQUIRE_OK_AND_ASSIGN(const Records records, partition.Read(offset));
    REQUIRE(records.size() == 1);
    CHECK((*records.begin()).value() == "probe");
  }
  CHECK_STATUS(absl::StatusCode::kNotFound,
               topic.partition(topic.partition_count()));
}

inline void MakeT(Store& store, PartitionNumber partitions) {
  REQUIRE_OK_AND_ASSIGN(Topic topic,
                        store.CreateTopic("t", WithPartitions(partitions)));
  for (PartitionNumber n = 0; n < partitions; ++n) {
    REQUIRE_OK_AND_ASSIGN(Partition partition, topic.partition(n));
    REQUIRE_OK(partition.Append(ValueRecord("old"), Ack::kDisk));
  }
}

// Checks that "t" has its old record first.
inline void CheckOldT(const Topic& topic) {
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic));
  REQUIRE(!values.empty());
  CHECK(values.front() == "old");
}

inline bool IsGone(Store& store) {
  if (HasTopic(store, "t")) {
    CheckOldT(OpenT(store));
    return false;
  }
  CHECK_STATUS(absl::StatusCode::kNotFound, store.OpenTopic("t"));
  return true;
}

inline TopicChange Creation() {
  return {.name = "create",
          .prepare = [](Store&) {},
          .apply =
              [](Store& store) {
                return store.CreateTopic("t", WithPartitions(2)).status();
              },
          .is_done =
              [](Store& store) {
                if (!HasTopic(store, "t")) {
                  CHECK_STATUS(absl::StatusCode::kNotFound,
                               store.OpenTopic("t"));
                  return false;
                }
                const Topic topic = OpenT(store);
                CHECK(topic.partition_count() == 2);
                CheckUsable(topic);
                return true;
              }};
}

inline TopicChange Deletion() {
  return {.name = "delete",
          .prepare = [](Store& store) { MakeT(store, 2); },
          .apply = [](Store& store) { return store.DeleteTopic("t"); },
          .is_done = IsGone,
          .is_undone_by_error = false};
}

// Deletes the topic and makes another one of its name.
inline TopicChange Replacement() {
  return {.name = "replace",
          .prepare = [](Store& store) { MakeT(store, 2); },
          .apply =
              [](Store& store) {
                absl::Status status = store.DeleteTopic("t");
                if (!status.ok() && !absl::IsNotFound(status)) return status;
                return store.CreateTopic("t").status();
              },
          .is_done =
              [](Store& store) {
                if (!HasTopic(store, "t")) return false;
                const Topic topic = OpenT(store);
                if (topic.partition_count() == 2) {
                  CheckOldT(topic);
                  return false;
                }
                REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(topic));
                for (const std::string& value : values) CHECK(value != "old");
                CheckUsable(topic);
                return true;
              },
          .is_undone_by_error = false};
}

inline TopicChange Growth() {
  return {
      .name = "increase partitions",
      .prepare = [](Store& store) { MakeT(store, 1); },
      .apply = [](Store& store) { return OpenT(store).IncreasePartitions(3); },
      .is_done =
          [](Store& store) {
            const Topic topic = OpenT(store);
            CheckOldT(topic);
            CheckUsable(topic);
            if (topic.partition_count() == 1) return false;
            CHECK(topic.partition_count() == 3);
            return true;
          }};
}

inline TopicChange Alteration() {
  return {.name = "alter",
          .prepare = [](Store& store) { MakeT(store, 1); },
          .apply =
              [](Store& store) {
                Topic topic = OpenT(store);
                TopicOptions options = topic.options();
                options.retention_bytes = 123;
                options.record_bytes_max = 9;
                return topic.Alter(options);
              },
          .is_done =
              [](Store& store) {
                Topic topic = OpenT(store);
                CheckOldT(topic);
                const bool is_done = topic.options().retention_bytes == 123;
                TopicOptions expected;
                if (is_done) {
                  expected.retention_bytes = 123;
                  expected.record_bytes_max = 9;
                }
                CHECK(static_cast<const PartitionOptions&>(topic.options()) ==
                      expected);
                CHECK(topic.Append(ValueRecord("ten bytes.")).ok() != is_done);
                CheckUsable(topic);
                return is_done;
              }};
}

inline std::vector<TopicChange> TopicChanges() {
  return {Creation(), Deletion(), Replacement(), Growth(), Alteration()};
}

// A store with the topic "kept", and "t" as the change wants it.
class ChangeWorld {
 public:
  explicit ChangeWorld(const TopicChange& change) : env_(machine_) {
    REQUIRE_OK_AND_ASSIGN(
        Store opened,
        Store::Open(kStorePath, StoreOptions::Test(env_, clock_)));
    store_.emplace(std::move(opened));
    REQUIRE_OK_AND_ASSIGN(Topic kept, store_->CreateTopic("kept"));
    for (const std::string& value : kKeptValues) {
      REQUIRE_OK(kept.Append(ValueRecord(value), Ack::kDisk));
    }
    change.prepare(*store_);
    env_.ForgetCalls();
  }

  Store& store() { return *store_; }
  FaultEnv& env() { return env_; }
  MemoryEnv& machine() { return machine_; }
  ManualClock& clock() { return clock_; }

 private:
  MemoryEnv machine_;
  FaultEnv env_;
  ManualClock clock_;
  std::optional<Store> store_;
};

// Opens what is on `machine` and returns whether the change is there. Whatever
// became of it, the store is whole, and the change can be made.
inline bool CheckNextOwner(const TopicChange& change, MemoryEnv& machine,
                           ManualClock& clock) {
  REQUIRE_OK_AND_ASSIGN(
      Store store, Store::Open(kStorePath, StoreOptions::Test(machine, clock)));
  REQUIRE_OK_AND_ASSIGN(const auto names, store.ListTopics());
  CHECK(NamesIn(machine, "/store/topics") == names);
  REQUIRE_OK_AND_ASSIGN(const Topic kept, store.OpenTopic("kept"));
  REQUIRE_OK_AND_ASSIGN(const auto values, ReadValues(kept));
  CHECK(values == kKeptValues);
  const bool is_done = change.is_done(store);
  if (!is_done) {
    REQUIRE_OK(change.apply(store));
    CHECK(change.is_done(store));
  }
  CHECK_FALSE(store.recovery().has_damage());
  CHECK_OK(store.health().status);
  CHECK_OK(store.Close());
  return is_done;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_STORE_TOPIC_CHANGE_H_
