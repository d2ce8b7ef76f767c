#ifndef TIDEMARK_TESTS_RECORD_BATCH_FIXTURE_H_
#define TIDEMARK_TESTS_RECORD_BATCH_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/bytes.h"
#include "record/batch_header.h"
#include "record/batch_reader.h"
#include "record/record_codec.h"
#include "record/record_runs.h"
#include "tidemark/record.h"
#include "tidemark/records.h"

// Records and batches of the tests of lib/record.
namespace tidemark::test {

using Random = std::mt19937_64;

inline uint64_t Below(Random& random, uint64_t bound) {
  return random() % bound;
}

inline std::string RandomText(Random& random, size_t size_max) {
  std::string text(Below(random, size_max + 1), '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

// Null, empty or random.
inline std::optional<std::string> RandomOptional(Random& random,
                                                 size_t size_max) {
  switch (Below(random, 4)) {
    case 0:
      return std::nullopt;
    case 1:
      return "";
    default:
      return RandomText(random, size_max);
  }
}

inline int64_t RandomTime(Random& random, int64_t previous) {
  switch (Below(random, 8)) {
    case 0:
      return static_cast<int64_t>(random());
    case 1:
      return Below(random, 2) == 0 ? INT64_MIN : INT64_MAX;
    case 2:
    case 3:
      return static_cast<int64_t>(static_cast<uint64_t>(previous) +
                                  Below(random, 10000) - 5000);
    default:
      return previous;
  }
}

// A record of any shape; a third of them have nothing but a value.
inline OwnedRecord RandomRecord(Random& random, int64_t previous_time) {
  OwnedRecord record;
  record.create_time = absl::FromUnixMicros(RandomTime(random, previous_time));
  const size_t value_max = Below(random, 20) == 0 ? 20000 : 200;
  if (Below(random, 3) == 0) {
    record.value = RandomText(random, value_max);
    return record;
  }
  record.key = RandomOptional(random, 20);
  record.value = RandomOptional(random, value_max);
  for (size_t left = Below(random, 4); left > 0; --left) {
    record.headers.push_back(
        {RandomText(random, 10), RandomOptional(random, 20)});
  }
  return record;
}

inline int64_t MicrosOf(const OwnedRecord& record) {
  return absl::ToUnixMicros(record.create_time);
}

// `owned` as an argument of an append; both arguments outlive the result.
inline Record Borrow(const OwnedRecord& owned, std::vector<Header>* headers) {
  headers->clear();
  for (const auto& [name, value] : owned.headers) {
    headers->push_back({.name = name, .value = value});
  }
  Record record;
  record.headers = *headers;
  if (owned.key.has_value()) record.key = *owned.key;
  if (owned.value.has_value()) record.value = *owned.value;
  record.create_time = owned.create_time;
  return record;
}

// Appends `record` encoded behind one of `previous_time`.
inline void Encode(const Record& record, int64_t time, int64_t previous_time,
                   std::string* payload) {
  const size_t before = payload->size();
  payload->resize(before + EncodedSizeBound(record));
  std::byte* const from =
      reinterpret_cast<std::byte*>(payload->data()) + before;
  std::byte* const behind = EncodeRecord(record, time, previous_time, from);
  payload->resize(before + static_cast<size_t>(behind - from));
}

inline std::string Encoded(const Record& record) {
  std::string payload;
  Encode(record, 0, 0, &payload);
  return payload;
}

// A Records over a payload that was validated and outlives it.
inline Records RecordsOf(ByteSpan payload, const BatchHeader& header) {
  auto runs = std::make_unique<RecordRuns>();
  if (header.record_count > 0) {
    runs->runs.push_back({.first = {.next = payload.data(),
                                    .offset = header.base_offset,
                                    .time = header.base_time},
                          .record_count = header.record_count,
                          .append_time = header.append_time});
  }
  runs->record_count = header.record_count;
  runs->byte_size = payload.size();
  return Records(std::move(runs));
}

inline std::vector<OwnedRecord> Decoded(ByteSpan payload,
                                        const BatchHeader& header) {
  const Records records = RecordsOf(payload, header);
  std::vector<OwnedRecord> result;
  for (const RecordView& view : records) result.emplace_back(view);
  return result;
}

// Reads one whole batch as a reader of a file does; DataLoss for any fault.
inline absl::StatusOr<std::vector<OwnedRecord>> ReadBatch(
    std::string_view bytes, const SegmentSecret& secret, uint64_t position) {
  BatchHeader header;
  const HeaderFault fault =
      DecodeBatchHeader(AsBytes(bytes), secret, position, &header);
  if (fault != HeaderFault::kNone) {
    return absl::DataLossError(HeaderFaultName(fault));
  }
  if (header.size > bytes.size()) return absl::DataLossError("too short");
  const auto payload = ReadPayload(
      header, AsBytes(bytes).subspan(batch_format::kHeaderSize,
                                     header.size - batch_format::kHeaderSize));
  if (!payload.ok()) return payload.status();
  return Decoded(payload->bytes, header);
}

// 00 01 02 ... 0f
inline SegmentSecret CountingSecret() {
  SegmentSecret secret;
  for (size_t i = 0; i < secret.size(); ++i) secret[i] = std::byte(i);
  return secret;
}

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_RECORD_BATCH_FIXTURE_H_
