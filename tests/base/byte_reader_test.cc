#include "base/byte_reader.h"

#include <cstdint>
#include <string>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "base/endian.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("What a writer writes a reader reads", "[base]") {
  std::string text;
  ByteWriter writer(&text);
  writer.U8(0x12);
  writer.U16(0x3456);
  writer.U32(0x789abcde);
  writer.U64(0x0123456789abcdef);
  writer.I64(-2);
  writer.Varint(300);
  writer.Varint(ZigZagEncode(-300));
  writer.Text("text");
  writer.Bytes(AsBytes("bytes"));
  writer.Zeros(2);

  ByteReader reader(AsBytes(text));
  CHECK(reader.U8() == 0x12);
  CHECK(reader.U16() == 0x3456);
  CHECK(reader.U32() == 0x789abcde);
  CHECK(reader.U64() == 0x0123456789abcdef);
  CHECK(reader.I64() == -2);
  CHECK(reader.Varint() == 300);
  CHECK(reader.ZigZag() == -300);
  CHECK(AsText(reader.Bytes(4)) == "text");
  CHECK(AsText(reader.Bytes(5)) == "bytes");
  CHECK(reader.remaining() == 2);
  CHECK(reader.U16() == 0);
  CHECK(reader.remaining() == 0);
  CHECK(reader.ok());
}

TEST_CASE("Integers are little-endian", "[base]") {
  std::string text;
  ByteWriter(&text).U32(0x01020304);
  CHECK(text == "\x04\x03\x02\x01");
  CHECK(ByteSwap(uint16_t{0x0102}) == 0x0201);
  CHECK(ByteSwap(uint32_t{0x01020304}) == 0x04030201);
  CHECK(ByteSwap(uint64_t{0x0102030405060708}) == 0x0807060504030201);
}

TEST_CASE("A read past the end fails for ever", "[base]") {
  const std::string text = "1234567";
  ByteReader reader(AsBytes(text));
  CHECK(reader.U64() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.remaining() == 0);
  CHECK(reader.U8() == 0);
  CHECK(reader.Bytes(0).empty());
  CHECK_FALSE(reader.ok());
}

TEST_CASE("Sizes past the end are refused whatever they are", "[base]") {
  for (const uint64_t size :
       {uint64_t{5}, uint64_t{1} << 32, uint64_t{1} << 63, UINT64_MAX}) {
    ByteReader reader(AsBytes("1234"));
    CHECK(reader.Bytes(size).empty());
    CHECK_FALSE(reader.ok());
  }
  ByteReader whole(AsBytes("1234"));
  CHECK(whole.Bytes(4).size() == 4);
  CHECK(whole.ok());
}

TEST_CASE("A malformed varint fails the reader", "[base]") {
  ByteReader reader(AsBytes("\xff\xff"));
  CHECK(reader.Varint() == 0);
  CHECK_FALSE(reader.ok());
}

TEST_CASE("An empty span has nothing to read", "[base]") {
  ByteReader reader({});
  CHECK(reader.ok());
  CHECK(reader.Bytes(0).empty());
  CHECK(reader.ok());
  CHECK(reader.U8() == 0);
  CHECK_FALSE(reader.ok());
}

}  // namespace
}  // namespace tidemark::test
