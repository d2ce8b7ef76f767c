#include "codec/lz4_codec.h"

#include <string>

#include "codec/codec_fixture.h"
#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark::test {
namespace {

// Ten literals of "0123456789" and nothing else.
const std::string kLiterals = Bytes({0xa0}) + "0123456789";

TEST_CASE("An LZ4 block has no frame around it", "[codec]") {
  const Codec* const codec = Lz4Codec();
  if (codec == nullptr) return;
  CHECK(Decompressed(*codec, kLiterals, 10) == "0123456789");
  std::string compressed;
  REQUIRE_OK(codec->Compress(AsBytes("0123456789"), &compressed));
  CHECK(compressed == kLiterals);
}

TEST_CASE("An LZ4 block cannot claim more than 255 times its size", "[codec]") {
  const Codec* const codec = Lz4Codec();
  if (codec == nullptr) return;
  const size_t size = kLiterals.size();
  CHECK_OK(codec->CheckPlainSize(AsBytes(kLiterals), 255 * size));
  CHECK_STATUS(absl::StatusCode::kDataLoss,
               codec->CheckPlainSize(AsBytes(kLiterals), 255 * (size + 1)));
  CHECK_STATUS(absl::StatusCode::kDataLoss,
               codec->CheckPlainSize(AsBytes(kLiterals), SIZE_MAX));
  CHECK_STATUS(absl::StatusCode::kDataLoss, codec->CheckPlainSize({}, 0));
}

TEST_CASE("The bound of LZ4 holds for what compresses best", "[codec]") {
  const Codec* const codec = Lz4Codec();
  if (codec == nullptr) return;
  const std::string plain(16 << 20, 'a');
  std::string compressed;
  REQUIRE_OK(codec->Compress(AsBytes(plain), &compressed));
  CHECK_OK(codec->CheckPlainSize(AsBytes(compressed), plain.size()));
  CHECK(Decompressed(*codec, compressed, plain.size()) == plain);
}

TEST_CASE("An LZ4 block that refers to bytes before it is refused", "[codec]") {
  const Codec* const codec = Lz4Codec();
  if (codec == nullptr) return;
  // One literal, then a match of 4 bytes at a distance of 2, then the end.
  const std::string before = Bytes({0x10, 'a', 2, 0, 0xc0}) + "bcdefghijklm";
  CHECK_FALSE(DecompressesTo(*codec, before, 17));
  std::string inside = before;
  inside[2] = 1;
  CHECK(Decompressed(*codec, inside, 17) == "aaaaabcdefghijklm");
}

TEST_CASE("An LZ4 block that expands past its size is refused", "[codec]") {
  const Codec* const codec = Lz4Codec();
  if (codec == nullptr) return;
  // One literal and a match of 1000 times 255 bytes.
  const std::string bomb = Bytes({0x1f, 'a', 1, 0}) +
                           std::string(1000, '\xff') + Bytes({0, 0x50}) +
                           "bcdef";
  CHECK(DecompressesTo(*codec, bomb, 1 + 19 + 255 * 1000 + 5));
  CHECK_FALSE(DecompressesTo(*codec, bomb, 100));
}

}  // namespace
}  // namespace tidemark::test
