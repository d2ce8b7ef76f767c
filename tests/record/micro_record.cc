// Prints the nanoseconds that encoding, measuring and decoding a record take,
// for several shapes of records in a batch of 64 KiB: `record_tests "[.micro]"`
// of a Release build with tests.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/checksum.h"
#include "record/record_codec.h"
#include "record/record_runs.h"
#include "support/catch.h"
#include "tidemark/record.h"
#include "tidemark/records.h"

namespace tidemark::test {
namespace {

constexpr size_t kBatchBytes = 64 * kKiB;
constexpr int kTrials = 15;

// Keeps the compiler from dropping a computation.
void Use(uint64_t value) { asm volatile("" : : "r"(value) : "memory"); }

// The median over the trials of the time of one of `count` steps.
template <typename Function>
double NanosPer(size_t count, int repetitions, Function function) {
  std::vector<double> trials;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repetitions; ++i) function();
    const std::chrono::duration<double, std::nano> elapsed =
        std::chrono::steady_clock::now() - start;
    trials.push_back(elapsed.count() /
                     (static_cast<double>(count) * repetitions));
  }
  std::nth_element(trials.begin(), trials.begin() + kTrials / 2, trials.end());
  return trials[kTrials / 2];
}

struct Shape {
  const char* name;
  bool has_key;
  size_t header_count;
  int64_t time_step;
  size_t value_size;
};

size_t EncodeBatch(const Record& record, int64_t time_step,
                   std::vector<std::byte>* batch, size_t* count) {
  std::byte* next = batch->data();
  std::byte* const end = next + batch->size();
  int64_t time = 0;
  *count = 0;
  while (static_cast<size_t>(end - next) >= EncodedSizeBound(record)) {
    next = EncodeRecord(record, time + time_step, time, next);
    time += time_step;
    ++*count;
  }
  return static_cast<size_t>(next - batch->data());
}

double DecodeNanos(ByteSpan payload, size_t count, int repetitions) {
  return NanosPer(count, repetitions, [&] {
    RecordPosition position{.next = payload.data()};
    RecordView view;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; ++i) {
      RecordDecoder::Next(&position, &view);
      sum += view.value()->size() + static_cast<uint64_t>(view.offset());
    }
    Use(sum);
  });
}

double SkipNanos(ByteSpan payload, size_t count, int repetitions) {
  return NanosPer(count, repetitions, [&] {
    RecordPosition position{.next = payload.data()};
    const std::byte* const end = payload.data() + payload.size();
    bool is_record = false;
    Offset offset = 0;
    uint64_t sum = 0;
    while (RecordDecoder::Skip(&position, end, &is_record, &offset)) {
      sum += is_record ? static_cast<uint64_t>(offset) : 0;
    }
    Use(sum);
  });
}

double IterateNanos(ByteSpan payload, size_t count, int repetitions) {
  auto runs = std::make_unique<RecordRuns>();
  runs->runs.push_back(
      RecordRun{.first = {.next = payload.data()}, .record_count = count});
  runs->record_count = count;
  const Records records(std::move(runs));
  return NanosPer(count, repetitions, [&] {
    uint64_t sum = 0;
    for (const RecordView& view : records) {
      sum += view.value()->size() + static_cast<uint64_t>(view.offset());
    }
    Use(sum);
  });
}

void Measure(const Shape& shape, int repetitions) {
  const std::string value(shape.value_size, 'v');
  const std::vector<Header> headers(shape.header_count,
                                    {.name = "trace", .value = "0123456789"});
  Record record{.value = value, .headers = headers};
  if (shape.has_key) record.key = "key-00000001";

  std::vector<std::byte> batch(kBatchBytes);
  size_t count = 0;
  const size_t size = EncodeBatch(record, shape.time_step, &batch, &count);
  const double encode = NanosPer(count, repetitions, [&] {
    Use(EncodeBatch(record, shape.time_step, &batch, &count));
  });
  const ByteSpan payload(batch.data(), size);
  const double measure = NanosPer(count, repetitions, [&] {
    PayloadShape found;
    Use(MeasurePayload(payload, 0, &found) ? found.offset_span : 0);
  });
  const double checksum =
      NanosPer(count, repetitions, [&] { Use(Checksum(payload)); });
  std::printf("%-28s %7.2f B %7.2f %7.2f %7.2f %7.2f %7.2f %7.2f\n", shape.name,
              static_cast<double>(size) / static_cast<double>(count), encode,
              measure, SkipNanos(payload, count, repetitions),
              DecodeNanos(payload, count, repetitions),
              IterateNanos(payload, count, repetitions), checksum);
}

TEST_CASE("What a record costs", "[.micro]") {
  constexpr int kRepetitions = 200;
  std::printf("%-28s %9s %7s %7s %7s %7s %7s %7s\n", "ns per record", "size",
              "encode", "measure", "skip", "decode", "iterate", "hash");
  for (const Shape& shape : {
           Shape{"100 B", false, 0, 0, 100},
           Shape{"100 B, time", false, 0, 4000, 100},
           Shape{"100 B, key", true, 0, 0, 100},
           Shape{"100 B, key, time", true, 0, 4000, 100},
           Shape{"100 B, key, 2 headers", true, 2, 0, 100},
           Shape{"1 KiB", false, 0, 0, 1024},
       }) {
    Measure(shape, kRepetitions);
  }
}

}  // namespace
}  // namespace tidemark::test
