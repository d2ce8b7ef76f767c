#include "partition/takeover.h"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/checksum.h"
#include "base/endian.h"
#include "fmt/core.h"
#include "partition/arena_format.h"
#include "record/record_codec.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace arena_format;
using batch_format::kAlignment;

Id128 LoadId(const std::byte* from) {
  Id128 id;
  std::memcpy(id.bytes.data(), from, id.bytes.size());
  return id;
}

int64_t LoadI64(const std::byte* from) {
  return static_cast<int64_t>(LoadLittle<uint64_t>(from));
}

// One open chunk of the arena.
struct OpenChunk {
  uint64_t serial = 0;
  Id128 topic_id;
  PartitionNumber partition = 0;
  Offset base_offset = 0;
  uint32_t size = 0;
  ByteSpan bytes;  // the published ones
};

// The chunk of descriptor `block`, nothing when it is free; `*is_bad` when it
// breaks a rule.
bool ReadDescriptor(const ArenaHeader& header, ByteSpan arena, uint64_t block,
                    OpenChunk* chunk, bool* is_bad) {
  const std::byte* const descriptor =
      arena.data() + kHeaderSize + block * kDescriptorSize;
  if (LoadLittle<uint32_t>(descriptor + kStateAt) != kOpen) return false;
  const uint32_t published = LoadLittle<uint32_t>(descriptor + kPublishedAt);
  if (published == 0) return false;
  const uint32_t size = LoadLittle<uint32_t>(descriptor + kChunkSizeAt);
  const uint64_t position = header.first_slab + block * header.block_size;
  const uint64_t checksum = Checksum(ByteSpan(
      descriptor + kChunkSizeAt, kDescriptorChecksumAt - kChunkSizeAt));
  *is_bad =
      checksum != LoadLittle<uint64_t>(descriptor + kDescriptorChecksumAt) ||
      size > kChunkSizeMax || published > size || position > arena.size() ||
      size > arena.size() - position;
  if (*is_bad) return false;
  chunk->serial = LoadLittle<uint64_t>(descriptor + kSerialAt);
  chunk->topic_id = LoadId(descriptor + kTopicIdAt);
  chunk->partition = static_cast<PartitionNumber>(
      LoadLittle<uint32_t>(descriptor + kPartitionAt));
  chunk->base_offset = LoadI64(descriptor + kBaseOffsetAt);
  chunk->size = size;
  chunk->bytes = arena.subspan(position, published);
  return true;
}

// Adds the batches of `chunk` to `taken`. Returns false when they break a rule
// at some point; the whole ones before it are added.
bool CollectChunk(const OpenChunk& chunk, Incarnation incarnation,
                  std::vector<TakenBatch>* taken) {
  // A chunk that was handed out ahead of need begins where the log was when
  // appends reached it, not where its descriptor says.
  Offset expected = -1;
  uint64_t position = 0;
  while (position + batch_format::kHeaderSize < chunk.bytes.size()) {
    const std::byte* const at = chunk.bytes.data() + position;
    const uint64_t left =
        chunk.bytes.size() - position - batch_format::kHeaderSize;
    const uint32_t size = LoadLittle<uint32_t>(at + batch_format::kSizeAt);
    // A size says that the batch is closed; the open one ends with what is
    // published.
    const uint64_t payload_size =
        size == 0 ? left
                  : LoadLittle<uint32_t>(at + batch_format::kPayloadSizeAt);
    TakenBatch batch;
    batch.topic_id = chunk.topic_id;
    batch.partition = chunk.partition;
    BatchHeader& header = batch.header;
    header.base_offset = LoadI64(at + batch_format::kBaseOffsetAt);
    header.base_time = LoadI64(at + batch_format::kBaseTimeAt);
    header.append_time = LoadI64(at + batch_format::kAppendTimeAt);
    header.incarnation = incarnation;
    if (expected < 0) expected = std::max(header.base_offset, Offset{0});
    if (payload_size > left || header.base_offset != expected ||
        expected < chunk.base_offset) {
      return false;
    }
    batch.records = {at + batch_format::kHeaderSize,
                     static_cast<size_t>(payload_size)};
    PayloadShape shape;
    if (!MeasurePayload(batch.records, header.base_time, &shape) ||
        shape.record_count == 0 ||
        shape.offset_span > batch_format::kOffsetSpanMax ||
        shape.offset_span > static_cast<uint64_t>(kOffsetMax - expected)) {
      return false;
    }
    header.record_count = shape.record_count;
    header.offset_span = static_cast<uint32_t>(shape.offset_span);
    expected += header.offset_span;
    taken->push_back(batch);
    if (size == 0) return true;
    if (size != AlignUp(batch_format::kHeaderSize + payload_size, kAlignment)) {
      return false;
    }
    position += size;
  }
  return true;
}

