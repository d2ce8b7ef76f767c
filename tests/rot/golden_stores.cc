#include "rot/golden_stores.h"

#include "rot/store_maker.h"

namespace tidemark::test {
namespace {

using Name = const char*;

// Two lives, closed both times: sealed segments, of which the last was opened
// again.
GoldenStore Closed(Name name, uint64_t seed, Compression compression) {
  StoreMaker maker(name, seed);
  maker.Open();
  maker.CreateTopic("t", 1, compression);
  for (int i = 0; i < 4; ++i) maker.Append("t", 0, 5, Ack::kDisk);
  maker.Close();
  maker.Remember();
  maker.Open();
  maker.Append("t", 0, 9, Ack::kMemory);
  maker.AppendValue("t", 0, 900, Ack::kDisk);
  maker.Append("t", 0, 2, Ack::kProcess);
  maker.Remember();
  maker.Close();
  return maker.Finish();
}

// A batch that is larger than a segment, and a commit at each level.
GoldenStore WithCursors(uint64_t seed) {
  StoreMaker maker("commits, closed", seed);
  maker.Open();
  maker.CreateTopic("t", 1, Compression::kNone);
  maker.Append("t", 0, 8, Ack::kDisk);
  maker.AppendValue("t", 0, 4000, Ack::kDisk);
  maker.Append("t", 0, 8, Ack::kMemory);
  maker.Commit("c", {"t"}, 3, Ack::kDisk);
  maker.Remember();
  maker.Commit("c", {"t"}, 4, Ack::kDisk);
  maker.Commit("c", {"t"}, 5, Ack::kProcess);
  maker.Close();
  return maker.Finish();
}

// Several topics and partitions.
GoldenStore WithTopics(uint64_t seed) {
  StoreMaker maker("two topics and a cursor, closed", seed);
  maker.Open();
  maker.CreateTopic("a", 2, Compression::kLz4);
  maker.CreateTopic("b", 1, Compression::kZstd);
  maker.Remember();
  for (int i = 0; i < 3; ++i) {
    maker.Append("a", 0, 6, Ack::kDisk);
    maker.Append("a", 1, 4, Ack::kProcess);
    maker.Append("b", 0, 8, Ack::kMemory);
    if (i == 1) maker.Commit("c", {"a", "b"}, 9, Ack::kDisk);
    if (i == 1) maker.Remember();
  }
  maker.Rest();
  maker.Commit("c", {"a", "b"}, 7, Ack::kDisk);
  maker.Close();
  return maker.Finish();
}

// The process dies with a tail of which the last part was never synced.
GoldenStore Killed(uint64_t seed) {
  StoreMaker maker("killed, a tail", seed);
  maker.Open();
  maker.CreateTopic("t", 1, Compression::kNone);
  for (int i = 0; i < 5; ++i) maker.Append("t", 0, 5, Ack::kDisk);
  maker.Rest();
  maker.Remember();
  maker.Append("t", 0, 3, Ack::kProcess);
  maker.Append("t", 0, 2, Ack::kProcess);
  maker.Kill();
  return maker.Finish();
}

// The power goes behind a mark.
GoldenStore PowerCut(uint64_t seed) {
  StoreMaker maker("power cut, a mark and commits", seed);
  maker.Open();
  maker.CreateTopic("t", 1, Compression::kZstd);
  for (int i = 0; i < 6; ++i) maker.Append("t", 0, 7, Ack::kDisk);
  maker.Commit("c", {"t"}, 11, Ack::kDisk);
  maker.Remember();
  maker.Append("t", 0, 4, Ack::kDisk);
  maker.Commit("c", {"t"}, 11, Ack::kProcess);
  maker.Rest();
  maker.Append("t", 0, 1, Ack::kProcess);
  maker.CutPower();
  return maker.Finish();
}

// Trimmed, grown and altered, torn and recovered, closed.
GoldenStore Worn(uint64_t seed) {
  StoreMaker maker("trimmed, grown, recovered, closed", seed);
  maker.Open();
  maker.CreateTopic("t", 1, Compression::kNone);
  for (int i = 0; i < 6; ++i) maker.Append("t", 0, 6, Ack::kDisk);
  maker.Remember();
  maker.Trim("t", 0, 15);
  maker.Grow("t", 2);
  maker.Alter("t", 2048);
  maker.Append("t", 1, 8, Ack::kDisk);
  maker.Kill();
  maker.Open();
  maker.Append("t", 0, 5, Ack::kDisk);
  maker.Append("t", 1, 8, Ack::kMemory);
  maker.Remember();
  maker.Sync();
  maker.Close();
  // So often that a STORE from before counts its opens too low.
  for (int i = 0; i < 3; ++i) {
    maker.Open();
    maker.Append("t", 0, 1, Ack::kDisk);
    maker.Close();
  }
  return maker.Finish();
}

}  // namespace

std::vector<GoldenStore> MakeGoldenStores(uint64_t seed) {
  std::vector<GoldenStore> stores;
  stores.push_back(Closed("plain, closed", seed + 1, Compression::kNone));
  stores.push_back(Closed("lz4, closed", seed + 2, Compression::kLz4));
  stores.push_back(Closed("zstd, closed", seed + 3, Compression::kZstd));
  stores.push_back(WithCursors(seed + 4));
  stores.push_back(WithTopics(seed + 5));
  stores.push_back(Killed(seed + 6));
  stores.push_back(PowerCut(seed + 7));
  stores.push_back(Worn(seed + 8));
  return stores;
}

}  // namespace tidemark::test
