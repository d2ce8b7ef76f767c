#include "segment/segment_header.h"

#include <string>

#include "base/checksum.h"
#include "base/endian.h"
#include "segment/segment_fixture.h"
#include "support/catch.h"
#include "tidemark/error.h"
#include "tidemark/testing/fault_env.h"

namespace tidemark::test {
namespace {

namespace format = segment_format::header;

SegmentHeader SampleHeader() {
  SegmentHeader header = TestHeader(42);
  header.incarnation = 5;
  header.create_time = 1'600'000'000'123'456;
  return header;
}

std::byte* Bytes(std::string& text) {
  return reinterpret_cast<std::byte*>(text.data());
}

// Makes the checksum of the header at `at` hold again.
void FixChecksum(std::string& text, size_t at = 0) {
  StoreLittle(Bytes(text) + at + format::kChecksumAt,
              Checksum({Bytes(text) + at, format::kChecksumAt}));
}

SegmentHeaderFault Decode(const std::string& text) {
  SegmentHeader header;
  return DecodeSegmentHeader(AsBytes(text), &header);
}

SegmentHead ReadHead(const std::string& text) {
  MemoryWorld world;
  WriteWhole(*world.root, "file", text);
  const auto file = world.root->OpenFile("file", FileAccess::kReadOnly);
  return ReadSegmentHead(**file).value();
}

TEST_CASE("A segment header has the bytes of its page", "[segment][format]") {
  const std::string text = EncodeSegmentHeader(SampleHeader());
  CHECK(text.size() == 1024);
  CHECK(text.substr(0, 8) == "TMSEGMT1");
  CHECK(text.substr(8, 8) == std::string("\x01\0\0\0\0\x04\0\0", 8));
  CHECK(text.substr(16, 16) == std::string(16, '\xaa'));
  CHECK(text.substr(32, 16) == std::string(16, '\xbb'));
  CHECK(text.substr(48, 8) == std::string("\x07\0\0\0\0\0\0\0", 8));
  CHECK(text.substr(56, 8) == std::string("\x2a\0\0\0\0\0\0\0", 8));
  CHECK(text.substr(64, 16) == std::string(16, '\x3a'));
  CHECK(text.substr(80, 16) == std::string(16, '\xaa'));
  CHECK(text.substr(96, 8) == std::string("\x05\0\0\0\0\0\0\0", 8));
  CHECK(text.substr(104, 8) ==
        std::string("\x40\xe2\xa5\x07\x31\xaf\x05\0", 8));
  CHECK(text.substr(112, 8) == std::string(8, '\0'));
  CHECK(text.substr(128, 384) == std::string(384, '\0'));
  CHECK(text.substr(512, 128) == text.substr(0, 128));
  CHECK(text.substr(640) == std::string(384, '\0'));
}

TEST_CASE("A segment header is read as it was written", "[segment]") {
  for (const uint32_t data_position : {1024u, 4096u}) {
    SegmentHeader header = SampleHeader();
    header.data_position = data_position;
    const std::string text = EncodeSegmentHeader(header);
    CHECK(text.size() == data_position);
    SegmentHeader decoded;
    REQUIRE(DecodeSegmentHeader(AsBytes(text), &decoded) ==
            SegmentHeaderFault::kNone);
    CHECK(decoded == header);
  }
}

TEST_CASE("Every flipped bit of a segment header is found", "[segment]") {
  const std::string good = EncodeSegmentHeader(SampleHeader());
  for (size_t bit = 0; bit < 8 * format::kSize; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    CHECK(Decode(bad) != SegmentHeaderFault::kNone);
  }
}

TEST_CASE("A segment header that is cut off is found", "[segment]") {
  const std::string good = EncodeSegmentHeader(SampleHeader());
  for (size_t size = 0; size < format::kSize; ++size) {
    CHECK(Decode(good.substr(0, size)) == SegmentHeaderFault::kCutOff);
  }
}

TEST_CASE("A segment of a newer version says so", "[segment]") {
  std::string text = EncodeSegmentHeader(SampleHeader());
  StoreLittle(Bytes(text) + format::kVersionAt, uint32_t{2});
  CHECK(Decode(text) == SegmentHeaderFault::kChecksum);
  FixChecksum(text);
  CHECK(Decode(text) == SegmentHeaderFault::kNewerFormat);
}

TEST_CASE("Header fields out of range are refused", "[segment]") {
  const std::string good = EncodeSegmentHeader(SampleHeader());
  const auto with = [&good](size_t at, char value) {
    std::string text = good;
    text[at] = value;
    FixChecksum(text);
    return Decode(text);
  };
  CHECK(with(format::kVersionAt, 0) == SegmentHeaderFault::kField);
  CHECK(with(format::kDataPositionAt, 8) == SegmentHeaderFault::kField);
  CHECK(with(format::kReserved1At, 1) == SegmentHeaderFault::kField);
  CHECK(with(format::kReserved2At + 7, 1) == SegmentHeaderFault::kField);
  CHECK(with(format::kBaseOffsetAt + 7, '\x80') == SegmentHeaderFault::kField);
  CHECK(with(format::kPartitionAt + 3, '\x80') == SegmentHeaderFault::kField);
}

TEST_CASE("One of the two headers is enough", "[segment]") {
  const std::string good = EncodeSegmentHeader(SampleHeader());
  CHECK_FALSE(ReadHead(good).is_one_damaged);
  for (const size_t at : {size_t{20}, size_t{512 + 20}}) {
    std::string bad = good;
    bad[at] ^= 1;
    const SegmentHead head = ReadHead(bad);
    CHECK(head.fault == SegmentHeaderFault::kNone);
    CHECK(head.is_one_damaged);
    CHECK(head.header == SampleHeader());
  }
}

TEST_CASE("Two headers that differ count as damage", "[segment]") {
  SegmentHeader other = SampleHeader();
  other.incarnation = 6;
  std::string text = EncodeSegmentHeader(SampleHeader());
  text.replace(512, 128, EncodeSegmentHeader(other).substr(0, 128));
  const SegmentHead head = ReadHead(text);
  CHECK(head.fault == SegmentHeaderFault::kNone);
  CHECK(head.is_one_damaged);
  CHECK(head.header == SampleHeader());
}

TEST_CASE("Of two headers that differ the expected one is used", "[segment]") {
  // A sector of another segment was written to this one.
  SegmentHeader other = SampleHeader();
  other.base_offset = 7;
  const std::string strange = EncodeSegmentHeader(other).substr(0, 128);
  for (const size_t at : {size_t{0}, size_t{512}}) {
    MemoryWorld world;
    WriteWhole(*world.root, "file",
               EncodeSegmentHeader(SampleHeader()).replace(at, 128, strange));
    const auto file = world.root->OpenFile("file", FileAccess::kReadOnly);
    const auto head = ReadSegmentHead(**file, [](const SegmentHeader& header) {
      return header.base_offset == SampleHeader().base_offset;
    });
    REQUIRE_OK(head);
    CHECK(head->is_one_damaged);
    CHECK(head->header == SampleHeader());
  }
}

TEST_CASE("A blank head is told from a damaged one", "[segment]") {
  CHECK(ReadHead("").is_blank);
  CHECK(ReadHead(std::string(4096, '\0')).is_blank);
  std::string bad = EncodeSegmentHeader(SampleHeader());
  bad[0] ^= 1;
  bad[512] ^= 1;
  CHECK_FALSE(ReadHead(bad).is_blank);
  CHECK(ReadHead(bad).fault == SegmentHeaderFault::kMagic);
  CHECK(ReadHead(bad.substr(0, 60)).fault == SegmentHeaderFault::kCutOff);
}

TEST_CASE("A newer header beside a damaged one is still newer", "[segment]") {
  std::string text = EncodeSegmentHeader(SampleHeader());
  text[0] ^= 1;
  StoreLittle(Bytes(text) + 512 + format::kVersionAt, uint32_t{9});
  FixChecksum(text, 512);
  CHECK(ReadHead(text).fault == SegmentHeaderFault::kNewerFormat);
}

TEST_CASE("Two new headers share neither id nor secret", "[segment]") {
  MemoryEnv env;
  const auto first = NewSegmentHeader(env, TestIdentity(), 3, 9, 77);
  const auto second = NewSegmentHeader(env, TestIdentity(), 3, 9, 77);
  REQUIRE_OK(first);
  REQUIRE_OK(second);
  CHECK(first->base_offset == 3);
  CHECK(first->incarnation == 9);
  CHECK(first->create_time == 77);
  CHECK(first->identity == TestIdentity());
  CHECK(first->segment_id != second->segment_id);
  CHECK(first->secret != second->secret);
}

TEST_CASE("No header is made without random bytes", "[segment]") {
  MemoryEnv env;
  for (const uint64_t index : {0, 1}) {
    FaultEnv fault(env);
    fault.FailCall(index, EIO);
    CHECK(IsIoError(NewSegmentHeader(fault, TestIdentity(), 0, 1, 0).status()));
  }
}

TEST_CASE("Every fault of a segment header has a name", "[segment]") {
  for (int fault = 0; fault <= 5; ++fault) {
    const std::string name =
        SegmentHeaderFaultName(static_cast<SegmentHeaderFault>(fault));
    CHECK(name != "unknown");
  }
}

}  // namespace
}  // namespace tidemark::test