int64_t MaxTime(const BatchHeader& header, ByteSpan records) {
  int64_t max_time = header.base_time;
  RecordPosition position{records.data(), header.base_offset, header.base_time};
  bool is_record = false;
  Offset offset = 0;
  const std::byte* const end = records.data() + records.size();
  while (position.next < end &&
         RecordDecoder::Skip(&position, end, &is_record, &offset)) {
    if (is_record) max_time = std::max(max_time, position.time);
  }
  return max_time;
}

}  // namespace

void EncodeArenaHeader(const ArenaHeader& header, MutableByteSpan arena) {
  std::byte* const to = arena.data();
  std::memset(to, 0, kHeaderChecksumAt);
  StoreLittle(to + kMagicAt, kMagic);
  StoreLittle(to + kLayoutVersionAt, kLayoutVersion);
  StoreLittle(to + kBlockSizeAt, header.block_size);
  std::memcpy(to + kStoreIdAt, header.store_id.bytes.data(), 16);
  std::memcpy(to + kBootIdAt, header.boot_id.data(),
              std::min(header.boot_id.size(), kBootIdSize));
  StoreLittle(to + kLockDeviceAt, header.lock_device);
  StoreLittle(to + kLockInodeAt, header.lock_inode);
  StoreLittle(to + kIncarnationAt, header.incarnation);
  StoreLittle(to + kBlockCountAt, header.block_count);
  StoreLittle(to + kFirstSlabAt, header.first_slab);
  StoreLittle(to + kHeaderChecksumAt,
              Checksum(ByteSpan(to, kHeaderChecksumAt)));
}

absl::StatusOr<ArenaHeader> DecodeArenaHeader(ByteSpan arena) {
  const auto damaged = [](const char* what) {
    return WithReason(absl::DataLossError(fmt::format("arena: {}", what)),
                      ErrorReason::kDamaged);
  };
  if (arena.size() < kHeaderSize) return damaged("shorter than its header");
  const std::byte* const from = arena.data();
  if (LoadLittle<uint64_t>(from + kMagicAt) != kMagic) {
    return damaged("no arena magic");
  }
  if (LoadLittle<uint64_t>(from + kHeaderChecksumAt) !=
      Checksum(ByteSpan(from, kHeaderChecksumAt))) {
    return damaged("header checksum mismatch");
  }
  ArenaHeader header;
  header.layout_version = LoadLittle<uint32_t>(from + kLayoutVersionAt);
  if (header.layout_version != kLayoutVersion) {
    return WithReason(absl::UnimplementedError(
                          fmt::format("arena: layout {}, this version knows {}",
                                      header.layout_version, kLayoutVersion)),
                      ErrorReason::kNewerFormat);
  }
  header.block_size = LoadLittle<uint32_t>(from + kBlockSizeAt);
  header.store_id = LoadId(from + kStoreIdAt);
  header.boot_id = std::string(AsText(ByteSpan(from + kBootIdAt, kBootIdSize)));
  header.lock_device = LoadLittle<uint64_t>(from + kLockDeviceAt);
  header.lock_inode = LoadLittle<uint64_t>(from + kLockInodeAt);
  header.incarnation = LoadLittle<uint64_t>(from + kIncarnationAt);
  header.block_count = LoadLittle<uint64_t>(from + kBlockCountAt);
  header.first_slab = LoadLittle<uint64_t>(from + kFirstSlabAt);
  if ((header.block_size != 1024 && header.block_size != 4096) ||
      header.block_count > kArenaSizeMax / header.block_size ||
      header.first_slab < kHeaderSize + header.block_count * kDescriptorSize) {
    return damaged("header field out of range");
  }
  return header;
}

