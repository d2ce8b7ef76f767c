#include "tidemark/codec.h"

#include <atomic>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "codec/codec_fixture.h"
#include "support/catch.h"
#include "support/seed.h"
#include "support/status_matchers.h"
#include "tidemark/error.h"

namespace tidemark::test {
namespace {

TEST_CASE("Every compression has a name", "[codec]") {
  CHECK(CompressionName(Compression::kNone) == "none");
  CHECK(CompressionName(Compression::kLz4) == "lz4");
  CHECK(CompressionName(Compression::kZstd) == "zstd");
  CHECK(CompressionName(static_cast<Compression>(7)) == "unknown");
}

TEST_CASE("The numbers in files never change", "[codec]") {
  CHECK(static_cast<int>(Compression::kNone) == 0);
  CHECK(static_cast<int>(Compression::kLz4) == 1);
  CHECK(static_cast<int>(Compression::kZstd) == 2);
}

TEST_CASE("No compression has no codec", "[codec]") {
  REQUIRE_OK_AND_ASSIGN(const Codec* const codec,
                        FindCodec(Compression::kNone));
  CHECK(codec == nullptr);
}

TEST_CASE("A codec knows its number, or the build is without it", "[codec]") {
  for (const Compression compression :
       {Compression::kLz4, Compression::kZstd}) {
    const absl::StatusOr<const Codec*> codec = FindCodec(compression);
    if (codec.ok()) {
      CHECK((*codec)->id() == compression);
      CHECK(*FindCodec(compression) == *codec);
    } else {
      CHECK_STATUS(absl::StatusCode::kUnimplemented, codec);
      CHECK_FALSE(IsNewerFormat(codec.status()));
    }
  }
}

TEST_CASE("A number of a newer version has no codec", "[codec]") {
  for (int number = 3; number < 256; ++number) {
    const absl::StatusOr<const Codec*> codec =
        FindCodec(static_cast<Compression>(number));
    CHECK_STATUS(absl::StatusCode::kUnimplemented, codec);
    CHECK(IsNewerFormat(codec.status()));
  }
}

TEST_CASE("What is compressed comes back", "[codec]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  for (const Codec* const codec : BuiltInCodecs()) {
    std::string compressed = "left from before";
    for (const size_t size : {0, 1, 2, 12, 13, 100, 4096, 65536, 1 << 20}) {
      for (const int alphabet : {1, 4, 256}) {
        const std::string plain = TextOf(random, size, alphabet);
        REQUIRE_OK(codec->Compress(AsBytes(plain), &compressed));
        REQUIRE_OK(codec->CheckPlainSize(AsBytes(compressed), size));
        REQUIRE(Decompressed(*codec, compressed, size) == plain);
      }
    }
  }
}

TEST_CASE("Text gets smaller", "[codec]") {
  std::string plain;
  for (int i = 0; i < 1000; ++i) {
    plain += "{\"sensor\": " + std::to_string(i % 17) +
             ", \"value\": " + std::to_string(i * i) + "}\n";
  }
  for (const Codec* const codec : BuiltInCodecs()) {
    std::string compressed;
    REQUIRE_OK(codec->Compress(AsBytes(plain), &compressed));
    CHECK(compressed.size() < plain.size() / 2);
  }
}

TEST_CASE("Every other size than the right one is refused", "[codec]") {
  std::mt19937_64 random(1);
  const std::string plain = TextOf(random, 300, 4);
  for (const Codec* const codec : BuiltInCodecs()) {
    std::string compressed;
    REQUIRE_OK(codec->Compress(AsBytes(plain), &compressed));
    for (size_t size = 0; size < 700; ++size) {
      REQUIRE(DecompressesTo(*codec, compressed, size) ==
              (size == plain.size()));
    }
  }
}

TEST_CASE("Every truncation is refused", "[codec]") {
  std::mt19937_64 random(1);
  const std::string plain = TextOf(random, 500, 4);
  for (const Codec* const codec : BuiltInCodecs()) {
    std::string compressed;
    REQUIRE_OK(codec->Compress(AsBytes(plain), &compressed));
    for (size_t size = 0; size < compressed.size(); ++size) {
      REQUIRE_FALSE(
          DecompressesTo(*codec, compressed.substr(0, size), plain.size()));
    }
    REQUIRE_FALSE(DecompressesTo(*codec, compressed + '\0', plain.size()));
    REQUIRE_FALSE(
        DecompressesTo(*codec, compressed + compressed, plain.size()));
  }
}

TEST_CASE("Damaged bytes never write outside of the output", "[codec]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  for (const Codec* const codec : BuiltInCodecs()) {
    for (int round = 0; round < 2000; ++round) {
      const std::string plain = TextOf(random, random() % 300, 4);
      std::string compressed;
      REQUIRE_OK(codec->Compress(AsBytes(plain), &compressed));
      for (int flips = 0; flips < 3; ++flips) {
        compressed[random() % compressed.size()] = static_cast<char>(random());
      }
      // The helper checks the bytes around the output.
      DecompressesTo(*codec, compressed, plain.size());
      DecompressesTo(*codec, compressed, random() % 600);
    }
  }
}

TEST_CASE("Random bytes are refused or filled in exactly", "[codec]") {
  TIDEMARK_TEST_SEED(seed);
  std::mt19937_64 random(seed);
  for (const Codec* const codec : BuiltInCodecs()) {
    for (int round = 0; round < 5000; ++round) {
      DecompressesTo(*codec, TextOf(random, random() % 60, 256),
                     random() % 600);
    }
  }
}

TEST_CASE("A damaged payload is a damage, not a missing codec", "[codec]") {
  for (const Codec* const codec : BuiltInCodecs()) {
    std::byte out[100];
    const absl::Status status = codec->Decompress(AsBytes("nonsense"), out);
    CHECK_STATUS(absl::StatusCode::kDataLoss, status);
    CHECK(IsDamaged(status));
  }
}

TEST_CASE("A codec serves several threads", "[codec]") {
  for (const Codec* const codec : BuiltInCodecs()) {
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    threads.reserve(6);
    for (int number = 0; number < 6; ++number) {
      threads.emplace_back([codec, number, &failures] {
        std::mt19937_64 random(static_cast<uint64_t>(number));
        std::string compressed;
        for (int round = 0; round < 50; ++round) {
          const std::string plain = TextOf(random, 3000, 4);
          std::string again(plain.size(), '\0');
          if (!codec->Compress(AsBytes(plain), &compressed).ok() ||
              !codec->Decompress(AsBytes(compressed), AsMutable(again)).ok() ||
              again != plain) {
            ++failures;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(failures == 0);
  }
}

}  // namespace
}  // namespace tidemark::test
