#ifndef TIDEMARK_TESTS_SEGMENT_SEGMENT_FIXTURE_H_
#define TIDEMARK_TESTS_SEGMENT_SEGMENT_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "fmt/core.h"
#include "record/batch_builder.h"
#include "record/batch_header.h"
#include "segment/file_names.h"
#include "segment/segment_file.h"
#include "segment/segment_header.h"
#include "segment/segment_index.h"
#include "support/status_matchers.h"
#include "tidemark/env.h"
#include "tidemark/testing/memory_env.h"
#include "tidemark/types.h"

// Segments of the tests of lib/segment and of recovery.
namespace tidemark::test {

inline Id128 FilledId(int value) {
  Id128 id;
  id.bytes.fill(static_cast<std::byte>(value));
  return id;
}

inline SegmentIdentity TestIdentity() {
  return {FilledId(0xaa), FilledId(0xbb), 7};
}

// A header with ids and a secret that follow from the base offset.
inline SegmentHeader TestHeader(Offset base_offset) {
  SegmentHeader header;
  header.identity = TestIdentity();
  header.base_offset = base_offset;
  header.segment_id = FilledId(0x10 + static_cast<int>(base_offset % 64));
  header.secret = FilledId(0x80 + static_cast<int>(base_offset % 64)).bytes;
  header.incarnation = 1;
  header.create_time = 1'700'000'000'000'000;
  return header;
}

inline std::string ReadWhole(Directory& root, const std::string& path) {
  auto file = root.OpenFile(path, FileAccess::kReadOnly);
  REQUIRE_OK(file);
  std::string bytes((*file)->Stat()->size, '\0');
  auto* const to = reinterpret_cast<std::byte*>(bytes.data());
  REQUIRE((*file)->ReadAt(0, {to, bytes.size()}).value() == bytes.size());
  return bytes;
}

// Replaces the content of a file, which is created if need be, durably.
inline void WriteWhole(Directory& root, const std::string& path,
                       std::string_view bytes) {
  auto file = root.OpenFile(path, FileAccess::kReadWrite);
  if (!file.ok()) file = root.CreateFile(path);
  REQUIRE_OK(file);
  REQUIRE_OK((*file)->Truncate(0));
  REQUIRE_OK((*file)->WriteAt(0, AsBytes(bytes)));
  REQUIRE_OK((*file)->SyncAll());
}

// What a batch of the tests looks like.
struct BatchShape {
  Offset base_offset = 0;
  int record_count = 1;  // none: a mark
  Offset durable_end = 0;
  Incarnation incarnation = 1;
  size_t value_size = 20;
  int64_t time = 0;       // 0: a second for each offset
  std::string salt = {};  // begins every value
};

inline std::string TestValue(Offset offset, size_t size) {
  std::string value = fmt::format("value {} ", offset);
  value.resize(size, 'x');
  return value;
}

inline std::string MakeBatch(const SegmentHeader& header, uint64_t position,
                             const BatchShape& shape) {
  const int64_t time =
      shape.time != 0 ? shape.time : shape.base_offset * 1'000'000;
  BatchBuilder builder(shape.base_offset, time);
  for (int i = 0; i < shape.record_count; ++i) {
    const std::string value =
        shape.salt + TestValue(shape.base_offset + i, shape.value_size);
    REQUIRE_OK(builder.Add({.value = value}, time + i));
  }
  SealOptions options;
  options.secret = header.secret;
  options.position = position;
  options.durable_end = shape.durable_end;
  options.incarnation = shape.incarnation;
  auto bytes = builder.Seal(options);
  REQUIRE_OK(bytes);
  return *bytes;
}

inline BatchHeader HeaderOf(const SegmentHeader& header, uint64_t position,
                            std::string_view batch) {
  BatchHeader result;
  REQUIRE(DecodeBatchHeader(AsBytes(batch), header.secret, position, &result) ==
          HeaderFault::kNone);
  return result;
}

struct BatchPlace {
  uint64_t position = 0;
  uint64_t size = 0;
  Offset base_offset = 0;
  Offset next_offset = 0;

  uint64_t end() const { return position + size; }
};

// Writes one segment batch by batch.
class SegmentWriter {
 public:
  SegmentWriter(Directory& root, std::string_view directory,
                const SegmentHeader& header, uint64_t allocation = 4096)
      : header_(header), index_(header) {
    auto created =
        SegmentFile::Create(root, directory, header, allocation, 1 << 20);
    REQUIRE_OK(created);
    file_ = *std::move(created);
  }

  // Appends a batch of `count` records at the end.
  SegmentWriter& Append(int count, Offset durable_end, size_t value_size = 20) {
    BatchShape shape;
    shape.record_count = count;
    shape.durable_end = durable_end;
    shape.value_size = value_size;
    return Append(shape);
  }
  SegmentWriter& Append(BatchShape shape) {
    const uint64_t position = index_.totals().data_end;
    shape.base_offset = index_.totals().next_offset;
    shape.incarnation = std::max(shape.incarnation, incarnation);
    const std::string bytes = MakeBatch(header_, position, shape);
    REQUIRE_OK(file_->EnsureAllocated(position + bytes.size()));
    const ByteSpan part = AsBytes(bytes);
    REQUIRE_OK(file_->Write(position, {&part, 1}));
    const BatchHeader batch = HeaderOf(header_, position, bytes);
    index_.Add(batch, position);
    places.push_back(
        {position, bytes.size(), batch.base_offset, batch.next_offset()});
    return *this;
  }
  SegmentWriter& Mark(Offset durable_end) { return Append(0, durable_end); }

  void Seal(Offset durable_end) {
    REQUIRE_OK(file_->Seal(index_, durable_end));
  }
  void Sync() { REQUIRE_OK(file_->SyncAll()); }
  void CutReserve() { REQUIRE_OK(file_->CutTo(index_.totals().data_end)); }

  SegmentFile& file() { return *file_; }
  const SegmentIndex& index() const { return index_; }
  Offset next_offset() const { return index_.totals().next_offset; }

  std::vector<BatchPlace> places;
  Incarnation incarnation = 1;

 private:
  const SegmentHeader header_;
  SegmentIndex index_;
  std::unique_ptr<SegmentFile> file_;
};

// A machine in memory with one directory.
struct MemoryWorld {
  MemoryWorld() {
    auto opened = env.OpenDirectory("/store", true);
    REQUIRE_OK(opened);
    root = *std::move(opened);
  }

  MemoryEnv env;
  std::unique_ptr<Directory> root;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_SEGMENT_SEGMENT_FIXTURE_H_
