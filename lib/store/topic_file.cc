#include "store/topic_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/checksum.h"
#include "base/endian.h"
#include "base/status_macros.h"
#include "store/atomic_file.h"
#include "store/layout.h"
#include "store/option_table.h"
#include "store/topic_format.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

using namespace topic_format;

absl::Status Damaged(std::string_view path, std::string_view cause) {
  return WithReason(absl::DataLossError(fmt::format("{}: {}", path, cause)),
                    ErrorReason::kDamaged);
}

// `known` is what this version makes of such a number.
absl::Status Newer(std::string_view path, std::string_view what,
                   uint64_t number, std::string_view known) {
  return WithReason(
      absl::UnimplementedError(fmt::format(
          "{}: {} {} is of a newer version of the library, this one {}", path,
          what, number, known)),
      ErrorReason::kNewerFormat);
}

// The rules that hold for every version of the format, then the version.
absl::Status CheckFrame(ByteSpan bytes, std::string_view path) {
  if (bytes.size() > kFileSizeMax) return Damaged(path, "too long");
  if (bytes.size() < kStoreIdAt + kChecksumSize) {
    return Damaged(path, fmt::format("{} bytes are too few", bytes.size()));
  }
  if (LoadLittle<uint64_t>(bytes.data() + kMagicAt) != kMagic) {
    return Damaged(path, "no TOPIC by its first bytes");
  }
  const uint32_t size = LoadLittle<uint32_t>(bytes.data() + kFileSizeAt);
  if (size != bytes.size()) {
    return Damaged(path,
                   fmt::format("{} bytes, {} expected", bytes.size(), size));
  }
  const ByteSpan body = bytes.first(size - kChecksumSize);
  const auto expected = LoadLittle<uint64_t>(body.data() + body.size());
  const uint64_t checksum = Checksum(body);
  if (checksum != expected) {
    return Damaged(path, fmt::format("checksum {:#x}, expected {:#x}", checksum,
                                     expected));
  }
  const uint32_t version = LoadLittle<uint32_t>(bytes.data() + kVersionAt);
  if (version > kVersion) {
    return Newer(path, "format", version,
                 fmt::format("reads format {}", kVersion));
  }
  if (version < kVersion || size < kNamesAt + kChecksumSize) {
    return Damaged(
        path, fmt::format("no format {} of {} bytes exists", version, size));
  }
  return absl::OkStatus();
}

absl::Status CheckNumbers(const TopicRecord& record, uint16_t partitioner,
                          uint8_t ack, uint8_t compression,
                          std::string_view path) {
  switch (record.partitioner) {
    case PartitionerKind::kKeyHash:
    case PartitionerKind::kKafkaMurmur2:
    case PartitionerKind::kRoundRobin:
    case PartitionerKind::kSticky:
    case PartitionerKind::kCustom:
      break;
    default:
      return Newer(path, "partitioner", partitioner, "knows 1 to 5");
  }
  if (ack > static_cast<uint8_t>(Ack::kDisk)) {
    return Newer(path, "ack", ack, "knows 1 to 3");
  }
  if (compression > static_cast<uint8_t>(Compression::kZstd)) {
    return Newer(path, "compression", compression, "knows 0 to 2");
  }
  return absl::OkStatus();
}

// What a writer would never have written, under a checksum that fits.
absl::Status CheckMeaning(const TopicRecord& record, std::string_view path) {
  absl::Status status = CheckTopicName(record.name);
  if (status.ok()) status = CheckPartitionCount(record.partition_count);
  if (status.ok()) status = ValidatePartitionOptions(record.options);
  if (!status.ok()) {
    return Damaged(path, {status.message().data(), status.message().size()});
  }
  const bool is_custom = record.partitioner == PartitionerKind::kCustom;
  if (is_custom == record.partitioner_name.empty() ||
      record.partitioner_name.size() > kPartitionerNameMax) {
    return Damaged(path, "the name of the partitioner does not fit its kind");
  }
  return absl::OkStatus();
}

}  // namespace

int64_t DurationMicros(absl::Duration duration) {
  if (duration >= absl::Microseconds(kInfinite)) return kInfinite;
  return absl::ToInt64Microseconds(duration);
}

absl::Duration MicrosDuration(int64_t micros) {
  return micros == kInfinite ? absl::InfiniteDuration()
                             : absl::Microseconds(micros);
}

