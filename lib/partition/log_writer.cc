#include "partition/log_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "base/guard.h"
#include "base/status_macros.h"
#include "fmt/core.h"
#include "record/batch_format.h"
#include "segment/segment_format.h"
#include "tidemark/codec.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using batch_format::kAlignment;
using batch_format::kHeaderSize;

constexpr uint64_t kPage = 4096;

constexpr std::array<std::byte, kPage> kZeros = {};

BatchHeader HeaderOf(const TailBatch& batch) {
  BatchHeader header;
  header.base_offset = batch.base_offset;
  header.offset_span = batch.record_count;
  header.record_count = batch.record_count;
  header.base_time = batch.base_time;
  header.max_time = batch.max_time;
  header.append_time = batch.append_time;
  return header;
}

// Adds bytes to a scattered write, joining them to the last part if they
// follow it in memory.
void AddPart(std::vector<ByteSpan>& parts, ByteSpan bytes) {
  if (bytes.empty()) return;
  if (!parts.empty() &&
      parts.back().data() + parts.back().size() == bytes.data()) {
    parts.back() = {parts.back().data(), parts.back().size() + bytes.size()};
  } else {
    parts.push_back(bytes);
  }
}

// Calls `reserve`, which reserves `*room` bytes; where there is no space for
// them with half as many, and so on down to `room_min`.
template <typename Reserve>
absl::Status WithLessRoom(uint64_t room_min, uint64_t* room,
                          const Reserve& reserve) {
  for (;;) {
    absl::Status status = reserve();
    if (!IsDiskFull(status) || *room <= room_min) return status;
    *room = std::max(*room / 2, room_min) & ~uint64_t{kAlignment - 1};
  }
}

}  // namespace

LogWriter::LogWriter(LogShared& shared, const PartitionAddress& address,
                     const PartitionOptions& options,
                     RecoveredPartition recovered)
    : shared_(shared),
      address_(address),
      options_(options),
      meta_(std::move(recovered.meta)),
      written_(recovered.end),
      marked_(recovered.report.recorded_durable_end) {
  auto list = std::make_shared<SegmentList>();
  for (size_t i = 0; i < recovered.segments.size(); ++i) {
    const SegmentExtent& extent = recovered.segments[i];
    const bool is_appendable =
        i + 1 == recovered.segments.size() && recovered.is_last_appendable &&
        !extent.is_sealed && recovered.last_index.has_value();
    auto segment = std::make_shared<LogSegment>(
        address_.path, extent,
        is_appendable ? std::move(recovered.last_index) : std::nullopt);
    if (is_appendable) {
      active_.push_back({segment, nullptr, extent.data_end(), false, false,
                         false, extent.file_size == extent.data_end()});
    }
    list->segments.push_back(std::move(segment));
  }
  list->damage = std::move(recovered.damage);
  list_ = std::move(list);
}

LogWriter::~LogWriter() {
  for (const Active& active : active_) {
    if (active.file != nullptr) shared_.files->AddWriter(-1);
  }
  shared_.files->AddWriter(-static_cast<int>(sealed_unsynced_.size()));
}

absl::Status LogWriter::BeforeFirstWrite() {
  const MutexLock lock(meta_mutex_);
  if (meta_->meta().clean_end < 0) return absl::OkStatus();
  PartitionMeta meta = meta_->meta();
  meta.clean_end = -1;
  meta.clean_incarnation = 0;
  return meta_->Store(meta);
}

absl::StatusOr<std::shared_ptr<LogSegment>> LogWriter::RoomFor(
    uint64_t bytes_min, uint64_t bytes_max, Offset end, uint64_t outstanding,
    uint32_t* limit) {
  TIDEMARK_RETURN_IF_ERROR(RemoveStray());
  TIDEMARK_RETURN_IF_ERROR(BeforeFirstWrite());
  const uint64_t slack =
      kSlack + (shared_.settings.is_padding_synced_batches ? 16 * kPage : 0);
  const auto limit_at = [&](uint64_t position) {
    const uint64_t left = options_.segment_bytes > position
                              ? options_.segment_bytes - position
                              : 0;
    return std::clamp(left, bytes_min, bytes_max) & ~uint64_t{kAlignment - 1};
  };
  if (!active_.empty()) {
    Active& last = active_.back();
    const uint64_t position = last.position + outstanding;
    const bool is_empty = end == last.segment->base_offset();
    const bool is_full = position + bytes_min > options_.segment_bytes;
    if (is_empty || (!is_full && !is_roll_requested_)) {
      TIDEMARK_RETURN_IF_ERROR(OpenFile(last));
      uint64_t room = limit_at(position);
      TIDEMARK_RETURN_IF_ERROR(WithLessRoom(bytes_min, &room, [&] {
        return last.file->EnsureAllocated(position + room + slack);
      }));
      last.is_cut = false;
      is_roll_requested_ = is_roll_requested_ && !is_empty;
      *limit = static_cast<uint32_t>(room);
      return last.segment;
    }
  }
  const uint64_t first = shared_.settings.is_padding_synced_batches
                             ? segment_format::kPaddedDataPosition
                             : segment_format::kDataPosition;
  uint64_t room = limit_at(first);
  TIDEMARK_RETURN_IF_ERROR(WithLessRoom(bytes_min, &room, [&] {
    return CreateSegment(end, first + room + slack);
  }));
  is_roll_requested_ = false;
  *limit = static_cast<uint32_t>(room);
  return active_.back().segment;
}

