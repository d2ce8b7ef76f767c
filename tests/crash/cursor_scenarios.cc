#include "crash/scenarios.h"

// Named cursors commit.
namespace tidemark::test {
namespace {

void CommitOften(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (Offset offset = 2; offset <= 10; offset += 2) {
    world.Append("t", 0, 2, 60, Ack::kDisk);
    world.Commit("c", "t", 0, offset);
  }
}

void CommitOfTwo(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 8, 60, Ack::kDisk);
  world.Commit("a", "t", 0, 2);
  world.Commit("b", "t", 0, 4);
  world.Commit("a", "t", 0, 6);
  world.Commit("b", "t", 0, 8);
}

void CommitTheUnsynced(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (Offset offset = 3; offset <= 9; offset += 3) {
    world.Append("t", 0, 3, 200, Ack::kMemory);
    world.Commit("c", "t", 0, offset);
  }
}

void CommitAndLosePower(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  Offset offset = 0;
  for (int i = 0; i < 4; ++i) {
    world.Append("t", 0, 3, 200, Ack::kDisk);
    offset += 2;
    world.Commit("c", "t", 0, offset);
    world.Append("t", 0, 1, 200, Ack::kMemory);
    world.PowerCut();
  }
}

void CommitAndTrim(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 20, 900, Ack::kMemory);
  world.Sync();
  world.Commit("c", "t", 0, 10);
  world.Trim("t", 0, 10);
  world.Commit("c", "t", 0, 20);
  world.Trim("t", 0, 20);
}

}  // namespace

std::vector<Scenario> CursorScenarios() {
  return {
      {"commit often", PlainOptions, CommitOften},
      {"commit often, arena", ArenaOptions, CommitOften},
      {"two cursors", PlainOptions, CommitOfTwo},
      {"commit what is not synced", PlainOptions, CommitTheUnsynced},
      {"commit and lose power", PlainOptions, CommitAndLosePower},
      {"commit and trim", PlainOptions, CommitAndTrim},
  };
}

}  // namespace tidemark::test
