#include "record/batch_format.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "record/batch_builder.h"
#include "record/batch_fixture.h"
#include "record/batch_header.h"
#include "record/batch_seal.h"
#include "support/catch.h"
#include "support/status_matchers.h"
#include "tidemark/codec.h"

// docs/format/batch.md says what the code does.
namespace tidemark::test {
namespace {

using namespace batch_format;

constexpr uint64_t kPosition = 4096;
constexpr int64_t kBaseTime = 1700000000000000;

std::string Page() {
  std::ifstream file(TIDEMARK_SOURCE_DIR "/docs/format/batch.md");
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// The cells of every table row of the page.
std::vector<std::vector<std::string>> Rows(const std::string& page) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| ")) continue;
    std::vector<std::string>& row = rows.emplace_back();
    std::istringstream cells(line.substr(2));
    for (std::string cell; std::getline(cells, cell, '|');) {
      const size_t from = cell.find_first_not_of(' ');
      const size_t to = cell.find_last_not_of(' ');
      row.push_back(
          from == std::string::npos ? "" : cell.substr(from, to - from + 1));
    }
  }
  return rows;
}

// The bytes of the block behind `<!-- golden: name -->`: pairs of hexadecimal
// digits, with comments behind '#'.
std::string Golden(const std::string& name) {
  const std::string page = Page();
  const std::string place = "<!-- golden: " + name + " -->\n```\n";
  const size_t from = page.find(place);
  REQUIRE(from != std::string::npos);
  std::istringstream block(
      page.substr(from + place.size(),
                  page.find("```", from + place.size()) - from - place.size()));
  std::string bytes;
  for (std::string line; std::getline(block, line);) {
    std::istringstream pairs(line.substr(0, line.find('#')));
    for (std::string pair; pairs >> pair;) {
      REQUIRE(pair.size() == 2);
      bytes += static_cast<char>(std::strtoul(pair.c_str(), nullptr, 16));
    }
  }
  return bytes;
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[static_cast<uint8_t>(byte) >> 4];
    hex += kDigits[static_cast<uint8_t>(byte) & 15];
    hex += ' ';
  }
  return hex;
}

SealOptions ExampleOptions() {
  return {.secret = CountingSecret(),
          .position = kPosition,
          .durable_end = 40,
          .incarnation = 3};
}

std::string ExamplePayload() {
  const std::vector<Header> headers = {{.name = "trace", .value = "7"},
                                       {.name = "a", .value = ""},
                                       {.name = "b"}};
  std::string payload;
  Encode({.value = "hello"}, 0, 0, &payload);
  Encode({.key = "k", .value = ""}, 1500, 0, &payload);
  ByteWriter writer(&payload);
  writer.U8(kControl);
  writer.Varint(7);
  writer.Varint(2);
  writer.Text("\xab\xcd");
  Encode({.key = "k", .headers = headers}, 1250, 1500, &payload);
  writer.U8(kHasOffsetGap | kHasKey);
  writer.Varint(2);
  writer.Varint(0);
  writer.Varint(1);
  writer.Text("x");
  return payload;
}

TEST_CASE("The page gives every header field its place", "[record]") {
  const std::map<std::string, std::pair<size_t, size_t>> fields = {
      {"magic", {kMagicAt, 4}},
      {"size", {kSizeAt, 4}},
      {"header_checksum", {kHeaderChecksumAt, 8}},
      {"payload_checksum", {kPayloadChecksumAt, 8}},
      {"payload_size", {kPayloadSizeAt, 4}},
      {"plain_size", {kPlainSizeAt, 4}},
      {"base_offset", {kBaseOffsetAt, 8}},
      {"durable_end", {kDurableEndAt, 8}},
      {"base_time", {kBaseTimeAt, 8}},
      {"max_time", {kMaxTimeAt, 8}},
      {"append_time", {kAppendTimeAt, 8}},
      {"incarnation", {kIncarnationAt, 8}},
      {"offset_span", {kOffsetSpanAt, 4}},
      {"record_count", {kRecordCountAt, 4}},
      {"attributes", {kAttributesAt, 4}},
      {"reserved", {kReservedAt, 4}}};
  std::map<std::string, std::pair<size_t, size_t>> found;
  size_t end = 0;
  bool is_table = false;
  for (const std::vector<std::string>& row : Rows(Page())) {
    if (row[0] == "Offset") {
      is_table = true;
    } else if (is_table && end < kHeaderSize) {
      REQUIRE(row.size() == 4);
      found[row[2]] = {std::stoul(row[0]), std::stoul(row[1])};
      CHECK(std::stoul(row[0]) == end);
      end += std::stoul(row[1]);
    }
  }
  CHECK(end == kHeaderSize);
  CHECK(found == fields);
}

