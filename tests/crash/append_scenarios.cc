#include "crash/scenarios.h"

// Appends at each level, and what makes them durable.
namespace tidemark::test {
namespace {

void AppendDurably(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 8, 60, Ack::kDisk);
  world.Close();
}

void AppendForTheProcess(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 12, 100, Ack::kProcess);
  world.Sync();
  world.Append("t", 0, 12, 100, Ack::kProcess);
  world.Close();
}

void AppendToMemory(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 10, 150, Ack::kMemory);
    world.SyncPartition("t", 0);
  }
}

void AppendBatches(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 5; ++i) world.AppendBatch("t", 0, 6, 50, Ack::kDisk);
  world.Close();
}

void AppendAtAllLevels(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 4; ++i) {
    world.Append("t", 0, 3, 200, Ack::kMemory);
    world.Append("t", 0, 2, 100, Ack::kProcess);
    world.AppendBatch("t", 0, 3, 40, Ack::kDisk);
  }
}

void SyncFewPartitions(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic(4));
  for (int i = 0; i < 3; ++i) {
    for (PartitionNumber n = 0; n < 4; ++n) {
      world.Append("t", n, 2, 80, Ack::kMemory);
    }
    world.Sync();
  }
}

// More than eight dirty partitions: one syncfs.
void SyncManyPartitions(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic(12));
  for (int i = 0; i < 2; ++i) {
    for (PartitionNumber n = 0; n < 12; ++n) {
      world.Append("t", n, 1, 80, Ack::kMemory);
    }
    world.Sync();
  }
  world.Close();
}

void AppendWhileOthersSync(HostWorld& world) {
  world.Open();
  world.CreateTopic("a", SmallTopic(2));
  world.CreateTopic("b", SmallTopic());
  for (int i = 0; i < 4; ++i) {
    world.Append("a", i % 2, 2, 300, Ack::kMemory);
    world.Append("b", 0, 1, 40, Ack::kDisk);
  }
  world.Sync();
}

void AppendOversized(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 2, 50, Ack::kDisk);
  world.Append("t", 0, 1, 20'000, Ack::kDisk);
  world.AppendBatch("t", 0, 30, 900, Ack::kDisk);
  world.Append("t", 0, 2, 50, Ack::kDisk);
}

TopicOptions Compressed(Compression compression) {
  TopicOptions options = SmallTopic();
  options.compression = compression;
  return options;
}

void AppendCompressed(HostWorld& world, Compression compression) {
  world.Open();
  world.CreateTopic("t", Compressed(compression));
  for (int i = 0; i < 6; ++i) {
    world.AppendBatch("t", 0, 8, 200, Ack::kMemory);
    world.Append("t", 0, 2, 200, Ack::kDisk);
  }
  world.Close();
}

void AppendToIdleMarks(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 2, 60, Ack::kDisk);
    // Long enough for a mark batch.
    world.Maintain(absl::Milliseconds(200));
    world.Maintain(absl::Milliseconds(200));
  }
}

void AppendWithSyncIntervals(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic(2));
  for (int i = 0; i < 5; ++i) {
    world.Append("t", i % 2, 3, 120, Ack::kMemory);
    world.Maintain(absl::Milliseconds(150));
  }
}

}  // namespace

std::vector<Scenario> AppendScenarios() {
  return {
      {"append durably", PlainOptions, AppendDurably},
      {"append durably, write-through", WriteThroughOptions, AppendDurably},
      {"append durably, arena", ArenaOptions, AppendDurably},
      {"append durably, padded", PaddedOptions, AppendDurably},
      {"append for the process, arena", ArenaOptions, AppendForTheProcess},
      {"append for the process, file", StoreFileOptions, AppendForTheProcess},
      {"append for the process, write-through", WriteThroughOptions,
       AppendForTheProcess},
      {"append to memory", PlainOptions, AppendToMemory},
      {"append to memory, padded", PaddedOptions, AppendToMemory},
      {"append batches", PlainOptions, AppendBatches},
      {"append at all levels", ArenaOptions, AppendAtAllLevels},
      {"append at all levels, file", StoreFileOptions, AppendAtAllLevels},
      {"sync few partitions", PlainOptions, SyncFewPartitions},
      {"sync many partitions", PlainOptions, SyncManyPartitions},
      {"append while others sync", PlainOptions, AppendWhileOthersSync},
      {"append oversized", PlainOptions, AppendOversized},
      {"append lz4", PlainOptions,
       [](HostWorld& world) { AppendCompressed(world, Compression::kLz4); }},
      {"append zstd", PlainOptions,
       [](HostWorld& world) { AppendCompressed(world, Compression::kZstd); }},
      {"idle marks", PlainOptions, AppendToIdleMarks},
      {"sync intervals", PlainOptions, AppendWithSyncIntervals},
  };
}

}  // namespace tidemark::test
