#ifndef TIDEMARK_TESTS_STORE_CATALOG_BENCH_H_
#define TIDEMARK_TESTS_STORE_CATALOG_BENCH_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "partition/log_fixture.h"
#include "store/event_relay.h"
#include "store/layout.h"
#include "store/open_partitions.h"
#include "store/store_fixture.h"
#include "store/topic_catalog.h"
#include "store/topic_directory.h"
#include "store/topic_file.h"

namespace tidemark::test {

// What lies below a Store, without a STORE, a lock or an arena that outlives
// the process.
struct CatalogBench {
  CatalogBench() {
    shared = log.Share();
    REQUIRE_OK(shared->directory->CreateDirectory(kTopicsDirectory));
    REQUIRE_OK(shared->directory->Sync(""));
    Restart();
  }

  // Forgets what is open, as a process that ends, and looks at the disk.
  void Restart() {
    catalog.reset();
    if (partitions != nullptr) {
      partitions->gate().CloseAndWait();
      partitions->AbandonAll();
      shared = log.Share();
    }
    relay = std::make_shared<EventRelay>(
        [this](const Event& event) { events.push_back(event); });
    partitions = std::make_shared<OpenPartitions>(shared, relay, false);
    catalog = std::make_unique<TopicCatalog>(partitions);
    REQUIRE_OK(catalog->Load());
  }

  Directory& directory() { return *shared->directory; }
  ManualClock& clock() { return log.clock; }

  std::shared_ptr<TopicState> Create(std::string_view name,
                                     const TopicOptions& options = {}) {
    auto topic = catalog->Create(name, options);
    REQUIRE_OK(topic);
    return *std::move(topic);
  }

  std::shared_ptr<PartitionLog> Log(TopicState& topic,
                                    PartitionNumber number = 0) {
    auto opened = topic.partition(number);
    REQUIRE_OK(opened);
    return *std::move(opened);
  }

  // The record of a topic that is not on the disk.
  TopicRecord Record(std::string_view name, PartitionNumber partitions) {
    TopicRecord record;
    record.name = name;
    record.store_id = shared->store_id;
    REQUIRE_OK_AND_ASSIGN(record.topic_id, RandomId(env));
    record.partition_count = partitions;
    return record;
  }

  std::vector<std::string> Names(std::string_view path) {
    return NamesIn(env, "/store/" + std::string(path));
  }

  MemoryEnv machine;
  FaultEnv env{machine};
  LogFixture log{env, "/store"};
  std::vector<Event> events;
  std::shared_ptr<LogShared> shared;
  std::shared_ptr<EventRelay> relay;
  std::shared_ptr<OpenPartitions> partitions;
  std::unique_ptr<TopicCatalog> catalog;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_STORE_CATALOG_BENCH_H_