TEST_CASE("The page states every limit and flag", "[record]") {
  const std::map<std::string, uint64_t> constants = {
      {"header_size", kHeaderSize},
      {"alignment", kAlignment},
      {"batch_size_cap", kBatchSizeCap},
      {"padding_cap", kPaddingCap},
      {"offset_span_max", kOffsetSpanMax},
      {"NULL_VALUE", kNullValue},
      {"HAS_KEY", kHasKey},
      {"HAS_HEADERS", kHasHeaders},
      {"HAS_TIME_DELTA", kHasTimeDelta},
      {"HAS_OFFSET_GAP", kHasOffsetGap},
      {"CONTROL", kControl}};
  std::map<std::string, uint64_t> found;
  for (const std::vector<std::string>& row : Rows(Page())) {
    // | name | value | meaning | and | bit | value | name |
    if (row.size() < 3) continue;
    if (constants.contains(row[0])) found[row[0]] = std::stoull(row[1]);
    if (constants.contains(row[2])) {
      found[row[2]] = std::stoull(row[1]);
      CHECK(1u << std::stoul(row[0]) == found[row[2]]);
    }
  }
  CHECK(found == constants);
}

TEST_CASE("The page states the bits of the attributes", "[record]") {
  std::map<std::string, std::string> found;
  for (const std::vector<std::string>& row : Rows(Page())) {
    if (row.size() >= 2) found[row[0]] = row[1];
  }
  CHECK(found["0 to 2"] == "codec");
  CHECK(kCodecMask == 0b111);
  CHECK(found["3 to 5"] == "layout");
  CHECK(kLayoutMask == 0b111000);
  CHECK(found["6"] == "mark");
  CHECK(kMark == 1u << 6);
  CHECK(found["7 to 31"] == "zero");
  CHECK(kKnownAttributes == 0x7f);
}

TEST_CASE("The entries of the page are the encoded ones", "[record]") {
  CHECK(Hex(Golden("entries")) == Hex(ExamplePayload()));
}

TEST_CASE("The plain batch of the page is the sealed one", "[record]") {
  const std::string payload = ExamplePayload();
  BatchHeader header{.base_offset = 41,
                     .base_time = kBaseTime,
                     .max_time = kBaseTime + 1500,
                     .append_time = kBaseTime + 500,
                     .offset_span = 6,
                     .record_count = 4};
  std::string batch(kHeaderSize, '\0');
  std::string scratch;
  SealBatch(AsBytes(payload), ExampleOptions(), &header,
            reinterpret_cast<std::byte*>(batch.data()), &scratch);
  batch += payload;
  batch.resize(header.size);
  CHECK(Hex(Golden("plain")) == Hex(batch));
}

TEST_CASE("The plain batch of the page is read as described", "[record]") {
  REQUIRE_OK_AND_ASSIGN(
      const std::vector<OwnedRecord> records,
      ReadBatch(Golden("plain"), CountingSecret(), kPosition));
  REQUIRE(records.size() == 4);
  CHECK(records[0].id.offset == 41);
  CHECK(MicrosOf(records[0]) == kBaseTime);
  CHECK(absl::ToUnixMicros(records[0].append_time) == kBaseTime + 500);
  CHECK(records[0].key == std::nullopt);
  CHECK(records[0].value == "hello");
  CHECK(records[1].id.offset == 42);
  CHECK(MicrosOf(records[1]) == kBaseTime + 1500);
  CHECK(records[1].value == "");
  CHECK(records[2].id.offset == 43);
  CHECK(MicrosOf(records[2]) == kBaseTime + 1250);
  CHECK(records[2].value == std::nullopt);
  CHECK(records[2].headers == std::vector<OwnedRecord::OwnedHeader>{
                                  {"trace", "7"}, {"a", ""}, {"b", {}}});
  CHECK(records[3].id.offset == 46);
  CHECK(records[3].key == "");
  CHECK(records[3].value == "x");
}

TEST_CASE("The mark of the page is the sealed one", "[record]") {
  BatchBuilder builder(41, kBaseTime + 500);
  REQUIRE_OK_AND_ASSIGN(const std::string batch,
                        builder.Seal(ExampleOptions()));
  CHECK(Hex(Golden("mark")) == Hex(batch));
}

TEST_CASE("The LZ4 batch of the page is read as described", "[record]") {
  if (!FindCodec(Compression::kLz4).ok()) return;
  REQUIRE_OK_AND_ASSIGN(const std::vector<OwnedRecord> records,
                        ReadBatch(Golden("lz4"), CountingSecret(), kPosition));
  REQUIRE(records.size() == 1);
  CHECK(records[0].id.offset == 41);
  CHECK(MicrosOf(records[0]) == kBaseTime);
  CHECK(records[0].value == std::string(80, 'z'));
}

TEST_CASE("The Zstandard payload of the page is read as described",
          "[record]") {
  const absl::StatusOr<const Codec*> codec = FindCodec(Compression::kZstd);
  if (!codec.ok()) return;
  std::string plain(82, '\0');
  REQUIRE_OK((*codec)->Decompress(
      AsBytes(Golden("zstd")),
      {reinterpret_cast<std::byte*>(plain.data()), plain.size()}));
  CHECK(plain == Encoded({.value = std::string(80, 'z')}));
}

}  // namespace
}  // namespace tidemark::test
