#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/endian.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/repair.h"
#include "record/batch_builder.h"
#include "record/batch_header.h"
#include "record/batch_reader.h"
#include "record/record_codec.h"
#include "record/record_runs.h"
#include "support/dice.h"
#include "tidemark/error.h"
#include "tidemark/records.h"

// F1: the bytes of one batch. The first eight bytes of an input are its
// position, the next sixteen the secret of its segment.
namespace tidemark::test {
namespace {

constexpr size_t kPrefix = 8 + 16;

// A record has exactly one encoding, so that records without gaps encode to the
// payload that they were decoded from.
void CheckEncoding(ByteSpan payload, const BatchHeader& header) {
  RecordPosition position{payload.data(), header.base_offset, header.base_time};
  const std::byte* const end = payload.data() + payload.size();
  int64_t time = header.base_time;
  std::vector<Header> headers;
  while (position.next < end) {
    const RecordPosition before = position;
    const auto flags = static_cast<uint8_t>(*before.next);
    RecordPosition behind = before;
    bool is_record = false;
    Offset offset = 0;
    Expect(RecordDecoder::Skip(&behind, end, &is_record, &offset),
           "a measured payload can be walked");
    if (!is_record) {
      position = behind;
      continue;
    }
    RecordView view;
    RecordDecoder::Next(&position, &view);
    Expect(position.next == behind.next && position.offset == behind.offset &&
               position.time == behind.time,
           "two decoders agree");
    Expect(view.offset() == offset, "two decoders agree on the offset");
    Expect(offset >= before.offset && offset < header.next_offset(),
           "offsets ascend within the span");
    const int64_t previous = time;
    time = position.time;
    if ((flags & batch_format::kHasOffsetGap) != 0) continue;
    const Record record = view.ToRecord(headers);
    std::string encoded(EncodedSizeBound(record), '\0');
    auto* const to = reinterpret_cast<std::byte*>(encoded.data());
    encoded.resize(
        static_cast<size_t>(EncodeRecord(record, time, previous, to) - to));
    const size_t size = static_cast<size_t>(position.next - before.next);
    Expect(encoded.size() == size && std::memcmp(to, before.next, size) == 0,
           "a record has one encoding");
  }
}

void RunBatch(ByteSpan input, FuzzCounts* counts) {
  if (input.size() < kPrefix) return;
  const uint64_t place = LoadLittle<uint64_t>(input.data()) & ~uint64_t{7};
  SegmentSecret secret;
  std::memcpy(secret.data(), input.data() + 8, secret.size());
  // A copy of its own size shows each read past the end.
  const std::vector<std::byte> batch(input.begin() + kPrefix, input.end());
  BatchHeader header;
  const HeaderFault fault = DecodeBatchHeader(batch, secret, place, &header);
  counts->refused += fault == HeaderFault::kNone ? 0 : 1;
  if (fault != HeaderFault::kNone) return;
  Expect(header.base_offset >= 0 && header.durable_end >= 0 &&
             header.durable_end <= header.base_offset &&
             header.next_offset() >= header.base_offset,
         "offsets of a header");
  Expect(header.payload_size <= batch_format::kBatchSizeCap &&
             header.plain_size <= batch_format::kBatchSizeCap &&
             header.size >= batch_format::kHeaderSize + header.payload_size &&
             header.size % batch_format::kAlignment == 0,
         "sizes of a header");
  std::array<std::byte, batch_format::kHeaderSize> encoded;
  EncodeBatchHeader(header, secret, place, encoded.data());
  Expect(std::memcmp(encoded.data(), batch.data(), encoded.size()) == 0,
         "a header has one encoding");
  if (header.size > batch.size()) return;
  const ByteSpan body =
      ByteSpan(batch).first(header.size).subspan(batch_format::kHeaderSize);
  const auto plain = ReadPayload(header, body);
  ExpectTyped(plain.status());
  counts->refused += plain.ok() ? 0 : 1;
  if (!plain.ok()) return;
  Expect(plain->bytes.size() == header.plain_size, "the plain size");
  PayloadShape shape;
  Expect(MeasurePayload(plain->bytes, header.base_time, &shape) &&
             shape.record_count == header.record_count &&
             shape.offset_span <= header.offset_span,
         "what was read has the shape that the header says");
  CheckEncoding(plain->bytes, header);
  ++counts->accepted;
  counts->records += header.record_count;
}

size_t MutateBatch(uint8_t* data, size_t size, size_t size_max, uint32_t seed,
                   ByteMutator mutate_bytes) {
  Dice dice(seed);
  if (size < kPrefix + batch_format::kHeaderSize || dice.OneIn(16)) {
    return mutate_bytes(data, size, size_max);
  }
  // Mostly the header or the payload alone.
  const size_t payload_at = kPrefix + batch_format::kHeaderSize;
  const uint64_t part = dice.Below(8);
  if (part < 2) {
    mutate_bytes(data + kPrefix, batch_format::kHeaderSize,
                 batch_format::kHeaderSize);
  } else if (part < 7) {
    size = payload_at + mutate_bytes(data + payload_at, size - payload_at,
                                     size_max - payload_at);
  } else {
    size = mutate_bytes(data, size, size_max);
  }
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.size() < payload_at || dice.OneIn(8)) return size;
  const bool is_fitting = !dice.OneIn(4);
  const size_t payload_size = bytes.size() - payload_at;
  auto* const header = reinterpret_cast<std::byte*>(bytes.data()) + kPrefix;
  if (is_fitting && part >= 2) {
    StoreLittle(header + batch_format::kPayloadSizeAt,
                static_cast<uint32_t>(payload_size & ~size_t{7}));
  }
  const uint64_t place =
      LoadLittle<uint64_t>(AsBytes(bytes).data()) & ~uint64_t{7};
  RepairBatch(&bytes, kPrefix, place, bytes.substr(8, 16), is_fitting);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace

const FuzzTarget kBatchTarget = {"batch", &RunBatch, &MutateBatch};

}  // namespace tidemark::test