std::string EncodeTopic(const TopicRecord& record) {
  std::string bytes;
  ByteWriter writer(&bytes);
  writer.U64(kMagic);
  writer.U32(kVersion);
  writer.U32(static_cast<uint32_t>(kNamesAt + record.name.size() +
                                   record.partitioner_name.size() +
                                   kChecksumSize));
  writer.Bytes(record.store_id.bytes);
  writer.Bytes(record.topic_id.bytes);
  writer.I64(record.create_micros);
  writer.U32(static_cast<uint32_t>(record.partition_count));
  writer.U16(static_cast<uint16_t>(record.partitioner));
  writer.U8(static_cast<uint8_t>(record.options.ack));
  writer.U8(static_cast<uint8_t>(record.options.compression));
  writer.U64(record.options.record_bytes_max);
  writer.U64(record.options.batch_bytes);
  writer.U64(record.options.segment_bytes);
  writer.I64(DurationMicros(record.options.segment_age));
  writer.U64(record.options.retention_bytes);
  writer.I64(DurationMicros(record.options.retention_age));
  writer.U16(static_cast<uint16_t>(record.name.size()));
  writer.U16(static_cast<uint16_t>(record.partitioner_name.size()));
  writer.Zeros(kNamesAt - kReservedAt);
  writer.Text(record.name);
  writer.Text(record.partitioner_name);
  writer.U64(Checksum(AsBytes(bytes)));
  return bytes;
}

absl::StatusOr<TopicRecord> DecodeTopic(ByteSpan bytes, std::string_view path) {
  TIDEMARK_RETURN_IF_ERROR(CheckFrame(bytes, path));
  TopicRecord record;
  ByteReader reader(bytes.first(bytes.size() - kChecksumSize));
  reader.Bytes(kStoreIdAt);
  const ByteSpan store_id = reader.Bytes(record.store_id.bytes.size());
  std::copy(store_id.begin(), store_id.end(), record.store_id.bytes.begin());
  const ByteSpan topic_id = reader.Bytes(record.topic_id.bytes.size());
  std::copy(topic_id.begin(), topic_id.end(), record.topic_id.bytes.begin());
  record.create_micros = reader.I64();
  const uint32_t partition_count = reader.U32();
  const uint16_t partitioner = reader.U16();
  const uint8_t ack = reader.U8();
  const uint8_t compression = reader.U8();
  record.partition_count = static_cast<PartitionNumber>(
      std::min(partition_count, static_cast<uint32_t>(kPartitionsMax) + 1));
  record.partitioner = static_cast<PartitionerKind>(partitioner);
  record.options.ack = static_cast<Ack>(ack);
  record.options.compression = static_cast<Compression>(compression);
  record.options.record_bytes_max = reader.U64();
  record.options.batch_bytes = reader.U64();
  record.options.segment_bytes = reader.U64();
  record.options.segment_age = MicrosDuration(reader.I64());
  record.options.retention_bytes = reader.U64();
  record.options.retention_age = MicrosDuration(reader.I64());
  const uint16_t name_size = reader.U16();
  const uint16_t partitioner_name_size = reader.U16();
  const ByteSpan reserved = reader.Bytes(kNamesAt - kReservedAt);
  record.name = AsText(reader.Bytes(name_size));
  record.partitioner_name = AsText(reader.Bytes(partitioner_name_size));
  const bool is_reserved_zero =
      std::all_of(reserved.begin(), reserved.end(),
                  [](std::byte byte) { return byte == std::byte{0}; });
  if (!reader.ok() || reader.remaining() != 0 || !is_reserved_zero) {
    return Damaged(path, "the names do not fit the size");
  }
  TIDEMARK_RETURN_IF_ERROR(
      CheckNumbers(record, partitioner, ack, compression, path));
  TIDEMARK_RETURN_IF_ERROR(CheckMeaning(record, path));
  return record;
}

absl::StatusOr<TopicRecord> ReadTopicFile(Directory& directory,
                                          std::string_view name,
                                          const Id128& store_id) {
  const std::string path = TopicFilePath(TopicPath(name));
  const auto bytes = ReadWholeFile(directory, path, kFileSizeMax);
  if (absl::IsNotFound(bytes.status())) {
    return Damaged(path, "missing in the directory of a topic");
  }
  TIDEMARK_RETURN_IF_ERROR(bytes.status());
  TIDEMARK_ASSIGN_OR_RETURN(TopicRecord record,
                            DecodeTopic(AsBytes(*bytes), path));
  if (record.store_id != store_id) {
    return Damaged(path, fmt::format("belongs to the store {}, this is {}",
                                     ToHex(record.store_id), ToHex(store_id)));
  }
  if (record.name != name) {
    return Damaged(path, fmt::format("belongs to the topic {}", record.name));
  }
  return record;
}

}  // namespace v0
}  // namespace tidemark
