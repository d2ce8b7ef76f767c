#include "segment/segment_scanner.h"

#include <string>
#include <vector>

#include "base/endian.h"
#include "segment/segment_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

using Found = SegmentScanner::Found;

constexpr uint64_t kData = 1024;
constexpr char kSegmentName[] = "file";

// The bytes of a segment and the batches that were put into it.
struct Image {
  explicit Image(Offset base = 0) : header(TestHeader(base)) {
    bytes = EncodeSegmentHeader(header);
    next_offset = base;
  }

  Image& Add(int count, Offset durable = 0, Incarnation incarnation = 1,
             size_t value_size = 20) {
    BatchShape shape;
    shape.base_offset = next_offset;
    shape.record_count = count;
    shape.durable_end = durable;
    shape.incarnation = incarnation;
    shape.value_size = value_size;
    return Add(shape);
  }
  Image& Add(const BatchShape& shape) {
    const std::string batch = MakeBatch(header, bytes.size(), shape);
    places.push_back({bytes.size(), batch.size(), shape.base_offset,
                      shape.base_offset + shape.record_count});
    bytes += batch;
    next_offset = shape.base_offset + shape.record_count;
    return *this;
  }
  Image& Zeros(size_t count) {
    bytes.append(count, '\0');
    return *this;
  }
  Image& Flip(uint64_t position) {
    bytes[position] = static_cast<char>(bytes[position] ^ 0x10);
    return *this;
  }

  SegmentHeader header;
  std::string bytes;
  std::vector<BatchPlace> places;
  Offset next_offset = 0;
};

// A scan of an image that stands in a file.
struct Scan {
  explicit Scan(const Image& image, ScanOptions options = {})
      : header(image.header), fault(world.env) {
    WriteWhole(*world.root, kSegmentName, image.bytes);
    root = *fault.OpenDirectory("/store", false);
    file = *root->OpenFile(kSegmentName, FileAccess::kReadOnly);
    options.position = kData;
    options.next_offset = image.header.base_offset;
    if (options.limit == 0) options.limit = image.bytes.size();
    scanner = std::make_unique<SegmentScanner>(*file, header, options);
  }

  Found Next() {
    const auto found = scanner->Next();
    REQUIRE_OK(found);
    return *found;
  }
  // Reads batches until something else comes.
  Found Drain() {
    Found found = Next();
    for (; found == Found::kBatch; found = Next()) {
      seen.push_back(scanner->batch().base_offset);
    }
    return found;
  }
  // The fault that comes behind the batches.
  BatchFault Fault() {
    REQUIRE(Drain() == Found::kFault);
    return scanner->fault();
  }
  bool Resync() {
    const auto has_next = scanner->Resync();
    REQUIRE_OK(has_next);
    return *has_next;
  }

  const SegmentHeader header;
  MemoryWorld world;
  FaultEnv fault;
  std::unique_ptr<Directory> root;
  std::unique_ptr<File> file;
  std::unique_ptr<SegmentScanner> scanner;
  std::vector<Offset> seen;
};

ScanOptions WithPayloads(Offset from = 0) {
  ScanOptions options;
  options.payloads_from = from;
  return options;
}

TEST_CASE("A scan returns the batches in order with their places",
          "[segment]") {
  const Image image = Image(7).Add(3, 2).Add(1, 5).Add(0, 8).Add(2, 8);
  Scan scan(image, WithPayloads());
  for (const BatchPlace& place : image.places) {
    REQUIRE(scan.Next() == Found::kBatch);
    CHECK(scan.scanner->position() == place.position);
    CHECK(scan.scanner->batch().base_offset == place.base_offset);
    CHECK(scan.scanner->next_offset() == place.next_offset);
    CHECK(scan.scanner->next_position() == place.end());
    CHECK(scan.scanner->body().size() == place.size - 96);
  }
  CHECK(scan.Next() == Found::kEnd);
  CHECK(scan.scanner->position() == image.bytes.size());
  CHECK(scan.scanner->durable_end() == 8);
  CHECK(scan.scanner->bytes_read() > 0);
}