bool LogWriter::FitsLast(uint64_t bytes, uint64_t outstanding) const {
  if (active_.empty() || is_roll_requested_) return false;
  const Active& last = active_.back();
  return last.file != nullptr &&
         last.position + outstanding + bytes <= options_.segment_bytes;
}

absl::Status LogWriter::OpenFile(Active& active) {
  if (active.file != nullptr) return absl::OkStatus();
  const SegmentHeader& header = active.segment->header();
  auto opened =
      SegmentFile::Open(*shared_.directory, address_.path, header.identity,
                        header.base_offset, FileAccess::kReadWrite);
  if (ReasonOf(opened.status()) == ErrorReason::kOutOfFileDescriptors) {
    shared_.files->Clear();
    opened =
        SegmentFile::Open(*shared_.directory, address_.path, header.identity,
                          header.base_offset, FileAccess::kReadWrite);
  }
  TIDEMARK_RETURN_IF_ERROR(opened.status());
  if ((*opened)->header() != header) {
    return WithReason(absl::DataLossError(fmt::format(
                          "{}: another segment stands in the place of the one "
                          "that was being written",
                          (*opened)->path())),
                      ErrorReason::kDamaged);
  }
  active.file = *std::move(opened);
  shared_.files->AddWriter(1);
  active.segment->SetFile(active.file);
  return absl::OkStatus();
}

absl::Status LogWriter::SealFirst() {
  Active& first = active_.front();
  TIDEMARK_RETURN_IF_ERROR(OpenFile(first));
  // Behind the seal nothing may fail: what follows would be written over it.
  sealed_unsynced_.reserve(sealed_unsynced_.size() + 1);
  const absl::Status sealed = first.file->Seal(first.segment->index(), marked_);
  if (sealed.ok()) {
    first.segment->MarkSealed(first.file->size());
  } else if (!IsDiskFull(sealed)) {
    return sealed;
  }
  // Without space for the index the segment stays as it is: complete, and
  // walked when somebody searches in it.
  sealed_unsynced_.push_back({std::move(first.file), first.is_new});
  first.segment->SetFile(nullptr);
  active_.pop_front();
  return absl::OkStatus();
}

absl::Status LogWriter::AdvanceTo(const LogSegment* segment) {
  while (active_.front().segment.get() != segment) {
    TIDEMARK_RETURN_IF_ERROR(SealFirst());
  }
  return OpenFile(active_.front());
}

SealOptions LogWriter::SealOptionsFor(const Active& active, Offset base,
                                      Offset durable) const {
  SealOptions options;
  options.secret = active.segment->header().secret;
  options.position = active.position;
  options.durable_end = std::min(durable, base);
  options.incarnation = shared_.incarnation;
  if (options_.compression != Compression::kNone) {
    const auto codec = FindCodec(options_.compression);
    if (codec.ok()) options.codec = *codec;
  }
  return options;
}

void LogWriter::NoteBatch(Active& active, const BatchHeader& header) {
  active.segment->Add(header, active.position);
  active.position += header.size;
  active.is_dirty = active.is_dirty || !header.is_mark();
  active.is_marked = header.is_mark();
  active.is_cut = false;
  written_ = header.next_offset();
  marked_ = std::max(marked_, header.durable_end);
}

