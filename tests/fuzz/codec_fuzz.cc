#include <algorithm>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "fuzz/fuzz_target.h"
#include "record/batch_format.h"
#include "tidemark/codec.h"

// F6: decompression. The first byte of an input is the codec, the next four are
// the plain size that somebody claims, and the rest is compressed, or not.
namespace tidemark::test {
namespace {

void CheckRoundTrip(const Codec& codec, ByteSpan plain) {
  std::string compressed;
  Expect(codec.Compress(plain, &compressed).ok(), "any bytes compress");
  Expect(codec.CheckPlainSize(AsBytes(compressed), plain.size()).ok(),
         "the plain size of own bytes");
  std::vector<std::byte> restored(plain.size());
  Expect(codec.Decompress(AsBytes(compressed), restored).ok(),
         "own bytes decompress");
  Expect(std::equal(plain.begin(), plain.end(), restored.begin()),
         "own bytes are restored");
}

void RunCodec(ByteSpan input, FuzzCounts* counts) {
  ByteReader reader(input);
  const auto id = static_cast<Compression>(reader.U8());
  const uint64_t plain_size = reader.U32() % (batch_format::kBatchSizeCap + 2);
  const ByteSpan bytes = reader.Bytes(reader.remaining());
  const auto codec = FindCodec(id);
  ExpectTyped(codec.status());
  if (!codec.ok() || *codec == nullptr) return;
  const std::vector<std::byte> compressed(bytes.begin(), bytes.end());
  const absl::Status possible =
      (*codec)->CheckPlainSize(compressed, plain_size);
  ExpectTyped(possible);
  if (possible.ok()) {
    std::vector<std::byte> plain(plain_size);
    const absl::Status status = (*codec)->Decompress(compressed, plain);
    ExpectTyped(status);
    counts->accepted += status.ok() ? 1 : 0;
    counts->refused += status.ok() ? 0 : 1;
    // Large ones would spend the time of many small ones.
    if (status.ok() && plain_size < 64 << 10) CheckRoundTrip(**codec, plain);
  } else {
    ++counts->refused;
    // A size that is impossible is never decompressed to.
    std::vector<std::byte> plain(std::min<uint64_t>(plain_size, 64 << 10));
    if (plain.size() == plain_size) {
      Expect(!(*codec)->Decompress(compressed, plain).ok(),
             "an impossible size is refused");
    }
  }
  CheckRoundTrip(**codec, compressed);
}

}  // namespace

const FuzzTarget kCodecTarget = {"codec", &RunCodec};

}  // namespace tidemark::test