TEST_CASE("Zeros to the end are the end", "[segment]") {
  for (const size_t count : {1u, 8u, 95u, 96u, 4096u, 300'000u}) {
    Scan scan(Image().Add(3).Zeros(count));
    CHECK(scan.Drain() == Found::kEnd);
    CHECK(scan.seen == std::vector<Offset>{0});
  }
}

TEST_CASE("A segment without batches ends at once", "[segment]") {
  Scan scan((Image()));
  CHECK(scan.Next() == Found::kEnd);
  CHECK(scan.Next() == Found::kEnd);
}

TEST_CASE("Zeros before other bytes are a hole, however far they are",
          "[segment]") {
  for (const size_t count : {104u, 70'000u, 600'000u}) {
    Image image = Image().Add(3).Zeros(count);
    image.bytes.back() = 'x';
    Scan scan(image);
    CHECK(scan.Fault() == BatchFault::kHole);
    CHECK(scan.scanner->position() == image.places[0].end());
    CHECK_FALSE(scan.Resync());
  }
}

TEST_CASE("Each fault of a batch is told from the others", "[segment]") {
  const Image good = Image().Add(3, 0, 2).Add(2, 0, 2).Add(4, 0, 2);
  const uint64_t second = good.places[1].position;
  const auto fault = [&](auto change, ScanOptions options = {}) {
    Image image = good;
    change(image);
    Scan scan(image, options);
    const BatchFault result = scan.Fault();
    CHECK(scan.scanner->position() == second);
    CHECK(scan.scanner->next_offset() == 3);
    CHECK(scan.Next() == Found::kFault);
    return result;
  };
  CHECK(fault([&](Image& i) { i.Flip(second); }) == BatchFault::kMagic);
  CHECK(fault([&](Image& i) { i.Flip(second + 4); }) == BatchFault::kChecksum);
  CHECK(fault([&](Image& i) { i.Flip(second + 100); }, WithPayloads()) ==
        BatchFault::kPayload);
  CHECK(fault([&](Image& i) { i.bytes.resize(second + 95); }) ==
        BatchFault::kCutOff);
  CHECK(fault([&](Image& i) { i.bytes.resize(good.places[1].end() - 1); }) ==
        BatchFault::kPastEnd);
  const auto replace = [&](Image& image, const BatchShape& shape) {
    image.bytes.resize(second);
    image.places.resize(1);
    image.Add(shape);
  };
  CHECK(fault([&](Image& i) {
          replace(i, {.base_offset = 4, .incarnation = 2});
        }) == BatchFault::kOffset);
  CHECK(fault([&](Image& i) {
          replace(i, {.base_offset = 0, .incarnation = 2});
        }) == BatchFault::kOffset);
  CHECK(fault([&](Image& i) {
          replace(i, {.base_offset = 3, .incarnation = 1});
        }) == BatchFault::kIncarnation);
  ScanOptions cut;
  cut.cut_offset = 3;
  cut.cut_incarnation = 3;
  CHECK(fault([](Image&) {}, cut) == BatchFault::kCutAway);
}

TEST_CASE("Payloads below the offset asked for are not looked at",
          "[segment]") {
  Image image = Image().Add(3).Add(2).Add(4);
  image.Flip(image.places[1].position + 100);
  Scan headers(image);
  CHECK(headers.Drain() == Found::kEnd);
  Scan above(image, WithPayloads(5));
  CHECK(above.Drain() == Found::kEnd);
  Scan within(image, WithPayloads(4));
  CHECK(within.Fault() == BatchFault::kPayload);
}

TEST_CASE("Padding that is not zero is a payload fault", "[segment]") {
  Image image = Image().Add(1, 0, 1, 21);
  const BatchHeader batch =
      HeaderOf(image.header, kData, image.bytes.substr(kData));
  REQUIRE(batch.size > 96 + batch.payload_size);
  image.bytes.back() = 'x';
  CHECK(Scan(image, WithPayloads()).Fault() == BatchFault::kPayload);
}

TEST_CASE("Batches at or above a cut need its incarnation", "[segment]") {
  const Image image = Image().Add(3, 0, 1).Add(2, 0, 2).Add(4, 0, 3);
  ScanOptions options;
  options.cut_offset = 3;
  options.cut_incarnation = 2;
  CHECK(Scan(image, options).Drain() == Found::kEnd);
  options.cut_incarnation = 3;
  CHECK(Scan(image, options).Fault() == BatchFault::kCutAway);
}

TEST_CASE("A batch of another segment or place does not pass", "[segment]") {
  Image good = Image().Add(3).Add(2).Add(4);
  const std::string second =
      good.bytes.substr(good.places[1].position, good.places[1].size);
  Image moved = good;
  moved.bytes.insert(good.places[1].position, std::string(8, 'x'));
  CHECK(Scan(moved).Fault() == BatchFault::kMagic);
  Image repeated = good;
  repeated.bytes.replace(good.places[2].position, second.size(), second);
  CHECK(Scan(repeated).Fault() == BatchFault::kChecksum);
  Image foreign = good;
  foreign.header.secret = FilledId(9).bytes;
  CHECK(Scan(foreign).Fault() == BatchFault::kChecksum);
}

TEST_CASE("A sealed segment ends at its data end and nowhere else",
          "[segment]") {
  const Image image = Image().Add(3).Add(2).Zeros(400);
  ScanOptions options;
  options.is_sealed = true;
  options.limit = image.places[1].end();
  CHECK(Scan(image, options).Drain() == Found::kEnd);
  options.limit += 400;
  CHECK(Scan(image, options).Fault() == BatchFault::kHole);
  options.limit = image.places[1].end() - 8;
  CHECK(Scan(image, options).Fault() == BatchFault::kPastEnd);
  options.limit = image.bytes.size() + 1000;
  CHECK(Scan(image, options).Fault() == BatchFault::kHole);
}

TEST_CASE("Behind a damaged header the next batch is found", "[segment]") {
  const Image good = Image().Add(3).Add(2).Add(4).Add(1);
  for (const size_t at : {0u, 4u, 30u, 60u, 95u}) {
    Image image = good;
    image.Flip(good.places[1].position + at);
    Scan scan(image);
    REQUIRE(scan.Drain() == Found::kFault);
    REQUIRE(scan.Resync());
    CHECK(scan.scanner->next_offset() == 5);
    CHECK(scan.scanner->next_position() == good.places[2].position);
    CHECK(scan.Drain() == Found::kEnd);
    CHECK(scan.seen == std::vector<Offset>{0, 5, 9});
  }
}

TEST_CASE("A payload fault costs exactly its batch", "[segment]") {
  Image image = Image().Add(3).Add(2, 0, 1, 5000).Add(4);
  image.Flip(image.places[1].position + 2000);
  Scan scan(image, WithPayloads());
  CHECK(scan.Fault() == BatchFault::kPayload);
  REQUIRE(scan.Resync());
  CHECK(scan.scanner->next_position() == image.places[2].position);
  CHECK(scan.Drain() == Found::kEnd);
}

TEST_CASE("The last batch counts when the end or zeros follow it",
          "[segment]") {
  for (const size_t zeros : {0u, 96u, 5000u}) {
    Image image = Image().Add(3).Add(2).Add(4).Zeros(zeros);
    image.Flip(image.places[1].position);
    Scan scan(image);
    REQUIRE(scan.Drain() == Found::kFault);
    CHECK(scan.Resync());
    CHECK(scan.Drain() == Found::kEnd);
    CHECK(scan.seen == std::vector<Offset>{0, 5});
  }
}

TEST_CASE("A whole batch between two damaged ones counts by its payload",
          "[segment]") {
  Image image = Image().Add(3).Add(2).Add(4).Add(2).Add(1);
  image.Flip(image.places[1].position).Flip(image.places[3].position);
  Scan scan(image);
  REQUIRE(scan.Drain() == Found::kFault);
  REQUIRE(scan.Resync());
  REQUIRE(scan.Drain() == Found::kFault);
  REQUIRE(scan.Resync());
  REQUIRE(scan.Drain() == Found::kEnd);
  CHECK(scan.seen == std::vector<Offset>{0, 5, 11});
}

TEST_CASE("A header between damage with a damaged payload does not count",
          "[segment]") {
  Image image = Image().Add(3).Add(2).Add(4).Add(2).Add(1);
  image.Flip(image.places[1].position).Flip(image.places[3].position);
  image.Flip(image.places[2].position + 100);
  Scan scan(image);
  REQUIRE(scan.Drain() == Found::kFault);
  REQUIRE(scan.Resync());
  CHECK(scan.scanner->next_offset() == 11);
}

TEST_CASE("Behind damage only later offsets count", "[segment]") {
  Image image = Image().Add(3, 0, 2).Add(2, 0, 2);
  image.Flip(image.places[1].position);
  image.Add({.base_offset = 1, .record_count = 2, .incarnation = 2});
  image.Add({.base_offset = 3, .record_count = 2, .incarnation = 1});
  image.Add({.base_offset = 8, .record_count = 2, .incarnation = 2});
  Scan scan(image);
  REQUIRE(scan.Drain() == Found::kFault);
  REQUIRE(scan.Resync());
  CHECK(scan.scanner->next_offset() == 8);
}

TEST_CASE("A batch that skips offsets is found again behind the gap",
          "[segment]") {
  const Image image = Image().Add(3).Add({.base_offset = 9, .record_count = 2});
  Scan scan(image);
  CHECK(scan.Fault() == BatchFault::kOffset);
  REQUIRE(scan.Resync());
  CHECK(scan.scanner->next_offset() == 9);
  CHECK(scan.scanner->next_position() == image.places[1].position);
}

TEST_CASE("Batches behind a hole of zeros are found", "[segment]") {
  Image image = Image().Add(3).Zeros(500'000);
  image.Add({.base_offset = 20, .record_count = 2, .durable_end = 15});
  Scan scan(image);
  CHECK(scan.Fault() == BatchFault::kHole);
  REQUIRE(scan.Resync());
  CHECK(scan.scanner->next_offset() == 20);
  CHECK(scan.scanner->durable_end() == 15);
}

TEST_CASE("A mark behind damage counts and tells its durable end",
          "[segment]") {
  Image image = Image().Add(3).Add(2).Add(0, 5);
  image.Flip(image.places[1].position);
  Scan scan(image);
  REQUIRE(scan.Drain() == Found::kFault);
  REQUIRE(scan.Resync());
  CHECK(scan.scanner->durable_end() == 5);
  CHECK(scan.scanner->next_offset() == 5);
}

TEST_CASE("A copy of a batch inside of a record is not found", "[segment]") {
  Image source = Image().Add(3).Add(2).Add(4);
  const std::string planted =
      source.bytes.substr(source.places[2].position, source.places[2].size);
  Image image = Image().Add(3).Add(2);
  image.Flip(image.places[1].position);
  // At another position than the original, at every alignment.
  image.bytes += std::string(8, 'x') + planted + std::string(3, 'x') + planted;
  Scan scan(image);
  REQUIRE(scan.Drain() == Found::kFault);
  CHECK_FALSE(scan.Resync());
  CHECK(scan.Next() == Found::kFault);
}

TEST_CASE("Every flipped bit of a segment leaves the other batches readable",
          "[segment]") {
  const Image good = Image(50).Add(3, 50).Add(2, 50).Add(1, 53).Add(4, 55);
  for (size_t bit = 8 * kData; bit < 8 * good.bytes.size(); ++bit) {
    Image image = good;
    image.bytes[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    Scan scan(image, WithPayloads());
    REQUIRE(scan.Drain() == Found::kFault);
    if (scan.Resync()) {
      REQUIRE(scan.Drain() == Found::kEnd);
    } else {
      CHECK(bit / 8 >= good.places[3].position);
    }
    CHECK(scan.seen.size() == 3);
  }
}

TEST_CASE("Every length of a segment ends at a whole batch", "[segment]") {
  const Image good = Image().Add(3).Add(2).Add(4);
  for (size_t size = kData; size <= good.bytes.size(); ++size) {
    Image image = good;
    image.bytes.resize(size);
    Scan scan(image, WithPayloads());
    const Found end = scan.Drain();
    size_t whole = 0;
    bool is_whole = size == kData;
    for (const BatchPlace& place : good.places) {
      if (place.end() <= size) ++whole;
      is_whole |= place.end() == size;
    }
    CHECK(scan.seen.size() == whole);
    CHECK((end == Found::kEnd) == is_whole);
  }
}

// A header with a valid checksum that claims `payload_size` bytes.
void Plant(Image& image, uint64_t position, Offset offset,
           uint32_t payload_size) {
  BatchHeader batch;
  batch.payload_size = payload_size;
  batch.plain_size = payload_size;
  batch.size = static_cast<uint32_t>(AlignUp(96 + uint64_t{payload_size}, 8));
  batch.base_offset = offset;
  batch.offset_span = 1;
  batch.record_count = 1;
  batch.incarnation = 1;
  EncodeBatchHeader(
      batch, image.header.secret, position,
      reinterpret_cast<std::byte*>(image.bytes.data()) + position);
}

TEST_CASE("Hostile headers exhaust the budget, not the machine", "[segment]") {
  Image image = Image().Add(3);
  const uint64_t from = image.bytes.size();
  image.bytes.append(400'000, 'x');
  image.bytes.resize(AlignUp(image.bytes.size(), 8), 'x');
  // Each claims most of the rest and ends where nothing confirms it.
  for (uint64_t at = from + 96; at + 200'000 < image.bytes.size(); at += 96) {
    Plant(image, at, static_cast<Offset>(at), 190'000);
  }
  Scan scan(image);
  REQUIRE(scan.Drain() == Found::kFault);
  CHECK_FALSE(scan.Resync());
  CHECK(scan.scanner->is_exhausted());
  CHECK(scan.scanner->bytes_read() < 16 * image.bytes.size() + (2 << 20));
  CHECK_FALSE(scan.Resync());
}

TEST_CASE("Damage without hostile headers stays within the budget",
          "[segment]") {
  Image image = Image();
  for (int i = 0; i < 300; ++i) image.Add(1);
  for (size_t i = 1; i < 300; i += 2) image.Flip(image.places[i].position + 9);
  Scan scan(image);
  while (scan.Drain() == Found::kFault && scan.Resync()) {
  }
  CHECK_FALSE(scan.scanner->is_exhausted());
  CHECK(scan.seen.size() == 150);
}

TEST_CASE("A batch that claims to be longer than the data is refused",
          "[segment]") {
  Image image = Image().Add(3).Zeros(4096);
  Plant(image, image.places[0].end(), 3, 1 << 24);
  Scan scan(image, WithPayloads());
  CHECK(scan.Fault() == BatchFault::kPastEnd);
  CHECK_FALSE(scan.Resync());
}

TEST_CASE("A read error is tried again with the bytes that are needed",
          "[segment]") {
  const Image image = Image().Add(3).Add(2);
  Scan scan(image);
  scan.fault.FailKind(EnvCall::kRead, EIO);
  CHECK(scan.Drain() == Found::kEnd);
  const auto calls = scan.fault.calls();
  std::vector<uint64_t> sizes;
  for (const EnvCallRecord& call : calls) {
    if (call.kind == EnvCall::kRead) sizes.push_back(call.size);
  }
  REQUIRE(sizes.size() >= 2);
  CHECK(sizes[0] > 96);
  CHECK(sizes[1] == 96);
}

TEST_CASE("A read error that stays is an error and never the end",
          "[segment]") {
  Image image = Image();
  for (int i = 0; i < 40; ++i) image.Add(1, 0, 1, 20'000);
  image.Zeros(100'000);
  image.Flip(image.places[20].position);
  const auto run = [](Scan& scan) {
    for (;;) {
      const auto found = scan.scanner->Next();
      if (!found.ok()) return found.status();
      if (*found == Found::kEnd) return absl::OkStatus();
      if (*found == Found::kBatch) continue;
      const auto has_next = scan.scanner->Resync();
      if (!has_next.ok()) return has_next.status();
      if (!*has_next) return absl::OkStatus();
    }
  };
  for (uint64_t skip_count = 0;; ++skip_count) {
    Scan scan(image, WithPayloads());
    Fault fault;
    fault.kind = EnvCall::kRead;
    fault.skip_count = skip_count;
    fault.is_persistent = true;
    scan.fault.Inject(fault);
    const absl::Status status = run(scan);
    if (scan.fault.injected_count() == 0) {
      CHECK(skip_count >= 4);
      break;
    }
    CHECK(IsIoError(status));
    scan.fault.ClearFaults();
    CHECK_OK(run(scan));
    CHECK_FALSE(scan.scanner->is_exhausted());
  }
}

TEST_CASE("Large batches are walked without reading their payloads",
          "[segment]") {
  Image image = Image();
  for (int i = 0; i < 50; ++i) image.Add(1, 0, 1, 60'000);
  Scan scan(image);
  CHECK(scan.Drain() == Found::kEnd);
  CHECK(scan.seen.size() == 50);
  CHECK(scan.scanner->bytes_read() < image.bytes.size() / 20);
}

TEST_CASE("The holes of a sparse giant are skipped", "[segment]") {
  Image image = Image().Add(3);
  Scan scan(image);
  auto file = scan.world.root->OpenFile(kSegmentName, FileAccess::kReadWrite);
  REQUIRE_OK((*file)->Truncate(uint64_t{1} << 40));
  ScanOptions options;
  options.position = kData;
  options.limit = uint64_t{1} << 40;
  SegmentScanner scanner(*scan.file, scan.header, options);
  REQUIRE(*scanner.Next() == Found::kBatch);
  CHECK(*scanner.Next() == Found::kEnd);
  CHECK(scanner.bytes_read() < 1 << 20);
}

TEST_CASE("Every fault of a batch has a name", "[segment]") {
  for (int fault = 0; fault <= 10; ++fault) {
    const std::string name = BatchFaultName(static_cast<BatchFault>(fault));
    CHECK(name != "unknown");
  }
}

}  // namespace
}  // namespace tidemark::test