absl::Status LogWriter::Write(const std::vector<ClaimedBatch>& batches,
                              Offset durable, bool is_for_sync,
                              uint64_t outstanding) {
  size_t next = 0;
  while (next < batches.size()) {
    const LogSegment* const segment = batches[next].chunk->segment.get();
    TIDEMARK_RETURN_IF_ERROR(AdvanceTo(segment));
    Active& active = active_.front();
    std::vector<ByteSpan> parts;
    std::vector<BatchHeader> headers;
    // Kept until the write: headers and payloads that are not in the chunk.
    std::deque<std::array<std::byte, kHeaderSize>> built_headers;
    std::deque<std::string> compressed;
    uint64_t position = active.position;
    for (;
         next < batches.size() && batches[next].chunk->segment.get() == segment;
         ++next) {
      const TailBatch& batch = batches[next].batch;
      std::byte* const in_chunk =
          batches[next].chunk->run.bytes.data() + batch.start;
      BatchHeader header = HeaderOf(batch);
      SealOptions options = SealOptionsFor(active, batch.base_offset, durable);
      options.position = position;
      const ByteSpan plain(in_chunk + kHeaderSize,
                           batch.end - batch.start - kHeaderSize);
      const uint64_t padded =
          AlignUp(position + kHeaderSize + plain.size(), kPage);
      if (is_for_sync && next + 1 == batches.size() &&
          shared_.settings.is_padding_synced_batches &&
          active.file->EnsureAllocated(padded + outstanding).ok()) {
        options.padding_to = kPage;
      }
      if (options.codec == nullptr && options.padding_to == kAlignment) {
        SealBatch(plain, options, &header, in_chunk, nullptr);
        AddPart(parts, {in_chunk, header.size});
      } else {
        std::byte* const to = built_headers.emplace_back().data();
        const ByteSpan stored =
            SealBatch(plain, options, &header, to, &compressed.emplace_back());
        AddPart(parts, {to, kHeaderSize});
        AddPart(parts, stored);
        AddPart(parts, {kZeros.data(),
                        header.size - kHeaderSize - header.payload_size});
      }
      headers.push_back(header);
      position += header.size;
    }
    TIDEMARK_RETURN_IF_ERROR(active.file->Write(active.position, parts));
    for (const BatchHeader& header : headers) NoteBatch(active, header);
  }
  return absl::OkStatus();
}

absl::Status LogWriter::WritePlain(BatchHeader header, ByteSpan plain,
                                   Offset durable) {
  return WriteWith(header, plain, durable, shared_.incarnation);
}

absl::Status LogWriter::WriteTaken(BatchHeader header, ByteSpan plain) {
  return WriteWith(header, plain, marked_, header.incarnation);
}

absl::Status LogWriter::WriteWith(BatchHeader header, ByteSpan plain,
                                  Offset durable, Incarnation incarnation) {
  while (active_.size() > 1) TIDEMARK_RETURN_IF_ERROR(SealFirst());
  Active& active = active_.front();
  TIDEMARK_RETURN_IF_ERROR(OpenFile(active));
  std::array<std::byte, kHeaderSize> head;
  std::string compressed;
  SealOptions options = SealOptionsFor(active, header.base_offset, durable);
  options.incarnation = incarnation;
  const ByteSpan stored =
      SealBatch(plain, options, &header, head.data(), &compressed);
  const std::array<ByteSpan, 3> parts = {
      ByteSpan(head), stored,
      ByteSpan(kZeros.data(), header.size - kHeaderSize - header.payload_size)};
  auto refuse = absl::MakeCleanup([&active] {
    // I5: a write that stopped in the padding has left the records whole, and
    // so has one that could not be noted. The next owner would find them.
    active.file->NoteFailedWrite();
    const ByteSpan zeros(kZeros.data(), kHeaderSize);
    Guarded([&] {
      return active.file->Write(active.position, {&zeros, 1});
    }).IgnoreError();
  });
  TIDEMARK_RETURN_IF_ERROR(active.file->Write(active.position, parts));
  NoteBatch(active, header);
  std::move(refuse).Cancel();
  return absl::OkStatus();
}

absl::Status LogWriter::WriteMark(Offset end, Offset durable,
                                  uint64_t outstanding) {
  if (active_.size() != 1 || !needs_mark(durable)) return absl::OkStatus();
  Active& active = active_.front();
  if (active.segment->next_offset() != end) return absl::OkStatus();
  TIDEMARK_RETURN_IF_ERROR(OpenFile(active));
  const uint64_t pad =
      shared_.settings.is_padding_synced_batches ? kPage : kAlignment;
  // A mark is worth no error: the next batch carries it as well.
  if (!active.file
           ->EnsureAllocated(AlignUp(active.position + kHeaderSize, pad) +
                             outstanding)
           .ok()) {
    return absl::OkStatus();
  }
  BatchHeader header;
  header.base_offset = end;
  header.attributes = batch_format::kMark;
  header.append_time = shared_.clock->CoarseMicros();
  header.base_time = header.append_time;
  header.max_time = header.append_time;
  SealOptions options = SealOptionsFor(active, end, durable);
  options.codec = nullptr;
  options.padding_to = pad;
  std::array<std::byte, kHeaderSize> head;
  SealBatch({}, options, &header, head.data(), nullptr);
  const std::array<ByteSpan, 2> parts = {
      ByteSpan(head), ByteSpan(kZeros.data(), header.size - kHeaderSize)};
  TIDEMARK_RETURN_IF_ERROR(active.file->Write(active.position, parts));
  NoteBatch(active, header);
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
