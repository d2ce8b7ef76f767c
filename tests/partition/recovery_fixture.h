#ifndef TIDEMARK_TESTS_PARTITION_RECOVERY_FIXTURE_H_
#define TIDEMARK_TESTS_PARTITION_RECOVERY_FIXTURE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "partition/meta_file.h"
#include "partition/recovery.h"
#include "record/batch_fixture.h"
#include "segment/segment_fixture.h"
#include "segment/segment_scanner.h"

// Partitions of the tests of recovery: files are written directly, without the
// append path.
namespace tidemark::test {

inline const std::string kPartition = "p";

// The content of a directory by name.
using FileImage = std::map<std::string, std::string>;

inline FileImage ReadImage(Directory& root) {
  FileImage image;
  const auto entries = root.List(kPartition);
  REQUIRE_OK(entries);
  for (const DirectoryEntry& entry : *entries) {
    if (entry.type != FileType::kRegular) continue;
    image[entry.name] = ReadWhole(root, kPartition + "/" + entry.name);
  }
  return image;
}

// A machine in memory with the directory of one partition.
struct PartitionWorld : MemoryWorld {
  PartitionWorld() {
    REQUIRE_OK(root->CreateDirectory(kPartition));
    REQUIRE_OK(root->Sync(""));
  }
  explicit PartitionWorld(const FileImage& image) : PartitionWorld() {
    for (const auto& [name, bytes] : image) {
      WriteWhole(*root, Path(name), bytes);
    }
    REQUIRE_OK(root->Sync(kPartition));
  }

  static std::string Path(const std::string& name) {
    return kPartition + "/" + name;
  }

  void StoreMeta(const PartitionMeta& meta) {
    auto file = MetaFile::Load(*root, kPartition, TestIdentity());
    REQUIRE_OK(file);
    REQUIRE_OK((*file)->Store(meta));
  }
  PartitionMeta LoadMeta() {
    auto file = MetaFile::Load(*root, kPartition, TestIdentity());
    REQUIRE_OK(file);
    REQUIRE((*file)->state() == MetaState::kValid);
    return (*file)->meta();
  }

  absl::StatusOr<RecoveredPartition> Recover(RecoveryOptions options = {}) {
    return RecoverIn(*root, std::move(options));
  }
  static absl::StatusOr<RecoveredPartition> RecoverIn(Directory& root,
                                                      RecoveryOptions options) {
    options.topic = "topic";
    if (options.incarnation == 0) options.incarnation = 2;
    return RecoverPartition(root, kPartition, TestIdentity(), options);
  }
};

inline RecoveryOptions ReadOnly() {
  RecoveryOptions options;
  options.is_read_only = true;
  return options;
}

// Every record that a reader of the recovered files finds: offset and value.
// Batches whose payload is damaged are left out.
inline std::map<Offset, std::string> ReadRecords(
    Directory& root, const RecoveredPartition& partition) {
  std::map<Offset, std::string> records;
  for (const SegmentExtent& extent : partition.segments) {
    const auto file =
        root.OpenFile(kPartition + "/" + extent.file, FileAccess::kReadOnly);
    REQUIRE_OK(file);
    ScanOptions options;
    options.position = extent.header.data_position;
    options.limit = extent.data_end();
    options.next_offset = extent.base_offset();
    options.payloads_from = 0;
    SegmentScanner scanner(**file, extent.header, options);
    for (;;) {
      const auto found = scanner.Next();
      REQUIRE_OK(found);
      if (*found == SegmentScanner::Found::kEnd) break;
      if (*found == SegmentScanner::Found::kFault) {
        if (!scanner.Resync().value()) break;
        continue;
      }
      const BatchHeader& batch = scanner.batch();
      const ByteSpan payload = scanner.body().first(batch.payload_size);
      for (const OwnedRecord& record : Decoded(payload, batch)) {
        const Offset offset = record.id.offset;
        if (offset < partition.start || offset >= extent.next_offset()) {
          continue;
        }
        records[offset] = record.value.value_or("null");
      }
    }
  }
  return records;
}

// The offsets of `records`, which hold the values that were appended.
inline std::vector<Offset> CheckedOffsets(
    const std::map<Offset, std::string>& records) {
  std::vector<Offset> offsets;
  for (const auto& [offset, value] : records) {
    REQUIRE(value == TestValue(offset, value.size()));
    offsets.push_back(offset);
  }
  return offsets;
}

inline std::vector<Offset> ReadOffsets(Directory& root,
                                       const RecoveredPartition& partition) {
  return CheckedOffsets(ReadRecords(root, partition));
}

inline std::vector<Offset> Range(Offset from, Offset to) {
  std::vector<Offset> offsets;
  for (; from < to; ++from) offsets.push_back(from);
  return offsets;
}

inline std::vector<Offset> operator+(std::vector<Offset> a,
                                     const std::vector<Offset>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline const std::string kFileA = "00000000000000000000.log";
inline const std::string kFileB = "00000000000000000009.log";
inline const std::string kFileC = "00000000000000000015.log";

// A log of three segments, of which the first two are sealed. The durable mark
// 17 stands in the batches from offset 20 on; the end is 23.
struct SampleLog {
  SampleLog() {
    PartitionWorld world;
    SegmentWriter a(*world.root, kPartition, TestHeader(0));
    a.Append(3, 0).Append(2, 0).Append(4, 3).Seal(3);
    SegmentWriter b(*world.root, kPartition, TestHeader(9));
    b.Append(2, 5).Append(3, 9).Append(1, 9).Seal(9);
    SegmentWriter c(*world.root, kPartition, TestHeader(15));
    c.Append(2, 9).Append(3, 15).Append(2, 17).Append(1, 17);
    world.StoreMeta({.highest_segment = 15, .durable_end = 15});
    image = ReadImage(*world.root);
    places = {{kFileA, a.places}, {kFileB, b.places}, {kFileC, c.places}};
  }

  // The batch that holds `offset`.
  const BatchPlace& PlaceOf(Offset offset) const {
    for (const auto& [name, batches] : places) {
      for (const BatchPlace& place : batches) {
        if (place.base_offset <= offset && offset < place.next_offset) {
          return place;
        }
      }
    }
    return places.at(kFileC).back();
  }

  FileImage image;
  std::map<std::string, std::vector<BatchPlace>> places;
  static constexpr Offset kMark = 17;
  static constexpr Offset kEnd = 23;
};

inline void FlipBit(std::string& bytes, size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_PARTITION_RECOVERY_FIXTURE_H_
