#include "crash/scenarios.h"

// Topics come, change and go.
namespace tidemark::test {
namespace {

void OpenEmpty(HostWorld& world) {
  world.Open();
  world.Close();
  world.Kill();
}

void CreateSome(HostWorld& world) {
  world.Open();
  world.CreateTopic("a", SmallTopic());
  world.CreateTopic("b", SmallTopic(3));
  world.Append("b", 1, 2, 60, Ack::kDisk);
  world.CreateTopic("c", SmallTopic());
}

void CreateWide(HostWorld& world) {
  world.Open();
  world.CreateTopic("wide", SmallTopic(16));
  for (PartitionNumber n = 0; n < 16; n += 5) {
    world.Append("wide", n, 1, 60, Ack::kDisk);
  }
}

void DeleteOne(HostWorld& world) {
  world.Open();
  world.CreateTopic("a", SmallTopic());
  world.CreateTopic("b", SmallTopic(2));
  world.Append("a", 0, 3, 60, Ack::kDisk);
  world.Append("b", 1, 3, 60, Ack::kDisk);
  world.DeleteTopic("b");
  world.Append("a", 0, 1, 60, Ack::kDisk);
}

void DeleteAndCreateAnew(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 3, 100, Ack::kDisk);
    world.DeleteTopic("t");
    world.CreateTopic("t", SmallTopic());
  }
  world.Append("t", 0, 2, 100, Ack::kDisk);
}

void Increase(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 2, 60, Ack::kDisk);
  world.IncreasePartitions("t", 3);
  world.Append("t", 2, 2, 60, Ack::kDisk);
  world.IncreasePartitions("t", 8);
  world.Append("t", 7, 2, 60, Ack::kDisk);
}

void Alter(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 3, 300, Ack::kDisk);
  TopicOptions options = SmallTopic();
  options.compression = Compression::kLz4;
  world.AlterTopic("t", options);
  world.AppendBatch("t", 0, 6, 300, Ack::kDisk);
  options.segment_bytes = 4 << 10;
  world.AlterTopic("t", options);
  world.Append("t", 0, 8, 900, Ack::kDisk);
}

void ManyTopics(HostWorld& world) {
  world.Open();
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    world.CreateTopic(name, SmallTopic(2));
    world.Append(name, 1, 1, 60, Ack::kMemory);
  }
  world.Sync();
  world.DeleteTopic("c");
  world.Append("f", 0, 2, 60, Ack::kDisk);
}

void ChangeAndLosePower(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 3, 60, Ack::kDisk);
  world.IncreasePartitions("t", 2);
  world.Append("t", 1, 3, 60, Ack::kMemory);
  world.PowerCut();
  world.CreateTopic("u", SmallTopic(2));
  world.Append("t", 1, 3, 60, Ack::kDisk);
  world.PowerCut();
  world.DeleteTopic("t");
  world.Append("u", 1, 3, 60, Ack::kDisk);
}

}  // namespace

std::vector<Scenario> TopicScenarios() {
  return {
      {"open an empty store", PlainOptions, OpenEmpty},
      {"open an empty store, arena", ArenaOptions, OpenEmpty},
      {"create topics", PlainOptions, CreateSome},
      {"create a wide topic", PlainOptions, CreateWide},
      {"delete a topic", PlainOptions, DeleteOne},
      {"delete and create anew", PlainOptions, DeleteAndCreateAnew},
      {"delete and create anew, arena", ArenaOptions, DeleteAndCreateAnew},
      {"increase partitions", PlainOptions, Increase},
      {"alter a topic", PlainOptions, Alter},
      {"many topics", PlainOptions, ManyTopics},
      {"change topics and lose power", PlainOptions, ChangeAndLosePower},
  };
}

}  // namespace tidemark::test
