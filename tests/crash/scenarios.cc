#include "crash/scenarios.h"

#include <iterator>
#include <utility>

namespace tidemark::test {
namespace {

StoreOptions WithDurability(Env& env, Clock& clock,
                            ProcessDurability durability) {
  StoreOptions options = PlainOptions(env, clock);
  options.process_durability = durability;
  return options;
}

}  // namespace

StoreOptions PlainOptions(Env& env, Clock& clock) {
  StoreOptions options = StoreOptions::Test(env, clock);
  options.arena_bytes = 256 << 10;
  options.arena_block_bytes = 1024;
  return options;
}

StoreOptions ArenaOptions(Env& env, Clock& clock) {
  return WithDurability(env, clock, ProcessDurability::kSharedMemory);
}

StoreOptions StoreFileOptions(Env& env, Clock& clock) {
  return WithDurability(env, clock, ProcessDurability::kStoreFile);
}

StoreOptions WriteThroughOptions(Env& env, Clock& clock) {
  return WithDurability(env, clock, ProcessDurability::kWriteThrough);
}

StoreOptions PaddedOptions(Env& env, Clock& clock) {
  StoreOptions options = PlainOptions(env, clock);
  options.pad_synced_batches = true;
  return options;
}

TopicOptions SmallTopic(PartitionNumber partitions) {
  TopicOptions options;
  options.partitions = partitions;
  options.segment_bytes = 8 << 10;
  options.batch_bytes = 1 << 10;
  return options;
}

std::vector<Scenario> AllScenarios() {
  std::vector<Scenario> all;
  for (auto list : {AppendScenarios(), SegmentScenarios(), TopicScenarios(),
                    CursorScenarios(), RecoveryScenarios()}) {
    all.insert(all.end(), std::make_move_iterator(list.begin()),
               std::make_move_iterator(list.end()));
  }
  return all;
}

}  // namespace tidemark::test
