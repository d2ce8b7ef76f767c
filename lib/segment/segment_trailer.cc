#include "segment/segment_trailer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/checksum.h"
#include "base/status_macros.h"
#include "record/batch_format.h"
#include "segment/retrying_read.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace segment_format::trailer;
namespace index_format = segment_format::index;

// Over secret, position and the trailer without its checksum.
uint64_t TrailerChecksum(const SegmentSecret& secret, uint64_t position,
                         ByteSpan trailer) {
  std::array<std::byte, 16 + 8 + kChecksumAt> input;
  std::memcpy(input.data(), secret.data(), secret.size());
  StoreLittle(input.data() + 16, position);
  std::memcpy(input.data() + 24, trailer.data(), kChecksumAt);
  return Checksum(input);
}

// The totals agree with each other and with the header.
bool TotalsAreValid(const SegmentTotals& totals, const SegmentHeader& header) {
  if (totals.base_offset != header.base_offset ||
      totals.next_offset < totals.base_offset || totals.durable_end < 0 ||
      totals.durable_end > totals.next_offset) {
    return false;
  }
  const auto span =
      static_cast<uint64_t>(totals.next_offset - totals.base_offset);
  return totals.data_end % batch_format::kAlignment == 0 &&
         totals.data_end >= header.data_position &&
         totals.record_count <= span &&
         totals.batch_count <= (totals.data_end - header.data_position) /
                                   batch_format::kHeaderSize &&
         (totals.batch_count == 0) == (totals.data_end == header.data_position);
}

// Index and snapshot lie one behind the other between data and trailer, and the
// index has no more entries than the data has room for.
bool PlacesAreValid(const SegmentTrailer& trailer, uint64_t position) {
  const SegmentTotals& totals = trailer.totals;
  if (trailer.index_position != totals.data_end ||
      trailer.index_position > position ||
      trailer.index_size > position - trailer.index_position ||
      trailer.index_size < index_format::kHeadSize) {
    return false;
  }
  const uint64_t entries_size = trailer.index_size - index_format::kHeadSize;
  if (entries_size % index_format::kEntrySize != 0 ||
      entries_size / index_format::kEntrySize >
          totals.data_end / index_format::kInterval + 1) {
    return false;
  }
  const uint64_t index_end = trailer.index_position + trailer.index_size;
  if (trailer.snapshot_size == 0) {
    return trailer.snapshot_position == 0 && index_end == position;
  }
  return trailer.snapshot_position == index_end &&
         trailer.snapshot_size == position - index_end;
}

}  // namespace

std::string EncodeTrailer(const SegmentTrailer& trailer,
                          const SegmentHeader& header, uint64_t position) {
  const SegmentTotals& totals = trailer.totals;
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U64(kMagic);
  writer.U64(trailer.index_position);
  writer.U64(trailer.index_size);
  writer.U64(totals.data_end);
  writer.I64(totals.base_offset);
  writer.I64(totals.next_offset);
  writer.U64(totals.record_count);
  writer.U64(totals.batch_count);
  writer.I64(totals.min_time);
  writer.I64(totals.max_time);
  writer.I64(totals.min_append_time);
  writer.I64(totals.max_append_time);
  writer.I64(totals.durable_end);
  writer.U64(totals.incarnation);
  writer.U64(trailer.snapshot_position);
  writer.U64(trailer.snapshot_size);
  writer.Bytes(header.segment_id.bytes);
  writer.U64(0);
  writer.U64(TrailerChecksum(header.secret, position, AsBytes(bytes)));
  return bytes;
}

std::optional<SegmentTrailer> DecodeTrailer(ByteSpan bytes,
                                            const SegmentHeader& header,
                                            uint64_t position) {
  if (bytes.size() != kSize) return std::nullopt;
  ByteReader reader(bytes);
  if (reader.U64() != kMagic) return std::nullopt;
  if (LoadLittle<uint64_t>(bytes.data() + kChecksumAt) !=
      TrailerChecksum(header.secret, position, bytes)) {
    return std::nullopt;
  }
  SegmentTrailer trailer;
  trailer.index_position = reader.U64();
  trailer.index_size = reader.U64();
  trailer.totals.data_end = reader.U64();
  trailer.totals.base_offset = reader.I64();
  trailer.totals.next_offset = reader.I64();
  trailer.totals.record_count = reader.U64();
  trailer.totals.batch_count = reader.U64();
  trailer.totals.min_time = reader.I64();
  trailer.totals.max_time = reader.I64();
  trailer.totals.min_append_time = reader.I64();
  trailer.totals.max_append_time = reader.I64();
  trailer.totals.durable_end = reader.I64();
  trailer.totals.incarnation = reader.U64();
  trailer.snapshot_position = reader.U64();
  trailer.snapshot_size = reader.U64();
  const ByteSpan segment_id = reader.Bytes(header.segment_id.bytes.size());
  const uint64_t reserved = reader.U64();
  if (!std::equal(segment_id.begin(), segment_id.end(),
                  header.segment_id.bytes.begin()) ||
      reserved != 0 || !TotalsAreValid(trailer.totals, header) ||
      !PlacesAreValid(trailer, position)) {
    return std::nullopt;
  }
  return trailer;
}

absl::StatusOr<std::optional<SegmentTrailer>> ReadTrailer(
    const File& file, const SegmentHeader& header, uint64_t file_size) {
  if (file_size < header.data_position + kSize || file_size % 8 != 0 ||
      file_size > segment_format::kSegmentSizeCap) {
    return std::nullopt;
  }
  const uint64_t position = file_size - kSize;
  std::array<std::byte, kSize> bytes;
  TIDEMARK_ASSIGN_OR_RETURN(const size_t count,
                            ReadRetrying(file, position, bytes));
  return DecodeTrailer(ByteSpan(bytes.data(), count), header, position);
}

absl::StatusOr<SegmentIndex> ReadIndex(const File& file, std::string_view name,
                                       const SegmentHeader& header,
                                       const SegmentTrailer& trailer) {
  // The trailer's rules bound the size by that of the data before it.
  std::vector<std::byte> block(trailer.index_size);
  TIDEMARK_ASSIGN_OR_RETURN(const size_t count,
                            ReadRetrying(file, trailer.index_position, block));
  absl::StatusOr<std::vector<IndexEntry>> entries =
      DecodeIndexBlock(ByteSpan(block.data(), count), header, trailer.totals);
  if (!entries.ok()) {
    const absl::Status& status = entries.status();
    return WithReason(
        absl::Status(status.code(),
                     fmt::format("{}: {}", name, FromAbsl(status.message()))),
        ReasonOf(status));
  }
  return SegmentIndex(trailer.totals, *std::move(entries));
}

}  // namespace v0
}  // namespace tidemark
