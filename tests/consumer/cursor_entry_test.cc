#include "consumer/cursor_entry.h"

#include <array>

#include "support/catch.h"

namespace tidemark {
namespace {

using State = CursorEntry::State;

constexpr CursorBytes kBlank = CursorBytes::kBlank;
constexpr CursorBytes kValid = CursorBytes::kValid;
constexpr CursorBytes kDamaged = CursorBytes::kDamaged;

CursorKey Key() {
  CursorKey key;
  key.topic_id.bytes.fill(std::byte{9});
  key.partition = 4;
  return key;
}

CursorSlot Claim(uint64_t sequence) {
  CursorSlot slot;
  slot.sequence = sequence;
  slot.key = Key();
  return slot;
}

CursorSlot Commit(uint64_t sequence, Ack level) {
  CursorSlot slot = Claim(sequence);
  slot.is_commit = true;
  slot.level = level;
  slot.offset = static_cast<Offset>(sequence * 10);
  return slot;
}

CursorEntry Entry(CursorBytes a, const CursorSlot& slot_a, CursorBytes b,
                  const CursorSlot& slot_b) {
  return CursorEntry(std::array{a, b}, std::array{slot_a, slot_b});
}

CursorEntry BothValid(const CursorSlot& a, const CursorSlot& b) {
  return Entry(kValid, a, kValid, b);
}

TEST_CASE("An entry that was never claimed is free", "[cursor_entry]") {
  CHECK(CursorEntry().state() == State::kFree);
  CHECK(Entry(kBlank, {}, kBlank, {}).state() == State::kFree);
}

TEST_CASE("A claim that was torn before its second slot leaves a free entry",
          "[cursor_entry]") {
  CHECK(Entry(kDamaged, {}, kBlank, {}).state() == State::kFree);
}

TEST_CASE("A claim without a commit is known by either slot",
          "[cursor_entry]") {
  CHECK(BothValid(Claim(1), Claim(2)).state() == State::kClaimed);
  CHECK_FALSE(BothValid(Claim(1), Claim(2)).IsHalfClaimed());
  for (const CursorBytes second : {kBlank, kDamaged}) {
    const CursorEntry half = Entry(kValid, Claim(1), second, {});
    CHECK(half.state() == State::kClaimed);
    CHECK(half.IsHalfClaimed());
    CHECK(half.NextCopy() == 1);
    CHECK(half.NextSequence() == 2);
  }
}

TEST_CASE("A first commit that cannot be read is lost, not missing",
          "[cursor_entry]") {
  const CursorEntry entry = Entry(kDamaged, {}, kValid, Claim(2));
  CHECK(entry.state() == State::kLost);
  CHECK(entry.key() == Key());
  CHECK(entry.NextCopy() == 0);
}

TEST_CASE("The slot of the higher sequence counts", "[cursor_entry]") {
  const CursorSlot old = Commit(3, Ack::kProcess);
  const CursorSlot young = Commit(4, Ack::kProcess);
  CHECK(BothValid(old, young).newest() == young);
  CHECK(BothValid(young, old).newest() == young);
  CHECK(BothValid(young, old).state() == State::kCommitted);
  CHECK(BothValid(young, old).NextSequence() == 5);
}

TEST_CASE("A torn slot falls back to the commit before", "[cursor_entry]") {
  const CursorSlot before = Commit(3, Ack::kDisk);
  const CursorEntry entry = Entry(kValid, before, kDamaged, {});
  CHECK(entry.state() == State::kCommitted);
  CHECK(entry.newest() == before);
  CHECK(entry.NextCopy() == 1);
}

TEST_CASE("Two damaged slots do not tell whose they are", "[cursor_entry]") {
  CHECK(Entry(kDamaged, {}, kDamaged, {}).state() == State::kDamaged);
}

TEST_CASE("Two slots that contradict each other are damage", "[cursor_entry]") {
  CursorSlot other = Commit(4, Ack::kDisk);
  other.key.partition = 5;
  CHECK(BothValid(Commit(3, Ack::kDisk), other).state() == State::kDamaged);
  CHECK(BothValid(Commit(3, Ack::kDisk), Commit(3, Ack::kDisk)).state() ==
        State::kDamaged);
}

TEST_CASE("The first commit goes to the first slot", "[cursor_entry]") {
  CHECK(BothValid(Claim(1), Claim(2)).NextCopy() == 0);
  CHECK(BothValid(Claim(1), Claim(2)).NextSequence() == 3);
}

TEST_CASE("Commits of the process take turns between the slots",
          "[cursor_entry]") {
  CursorEntry entry = BothValid(Claim(1), Claim(2));
  int expected = 0;
  for (uint64_t sequence = 3; sequence < 8; ++sequence) {
    CHECK(entry.NextCopy() == expected);
    entry.NoteWritten(entry.NextCopy(), Commit(sequence, Ack::kProcess));
    expected = 1 - expected;
  }
}

TEST_CASE("The newest durable commit is never written over", "[cursor_entry]") {
  CursorEntry entry =
      BothValid(Commit(3, Ack::kProcess), Commit(4, Ack::kProcess));
  entry.NoteWritten(0, Commit(5, Ack::kDisk));
  entry.NoteSynced();
  for (uint64_t sequence = 6; sequence < 10; ++sequence) {
    CHECK(entry.NextCopy() == 1);
    entry.NoteWritten(1, Commit(sequence, Ack::kProcess));
    CHECK_FALSE(entry.NeedsSettling());
  }
  // The next durable one, too, until it is synced.
  CHECK(entry.NextCopy() == 1);
  entry.NoteWritten(1, Commit(10, Ack::kDisk));
  CHECK_FALSE(entry.IsDurable());
  entry.NoteSynced();
  CHECK(entry.IsDurable());
  CHECK(entry.NextCopy() == 0);
}

TEST_CASE("A durable commit that was read has to be settled first",
          "[cursor_entry]") {
  CursorEntry entry = BothValid(Commit(3, Ack::kDisk), Commit(4, Ack::kDisk));
  CHECK(entry.NeedsSettling());
  CHECK_FALSE(entry.IsDurable());
  entry.NoteSynced();
  CHECK_FALSE(entry.NeedsSettling());
  CHECK(entry.IsDurable());

  const CursorEntry process =
      BothValid(Commit(3, Ack::kDisk), Commit(4, Ack::kProcess));
  CHECK_FALSE(process.NeedsSettling());
}

TEST_CASE("A write that failed leaves the other slot", "[cursor_entry]") {
  CursorEntry entry = BothValid(Commit(3, Ack::kDisk), Commit(4, Ack::kDisk));
  entry.NoteSynced();
  const int copy = entry.NextCopy();
  entry.NoteFailed(copy);
  CHECK(entry.newest() == Commit(4, Ack::kDisk));
  CHECK(entry.NextCopy() == copy);
}

}  // namespace
}  // namespace tidemark
