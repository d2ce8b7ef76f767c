#include "crash/scenarios.h"

// Crash, recover, go on, crash again.
namespace tidemark::test {
namespace {

void TearTheTail(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 5; ++i) {
    world.Append("t", 0, 2, 150, Ack::kDisk);
    world.Append("t", 0, 4, 400, Ack::kProcess);
    world.PowerCut();
  }
}

void TearAcrossSegments(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 4; ++i) {
    world.Append("t", 0, 3, 150, Ack::kDisk);
    world.Append("t", 0, 14, 900, Ack::kProcess);
    world.PowerCut();
  }
}

void KillOften(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic(2));
  for (int i = 0; i < 4; ++i) {
    world.Append("t", i % 2, 5, 300, Ack::kProcess);
    world.Kill();
  }
}

void KillAmongSegments(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 12, 900, Ack::kProcess);
    world.Kill();
  }
}

void KillThenLosePower(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 6, 300, Ack::kProcess);
    world.Kill();
    world.Append("t", 0, 2, 100, Ack::kDisk);
    world.Append("t", 0, 3, 300, Ack::kProcess);
    world.PowerCut();
  }
}

void TearCompressed(HostWorld& world) {
  TopicOptions options = SmallTopic();
  options.compression = Compression::kLz4;
  world.Open();
  world.CreateTopic("t", options);
  for (int i = 0; i < 4; ++i) {
    world.AppendBatch("t", 0, 6, 200, Ack::kDisk);
    world.AppendBatch("t", 0, 12, 300, Ack::kProcess);
    world.PowerCut();
  }
}

void FailTheSync(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 4, 150, Ack::kDisk);
  // More than the sectors that the next write touches again.
  world.FailSync(1);
  world.AppendBatch("t", 0, 8, 200, Ack::kDisk);
  world.Append("t", 0, 3, 150, Ack::kDisk);
  world.PowerCut();
  world.Append("t", 0, 3, 150, Ack::kDisk);
}

void FailTheSyncOfARoll(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 7, 900, Ack::kMemory);
  world.FailSync(2);
  world.Append("t", 0, 4, 900, Ack::kDisk);
  world.Append("t", 0, 2, 900, Ack::kDisk);
  world.PowerCut();
  world.Append("t", 0, 8, 900, Ack::kDisk);
}

}  // namespace

std::vector<Scenario> RecoveryScenarios() {
  return {
      {"torn tails", PlainOptions, TearTheTail},
      {"torn tails, padded", PaddedOptions, TearTheTail},
      {"torn tails, arena", ArenaOptions, TearTheTail},
      {"torn tails, write-through", WriteThroughOptions, TearTheTail},
      {"torn segments", PlainOptions, TearAcrossSegments},
      {"torn segments, write-through", WriteThroughOptions, TearAcrossSegments},
      {"killed often, arena", ArenaOptions, KillOften},
      {"killed often, file", StoreFileOptions, KillOften},
      {"killed often, write-through", WriteThroughOptions, KillOften},
      {"killed among segments", ArenaOptions, KillAmongSegments},
      {"killed, then without power", ArenaOptions, KillThenLosePower},
      {"killed, then without power, file", StoreFileOptions, KillThenLosePower},
      {"torn compressed batches", PlainOptions, TearCompressed},
      {"a sync fails", PlainOptions, FailTheSync},
      {"the sync of a roll fails", PlainOptions, FailTheSyncOfARoll},
  };
}

}  // namespace tidemark::test
