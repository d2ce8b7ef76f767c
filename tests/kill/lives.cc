#include "kill/lives.h"

namespace tidemark::test {
namespace {

// With small segments and batches.
TopicOptions SmallTopic(PartitionNumber partitions = 1) {
  TopicOptions options;
  options.partitions = partitions;
  options.segment_bytes = 8 << 10;
  options.batch_bytes = 1 << 10;
  return options;
}

void AppendAtAllLevels(LifeHost& host) {
  host.Open();
  host.CreateTopic('t', SmallTopic());
  for (int i = 0; i < 2; ++i) {
    host.Append('t', 0, 3, 200, Ack::kMemory);
    host.Append('t', 0, 4, 150, Ack::kProcess);
    host.AppendBatch('t', 0, 4, 60, Ack::kDisk);
    host.Append('t', 0, 1, 9'000, Ack::kProcess);
  }
  host.Append('t', 0, 2, 100, Ack::kProcess);
  host.Close();
}

void SyncManyPartitions(LifeHost& host) {
  host.Open();
  host.CreateTopic('t', SmallTopic(10));
  for (int i = 0; i < 2; ++i) {
    for (PartitionNumber n = 0; n < 10; ++n) {
      host.Append('t', n, 1, 80, Ack::kProcess);
    }
    host.Sync();
  }
  host.Append('t', 4, 2, 80, Ack::kProcess);
}

void RollAndSeal(LifeHost& host) {
  host.Open();
  host.CreateTopic('t', SmallTopic());
  host.Append('t', 0, 24, 900, Ack::kProcess);
  host.Append('t', 0, 12, 900, Ack::kDisk);
  host.Close();
}

void RollCompressed(LifeHost& host) {
  TopicOptions options = SmallTopic();
  options.compression = Compression::kLz4;
  host.Open();
  host.CreateTopic('t', options);
  for (int i = 0; i < 6; ++i) {
    host.AppendBatch('t', 0, 8, 400, Ack::kProcess);
    host.Append('t', 0, 2, 200, i % 2 == 0 ? Ack::kDisk : Ack::kMemory);
  }
  host.Close();
}

void TrimAndRetain(LifeHost& host) {
  TopicOptions options = SmallTopic();
  options.retention_bytes = 20 << 10;
  host.Open();
  host.CreateTopic('t', options);
  host.Append('t', 0, 20, 900, Ack::kMemory);
  host.Sync();
  host.Trim('t', 0, 3);
  host.Trim('t', 0, 12);
  host.Append('t', 0, 24, 900, Ack::kProcess);
  host.Retain('t', absl::Seconds(60));
  host.Append('t', 0, 4, 900, Ack::kDisk);
  host.Trim('t', 0, 48);
  host.Append('t', 0, 1, 900, Ack::kProcess);
}

void CommitCursors(LifeHost& host) {
  host.Open();
  host.CreateTopic('t', SmallTopic(2));
  for (Offset offset = 2; offset <= 6; offset += 2) {
    host.Append('t', 0, 2, 60, Ack::kProcess);
    host.Append('t', 1, 2, 60, Ack::kMemory);
    host.Commit('a', 't', 0, offset, Ack::kDisk);
    host.Commit('b', 't', 1, offset, Ack::kProcess);
  }
}

void ChangeTopics(LifeHost& host) {
  host.Open();
  host.CreateTopic('a', SmallTopic());
  host.CreateTopic('b', SmallTopic(2));
  host.Append('a', 0, 3, 60, Ack::kProcess);
  host.Append('b', 1, 3, 60, Ack::kProcess);
  host.DeleteTopic('b');
  host.CreateTopic('b', SmallTopic());
  host.Append('b', 0, 2, 60, Ack::kProcess);
  host.IncreasePartitions('b', 4);
  host.Append('b', 3, 2, 60, Ack::kProcess);
  TopicOptions options = SmallTopic();
  options.segment_bytes = 4 << 10;
  host.AlterTopic('a', options);
  host.Append('a', 0, 6, 900, Ack::kProcess);
  host.Close();
}

// What a life that begins with a recovery does behind it.
void GoOn(LifeHost& host) {
  host.Open();
  host.Append('t', 0, 3, 300, Ack::kProcess);
  host.Append('t', 0, 2, 300, Ack::kDisk);
  host.Append('t', 0, 2, 300, Ack::kProcess);
  host.Close();
  host.Open();
  host.Append('t', 0, 1, 300, Ack::kProcess);
}

void LeaveATail(LifeHost& host) {
  host.Open();
  host.CreateTopic('t', SmallTopic());
  host.Append('t', 0, 9, 900, Ack::kDisk);
  host.Append('t', 0, 12, 900, Ack::kProcess);
  host.Die();
}

void LeaveAnArena(LifeHost& host) {
  host.Open();
  host.CreateTopic('t', SmallTopic(3));
  host.Append('t', 0, 5, 300, Ack::kDisk);
  host.Append('t', 1, 5, 300, Ack::kProcess);
  host.Append('t', 0, 12, 900, Ack::kProcess);
  host.Append('t', 2, 2, 300, Ack::kProcess);
  host.Die();
}

// Threads flush, sync and mark beside the host.
void LiveWithThreads(LifeHost& host) {
  host.Open();
  host.CreateTopic('t', SmallTopic(2));
  for (int i = 0; i < 6; ++i) {
    host.Append('t', 0, 4, 500, Ack::kProcess);
    host.Append('t', 1, 1, 500, Ack::kDisk);
  }
  host.Close();
}

}  // namespace

StoreOptions OptionsOf(const Life& life, const std::string& memory) {
  StoreOptions options;
  options.background_threads = life.has_threads;
  options.process_durability = life.durability;
  options.shared_memory_directory = memory;
  options.pad_synced_batches = life.is_padded;
  options.arena_bytes = 256 << 10;
  options.arena_block_bytes = 1024;
  if (life.has_threads) {
    options.sync_interval = absl::Milliseconds(1);
    options.mark_delay = absl::Milliseconds(1);
  }
  return options;
}

std::vector<Life> AllLives() {
  constexpr auto kShared = ProcessDurability::kSharedMemory;
  constexpr auto kFile = ProcessDurability::kStoreFile;
  constexpr auto kThrough = ProcessDurability::kWriteThrough;
  return {
      {"append at all levels, arena", kShared, AppendAtAllLevels},
      {"append at all levels, arena file", kFile, AppendAtAllLevels},
      {"append at all levels, write-through", kThrough, AppendAtAllLevels},
      {.name = "append at all levels, padded",
       .run = AppendAtAllLevels,
       .is_padded = true},
      {"sync many partitions", kShared, SyncManyPartitions},
      {"roll and seal", kShared, RollAndSeal},
      {"roll compressed", kFile, RollCompressed},
      {"trim and retain", kThrough, TrimAndRetain},
      {"commit cursors", kShared, CommitCursors},
      {"change topics", kShared, ChangeTopics},
      {.name = "reopen behind a torn tail",
       .durability = kThrough,
       .run = GoOn,
       .before = LeaveATail,
       .is_torn = true},
      {"take over an arena", kShared, GoOn, LeaveAnArena},
      {"take over an arena file", kFile, GoOn, LeaveAnArena},
      {.name = "live with threads",
       .run = LiveWithThreads,
       .has_threads = true},
  };
}

}  // namespace tidemark::test
