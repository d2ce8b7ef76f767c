#include "codec/zstd_codec.h"

#include <cstdint>
#include <string>

#include "base/byte_writer.h"
#include "codec/codec_fixture.h"
#include "support/catch.h"
#include "support/status_matchers.h"

namespace tidemark::test {
namespace {

const std::string kMagic = Bytes({0x28, 0xb5, 0x2f, 0xfd});

// A last block of `size` times 'a'.
std::string RunBlock(uint32_t size) {
  const int header = static_cast<int>((size << 3) | (1u << 1) | 1u);
  return Bytes({header, header >> 8, header >> 16, 'a'});
}

// A frame that declares `size` bytes in one byte and needs no window.
std::string SmallFrame(uint8_t size, uint32_t block_size) {
  return kMagic + Bytes({0x20, size}) + RunBlock(block_size);
}

// A frame that declares `size` bytes in eight bytes and the window that
// `window` describes.
std::string LargeFrame(uint64_t size, uint8_t window, uint32_t block_size) {
  std::string frame = kMagic + Bytes({0xc0, window});
  ByteWriter(&frame).U64(size);
  return frame + RunBlock(block_size);
}

TEST_CASE("A Zstandard frame declares its size", "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  CHECK(Decompressed(*codec, SmallFrame(50, 50), 50) == std::string(50, 'a'));
  // The same block in a frame without a declared size.
  const std::string silent = kMagic + Bytes({0, 0}) + RunBlock(50);
  CHECK_FALSE(DecompressesTo(*codec, silent, 50));
}

TEST_CASE("A Zstandard frame that expands past its claim is refused",
          "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  CHECK_FALSE(DecompressesTo(*codec, SmallFrame(50, 51), 50));
  CHECK_FALSE(DecompressesTo(*codec, SmallFrame(50, 100000), 50));
  CHECK_FALSE(DecompressesTo(*codec, SmallFrame(50, 49), 50));
}

TEST_CASE("A claim of Zstandard is refused before anything is allocated",
          "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  for (const uint64_t size : {uint64_t{1} << 31, uint64_t{1} << 62,
                              UINT64_MAX - 2, UINT64_MAX - 1, UINT64_MAX}) {
    const std::string frame = LargeFrame(size, 0, 50);
    for (const size_t plain_size : {uint64_t{50}, size}) {
      CHECK_STATUS(absl::StatusCode::kDataLoss,
                   codec->CheckPlainSize(AsBytes(frame), plain_size));
    }
  }
}

TEST_CASE("A huge window of Zstandard costs no memory", "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  // Windows from 1 KiB to 3.75 TiB. The library refuses the largest ones.
  for (int window = 0; window < 256; ++window) {
    DecompressesTo(*codec, LargeFrame(50, static_cast<uint8_t>(window), 50),
                   50);
  }
  // 2 GiB; half of that is the most where an address has 32 bits.
  const uint8_t window_max = (sizeof(size_t) == 8 ? 21 : 20) << 3;
  CHECK(DecompressesTo(*codec, LargeFrame(50, window_max, 50), 50));
}

TEST_CASE("A payload of Zstandard is exactly one frame", "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  const std::string frame = SmallFrame(50, 50);
  const std::string skippable =
      Bytes({0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 'x', 'x'});
  CHECK(DecompressesTo(*codec, frame, 50));
  CHECK_FALSE(DecompressesTo(*codec, frame + frame, 50));
  CHECK_FALSE(DecompressesTo(*codec, frame + frame, 100));
  CHECK_FALSE(DecompressesTo(*codec, frame + skippable, 50));
  CHECK_FALSE(DecompressesTo(*codec, skippable + frame, 50));
  CHECK_FALSE(DecompressesTo(*codec, skippable, 0));
  CHECK_FALSE(DecompressesTo(*codec, "", 0));
}

TEST_CASE("Formats from before Zstandard 1.0 are refused", "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  for (int version = 0x1e; version < 0x28; ++version) {
    std::string frame = SmallFrame(50, 50);
    frame[0] = static_cast<char>(version);
    CHECK_FALSE(DecompressesTo(*codec, frame, 50));
  }
}

TEST_CASE("A Zstandard frame that needs a dictionary is refused", "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  const std::string frame = kMagic + Bytes({0x21, 7, 50}) + RunBlock(50);
  CHECK_FALSE(DecompressesTo(*codec, frame, 50));
}

TEST_CASE("A Zstandard frame with a wrong checksum is refused", "[codec]") {
  const Codec* const codec = ZstdCodec();
  if (codec == nullptr) return;
  std::string frame = SmallFrame(50, 50) + Bytes({0, 0, 0, 0});
  frame[4] = 0x24;
  CHECK_FALSE(DecompressesTo(*codec, frame, 50));
}

}  // namespace
}  // namespace tidemark::test
