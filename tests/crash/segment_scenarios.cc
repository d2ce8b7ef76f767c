#include "crash/scenarios.h"

// Rolling, sealing, trimming, retention.
namespace tidemark::test {
namespace {

void RollDurably(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 24, 900, Ack::kDisk);
}

void RollInMemory(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 24, 900, Ack::kMemory);
  world.Sync();
  world.Append("t", 0, 12, 900, Ack::kMemory);
}

void RollForTheProcess(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 24, 900, Ack::kProcess);
  world.Close();
}

void RollCompressed(HostWorld& world) {
  TopicOptions options = SmallTopic();
  options.compression = Compression::kZstd;
  world.Open();
  world.CreateTopic("t", options);
  for (int i = 0; i < 8; ++i) {
    world.AppendBatch("t", 0, 10, 400, Ack::kDisk);
  }
}

void RollByAge(HostWorld& world) {
  TopicOptions options = SmallTopic();
  options.segment_age = absl::Seconds(10);
  world.Open();
  world.CreateTopic("t", options);
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 2, 100, Ack::kDisk);
    world.Maintain(absl::Seconds(11));
  }
  world.Append("t", 0, 2, 100, Ack::kDisk);
}

void RollByOversized(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 2, 100, Ack::kDisk);
    world.Append("t", 0, 1, 9'000, Ack::kDisk);
  }
}

void CloseAndReopen(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 4, 300, Ack::kMemory);
    world.Close();
    world.Kill();  // nobody left: opens what was closed
  }
}

void TrimWithin(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 6, 100, Ack::kDisk);
  world.Trim("t", 0, 3);
  world.Append("t", 0, 2, 100, Ack::kDisk);
}

void TrimSegments(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 30, 900, Ack::kMemory);
  world.Sync();
  world.Trim("t", 0, 12);
  world.Trim("t", 0, 25);
  world.Append("t", 0, 3, 900, Ack::kDisk);
  world.Close();
}

void TrimEverything(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 20, 900, Ack::kMemory);
  world.Sync();
  world.Trim("t", 0, 20);
  world.Append("t", 0, 2, 900, Ack::kDisk);
}

void RetainBytes(HostWorld& world) {
  TopicOptions options = SmallTopic();
  options.retention_bytes = 16 << 10;
  world.Open();
  world.CreateTopic("t", options);
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 14, 900, Ack::kMemory);
    world.Sync();
    world.Maintain(absl::Seconds(60));
  }
}

void TrimThenLosePower(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 14, 900, Ack::kMemory);
    world.Sync();
    world.Trim("t", 0, world.partition("t", 0).marks().end - 4);
    world.PowerCut();
  }
}

}  // namespace

std::vector<Scenario> SegmentScenarios() {
  return {
      {"roll durably", PlainOptions, RollDurably},
      {"roll durably, padded", PaddedOptions, RollDurably},
      {"roll in memory", PlainOptions, RollInMemory},
      {"roll for the process, arena", ArenaOptions, RollForTheProcess},
      {"roll for the process, write-through", WriteThroughOptions,
       RollForTheProcess},
      {"roll compressed", PlainOptions, RollCompressed},
      {"roll by age", PlainOptions, RollByAge},
      {"roll by oversized records", PlainOptions, RollByOversized},
      {"close and reopen", PlainOptions, CloseAndReopen},
      {"close and reopen, arena", ArenaOptions, CloseAndReopen},
      {"trim within a segment", PlainOptions, TrimWithin},
      {"trim segments", PlainOptions, TrimSegments},
      {"trim everything", PlainOptions, TrimEverything},
      {"retain bytes", PlainOptions, RetainBytes},
      {"trim, then lose power", PlainOptions, TrimThenLosePower},
  };
}

}  // namespace tidemark::test
