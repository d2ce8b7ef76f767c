#include "faults/more_scenarios.h"

#include "base/status_macros.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/cursor_files.h"

namespace tidemark::test {
namespace {

void ReadWhatIsWritten(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 20, 900, Ack::kMemory);
  world.Sync();
  world.Read("t", 0);
  world.Append("t", 0, 1, 20'000, Ack::kDisk);
  world.Append("t", 0, 3, 100, Ack::kMemory);
  world.Read("t", 0);
  world.Kill();
  world.Read("t", 0);
}

// Finds a time in the index of a sealed segment, and measures.
void LookIntoTheLog(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  world.Append("t", 0, 20, 900, Ack::kDisk);
  world.Kill();
  world.Try("look", [](Store& store) -> absl::Status {
    TIDEMARK_ASSIGN_OR_RETURN(const Topic topic, store.OpenTopic("t"));
    TIDEMARK_ASSIGN_OR_RETURN(const Partition log, topic.partition(0));
    TIDEMARK_RETURN_IF_ERROR(log.OffsetForTime(absl::Now()).status());
    TIDEMARK_RETURN_IF_ERROR(log.BytesBetween(0, 5).status());
    TIDEMARK_ASSIGN_OR_RETURN(const auto segments, log.segments());
    for (const Segment& segment : segments) {
      TIDEMARK_RETURN_IF_ERROR(segment.Verify());
    }
    return absl::OkStatus();
  });
}

void LookAtCursors(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic(3));
  world.Append("t", 0, 4, 100, Ack::kDisk);
  world.Commit("c", "t", 0, 2);
  world.Kill();
  world.Try("look at cursors", [](Store& store) -> absl::Status {
    TIDEMARK_ASSIGN_OR_RETURN(const auto names, ListCursors(store));
    for (const std::string& name : names) {
      TIDEMARK_RETURN_IF_ERROR(FindCursorDamage(store, name).status());
    }
    return absl::OkStatus();
  });
}

// More than one slab of the arena, given back when idle, and taken again.
void FillTheArena(HostWorld& world) {
  world.Open();
  world.CreateTopic("t", SmallTopic());
  for (int i = 0; i < 2; ++i) {
    world.AppendBatch("t", 0, 30, 4'000, Ack::kProcess);
    world.AppendBatch("t", 0, 30, 4'000, Ack::kProcess);
    world.Sync();
    world.Maintain(absl::Seconds(120));
    world.Maintain(absl::Seconds(120));
  }
  world.Kill();
}

void RetainByAge(HostWorld& world) {
  TopicOptions options = SmallTopic();
  options.retention_bytes = 8 << 10;
  world.Open();
  world.CreateTopic("t", options);
  for (int i = 0; i < 3; ++i) {
    world.Append("t", 0, 14, 900, Ack::kDisk);
    world.Maintain(absl::Seconds(60));
    world.PowerCut();
  }
}

}  // namespace

std::vector<Scenario> ScenariosWithFaults() {
  std::vector<Scenario> all = AllScenarios();
  all.push_back({"read what is written", PlainOptions, ReadWhatIsWritten});
  all.push_back({"look into the log", PlainOptions, LookIntoTheLog});
  all.push_back({"look at cursors", PlainOptions, LookAtCursors});
  all.push_back({"fill the arena", ArenaOptions, FillTheArena});
  all.push_back({"fill the arena, file", StoreFileOptions, FillTheArena});
  all.push_back({"retain bytes and lose power", PlainOptions, RetainByAge});
  return all;
}

}  // namespace tidemark::test
