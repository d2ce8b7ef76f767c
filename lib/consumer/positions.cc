#include "tidemark/positions.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/checksum.h"
#include "base/guard.h"
#include "base/status_macros.h"
#include "consumer/cursor_file_format.h"
#include "store/layout.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

namespace format = cursor_file_format::positions;

using Entry = Positions::Entry;

absl::Status Malformed(std::string_view what) {
  return absl::InvalidArgumentError(
      fmt::format("positions from bytes: {}", what));
}

uint64_t ChecksumOf(ByteSpan bytes) {
  return Checksum(bytes.first(format::kChecksumAt),
                  bytes.subspan(format::kTopicCountAt));
}

// Reads the entries of one topic behind `entries`, which end with another one.
absl::Status ReadTopic(ByteReader& reader, std::vector<Entry>* entries) {
  Entry entry;
  entry.topic = AsText(reader.Bytes(reader.U16()));
  const ByteSpan id = reader.Bytes(entry.topic_id.size());
  const uint32_t count = reader.U32();
  if (!reader.ok() || count > reader.remaining() / format::kPartitionSize) {
    return Malformed("cut off");
  }
  TIDEMARK_RETURN_IF_ERROR(CheckTopicName(entry.topic));
  std::copy(id.begin(), id.end(), entry.topic_id.begin());
  if (count == 0) return Malformed("a topic without partitions");
  if (!entries->empty() && entries->back().topic >= entry.topic) {
    return Malformed("topics are not in order");
  }
  int64_t previous = -1;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t partition = reader.U32();
    entry.offset = reader.I64();
    entry.incarnation = reader.U64();
    if (partition >= static_cast<uint32_t>(kPartitionsMax) ||
        entry.offset < 0) {
      return Malformed(
          fmt::format("partition {} at offset {}", partition, entry.offset));
    }
    if (int64_t{partition} <= previous) {
      return Malformed("partitions are not in order");
    }
    previous = partition;
    entry.partition = static_cast<PartitionNumber>(partition);
    entries->push_back(entry);
  }
  return absl::OkStatus();
}

absl::Status CheckEnvelope(ByteSpan bytes) {
  if (bytes.size() < format::kHeaderSize) return Malformed("too short");
  ByteReader reader(bytes);
  if (reader.U32() != format::kMagic) return Malformed("something else");
  const uint16_t version = reader.U16();
  const uint16_t reserved = reader.U16();
  if (reader.U64() != ChecksumOf(bytes)) {
    return WithReason(
        absl::DataLossError("positions from bytes: the checksum differs"),
        ErrorReason::kDamaged);
  }
  if (version > format::kVersion) {
    return WithReason(absl::UnimplementedError(fmt::format(
                          "positions from bytes: version {}, known is {}",
                          version, format::kVersion)),
                      ErrorReason::kNewerFormat);
  }
  if (version != format::kVersion || reserved != 0) {
    return Malformed(fmt::format("version {}", version));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Entry>> ReadEntries(ByteSpan bytes) {
  TIDEMARK_RETURN_IF_ERROR(CheckEnvelope(bytes));
  ByteReader reader(bytes.subspan(format::kTopicCountAt));
  const uint32_t topic_count = reader.U32();
  std::vector<Entry> entries;
  for (uint32_t i = 0; i < topic_count; ++i) {
    TIDEMARK_RETURN_IF_ERROR(ReadTopic(reader, &entries));
  }
  if (reader.remaining() > 0) return Malformed("bytes behind the end");
  return entries;
}

}  // namespace

size_t Positions::Place(std::string_view topic,
                        PartitionNumber partition) const {
  const auto place = std::partition_point(
      entries_.begin(), entries_.end(), [&](const Entry& entry) {
        const int order = std::string_view(entry.topic).compare(topic);
        return order < 0 || (order == 0 && entry.partition < partition);
      });
  return static_cast<size_t>(place - entries_.begin());
}

bool Positions::IsAt(size_t place, std::string_view topic,
                     PartitionNumber partition) const {
  return place < entries_.size() && entries_[place].topic == topic &&
         entries_[place].partition == partition;
}

void Positions::Set(Entry entry) {
  const size_t first = Place(entry.topic, INT32_MIN);
  if (first < entries_.size() && entries_[first].topic == entry.topic &&
      entries_[first].topic_id != entry.topic_id) {
    std::erase_if(entries_, [&entry](const Entry& other) {
      return other.topic == entry.topic;
    });
  }
  const size_t place = Place(entry.topic, entry.partition);
  if (IsAt(place, entry.topic, entry.partition)) {
    entries_[place] = std::move(entry);
  } else {
    entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(place),
                    std::move(entry));
  }
}

bool Positions::Move(std::string_view topic, PartitionNumber partition,
                     Offset offset, Incarnation incarnation) {
  const size_t place = Place(topic, partition);
  if (!IsAt(place, topic, partition)) return false;
  entries_[place].offset = offset;
  entries_[place].incarnation = incarnation;
  return true;
}

const Entry* Positions::Find(std::string_view topic,
                             PartitionNumber partition) const {
  const size_t place = Place(topic, partition);
  return IsAt(place, topic, partition) ? &entries_[place] : nullptr;
}

bool Positions::Erase(std::string_view topic, PartitionNumber partition) {
  const size_t place = Place(topic, partition);
  if (!IsAt(place, topic, partition)) return false;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(place));
  return true;
}

const Entry* Positions::FindTopic(std::string_view topic) const {
  const size_t place = Place(topic, INT32_MIN);
  const bool is_found =
      place < entries_.size() && entries_[place].topic == topic;
  return is_found ? &entries_[place] : nullptr;
}

std::string Positions::ToBytes() const {
  std::string body;
  ByteWriter writer(&body);
  uint32_t topic_count = 0;
  for (auto from = entries_.begin(); from != entries_.end();) {
    const auto to = std::find_if(from, entries_.end(), [&](const Entry& entry) {
      return entry.topic != from->topic;
    });
    writer.U16(static_cast<uint16_t>(from->topic.size()));
    writer.Text(from->topic);
    writer.Bytes(from->topic_id);
    writer.U32(static_cast<uint32_t>(to - from));
    for (; from != to; ++from) {
      writer.U32(static_cast<uint32_t>(from->partition));
      writer.I64(from->offset);
      writer.U64(from->incarnation);
    }
    ++topic_count;
  }
  std::string bytes;
  ByteWriter header(&bytes);
  header.U32(format::kMagic);
  header.U16(format::kVersion);
  header.U16(0);
  header.U64(0);  // the checksum, below
  header.U32(topic_count);
  bytes += body;
  StoreLittle(reinterpret_cast<std::byte*>(bytes.data()) + format::kChecksumAt,
              ChecksumOf(AsBytes(bytes)));
  return bytes;
}

absl::StatusOr<Positions> Positions::FromBytes(
    std::span<const std::byte> bytes) {
  return Guarded([&]() -> absl::StatusOr<Positions> {
    Positions positions;
    TIDEMARK_ASSIGN_OR_RETURN(positions.entries_, ReadEntries(bytes));
    return positions;
  });
}

}  // namespace v0
}  // namespace tidemark