std::vector<TakenBatch> CollectTaken(const ArenaHeader& header, ByteSpan arena,
                                     uint64_t* damaged_chunks) {
  *damaged_chunks = 0;
  std::vector<OpenChunk> chunks;
  // Chunks do not overlap, so that no byte is walked more than once.
  uint64_t free_block = 0;
  for (uint64_t block = 0;
       block < header.block_count &&
       kHeaderSize + (block + 1) * kDescriptorSize <= arena.size();
       ++block) {
    OpenChunk chunk;
    bool is_bad = false;
    if (ReadDescriptor(header, arena, block, &chunk, &is_bad)) {
      is_bad = block < free_block;
      if (!is_bad) {
        free_block =
            block + AlignUp(chunk.size, header.block_size) / header.block_size;
        chunks.push_back(chunk);
      }
    }
    *damaged_chunks += is_bad ? 1 : 0;
  }
  std::sort(chunks.begin(), chunks.end(),
            [](const OpenChunk& a, const OpenChunk& b) {
              return a.serial < b.serial;
            });
  std::vector<TakenBatch> taken;
  for (const OpenChunk& chunk : chunks) {
    if (!CollectChunk(chunk, header.incarnation, &taken)) ++*damaged_chunks;
  }
  for (TakenBatch& batch : taken) {
    batch.header.max_time = MaxTime(batch.header, batch.records);
  }
  return taken;
}

absl::Status TakenBatch::From(Offset end, BatchHeader* part,
                              ByteSpan* part_records,
                              std::string* storage) const {
  *part = header;
  *part_records = {};
  if (header.next_offset() <= end) return absl::OkStatus();
  if (header.base_offset > end) {
    return WithGap(
        WithReason(absl::DataLossError(fmt::format(
                       "partition {}: the log ends at offset {}, the memory of "
                       "the dead owner goes on at {}",
                       partition, end, header.base_offset)),
                   ErrorReason::kDamaged),
        {"", partition, end, header.base_offset});
  }
  *part_records = records;
  if (header.base_offset == end) return absl::OkStatus();
  // The files hold the first records of this batch already.
  RecordPosition position{records.data(), header.base_offset, header.base_time};
  const std::byte* const limit = records.data() + records.size();
  std::vector<Header> headers;
  int64_t last_time = 0;
  part->base_offset = end;
  part->offset_span = static_cast<uint32_t>(header.next_offset() - end);
  part->record_count = 0;
  for (uint32_t i = 0; i < header.record_count && position.next < limit; ++i) {
    RecordView view;
    RecordDecoder::Next(&position, &view);
    if (view.offset() < end) continue;
    const int64_t time = absl::ToUnixMicros(view.create_time());
    if (part->record_count == 0) {
      part->base_time = time;
      last_time = time;
    }
    const Record record = view.ToRecord(headers);
    const size_t before = storage->size();
    storage->resize(before + EncodedSizeBound(record));
    auto* const to = reinterpret_cast<std::byte*>(storage->data()) + before;
    storage->resize(
        before +
        static_cast<size_t>(EncodeRecord(record, time, last_time, to) - to));
    last_time = time;
    ++part->record_count;
  }
  *part_records = AsBytes(*storage);
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
