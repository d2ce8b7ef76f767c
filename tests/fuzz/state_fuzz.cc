#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "consumer/cursor_check.h"
#include "consumer/cursor_file.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/tree_image.h"
#include "fuzz/tree_mutator.h"
#include "partition/meta_file.h"
#include "partition/takeover.h"
#include "segment/identity.h"
#include "store/store_file.h"
#include "store/store_format.h"
#include "store/topic_file.h"
#include "tidemark/positions.h"
#include "tidemark/testing/memory_env.h"

// F4: the files of a few facts: STORE, TOPIC, META, cursor files, positions,
// the arena. The name of a file says which reader gets it.
namespace tidemark::test {
namespace {

void Count(const absl::Status& status, FuzzCounts* counts) {
  ExpectTyped(status);
  ++(status.ok() ? counts->accepted : counts->refused);
}

Id128 LoadId(std::string_view content, size_t at) {
  Id128 id;
  for (size_t i = 0; i < id.bytes.size() && at + i < content.size(); ++i) {
    id.bytes[i] = static_cast<std::byte>(content[at + i]);
  }
  return id;
}

// Some slot may be the last one that a file can have: its number has no
// successor, and what is written behind it does not count. No library comes so
// far.
bool HasLastNumber(std::string_view content) {
  const std::string last(8, '\xff');
  for (size_t at = content.find(last); at != std::string_view::npos;
       at = content.find(last, at + 1)) {
    if (at % 8 == 0) return true;
  }
  return false;
}

// What a file says is what it says after the next write.
void CheckStoreFile(Directory& root, FuzzCounts* counts) {
  auto file = StoreFile::Open(root, FileAccess::kReadWrite);
  Count(file.status(), counts);
  if (!file.ok()) return;
  const absl::Status updated = (*file)->Update([](StoreRecord& record) {
    ++record.incarnation;
    record.is_clean = !record.is_clean;
  });
  ExpectTyped(updated);
  if (!updated.ok()) return;
  const StoreRecord before = (*file)->record();
  file->reset();
  const auto again = StoreFile::Open(root, FileAccess::kReadOnly);
  Expect(again.ok(), "STORE opens again");
  Expect((*again)->record() == before, "STORE keeps what was written");
}

void CheckTopicFile(std::string_view content, FuzzCounts* counts) {
  const auto record = DecodeTopic(AsBytes(content), "TOPIC");
  Count(record.status(), counts);
  if (!record.ok()) return;
  Expect(EncodeTopic(*record) == content, "TOPIC has one encoding");
}

void CheckMetaFile(Directory& root, std::string_view content,
                   FuzzCounts* counts) {
  SegmentIdentity identity;
  identity.topic_id = LoadId(content, 16);
  auto file = MetaFile::Load(root, "", identity);
  ExpectTyped(file.status());
  if (!file.ok()) return;
  ++((*file)->state() == MetaState::kValid ? counts->accepted
                                           : counts->refused);
  PartitionMeta meta = (*file)->meta();
  meta.start = 7;
  const absl::Status stored = (*file)->Store(meta);
  ExpectTyped(stored);
  if (!stored.ok() || HasLastNumber(content)) return;
  const auto again = MetaFile::Load(root, "", identity);
  Expect(again.ok() && (*again)->state() == MetaState::kValid &&
             (*again)->meta() == meta,
         "META keeps what was stored");
}

void CheckCursor(Env& env, Directory& root, std::string_view content,
                 FuzzCounts* counts) {
  const Id128 store_id = LoadId(content, 16);
  ExpectTyped(CheckCursorFile(root, store_id, "c").status());
  auto file = CursorFile::Open(root, env, store_id, "c");
  Count(file.status(), counts);
  if (!file.ok()) return;
  const CursorKey keys[] = {{LoadId(content, 8192 + 8), 0},
                            {LoadId(content, 8192 + 8), 1}};
  const absl::Status taken = (*file)->Take(keys);
  ExpectTyped(taken);
  if (!taken.ok()) return;
  const CursorCommit commits[] = {{keys[0], 11, 2}, {keys[1], 12, 2}};
  const absl::Status written = (*file)->Write(commits, Ack::kDisk, 77);
  ExpectTyped(written);
  if (!written.ok() || HasLastNumber(content)) return;
  file->reset();
  auto again = CursorFile::OpenToRead(root, store_id, "c");
  Expect(again.ok() && *again != nullptr, "a cursor file opens again");
  Expect((*again)->Read(keys).ok(), "a cursor file can be read");
  for (const CursorCommit& commit : commits) {
    const CommittedPosition found = (*again)->Find(commit.key);
    Expect(found.state == CommittedPosition::State::kCommitted &&
               found.offset == commit.offset,
           "a commit is kept");
  }
}

void CheckPositions(std::string_view content, FuzzCounts* counts) {
  const auto positions = Positions::FromBytes(AsBytes(content));
  Count(positions.status(), counts);
  if (!positions.ok()) return;
  Expect(positions->ToBytes() == content, "positions have one encoding");
}

void CheckArena(std::string_view content, FuzzCounts* counts) {
  const auto header = DecodeArenaHeader(AsBytes(content));
  Count(header.status(), counts);
  if (!header.ok()) return;
  uint64_t damaged_chunks = 0;
  for (const TakenBatch& batch :
       CollectTaken(*header, AsBytes(content), &damaged_chunks)) {
    Expect(batch.header.base_offset >= 0 &&
               batch.header.next_offset() > batch.header.base_offset,
           "a batch of an arena holds offsets");
    // Also where the files hold a part of it.
    for (const Offset end :
         {Offset{0}, batch.header.base_offset, batch.header.base_offset + 1,
          batch.header.next_offset()}) {
      BatchHeader part;
      ByteSpan records;
      std::string storage;
      ExpectTyped(batch.From(end, &part, &records, &storage));
    }
    counts->records += batch.header.record_count;
  }
}

void RunState(ByteSpan input, FuzzCounts* counts) {
  const TreeImage image = DecodeTree(input);
  MemoryEnv env;
  const auto opened = env.OpenDirectory("/store", true);
  Expect(opened.ok(), "a directory is made");
  Directory& root = **opened;
  WriteTree(image, env, "/store");
  for (const TreeNode& node : image.nodes) {
    if (node.kind != NodeKind::kFile) continue;
    if (node.name == "STORE") CheckStoreFile(root, counts);
    if (node.name == "TOPIC") CheckTopicFile(node.content, counts);
    if (node.name == "META") CheckMetaFile(root, node.content, counts);
    if (node.name == "cursors/c") {
      CheckCursor(env, root, node.content, counts);
    }
    if (node.name == "positions") CheckPositions(node.content, counts);
    if (node.name == "arena") CheckArena(node.content, counts);
  }
}

}  // namespace

const FuzzTarget kStateTarget = {"state", &RunState, &MutateTree};

}  // namespace tidemark::test
