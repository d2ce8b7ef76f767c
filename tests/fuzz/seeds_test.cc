#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_writer.h"
#include "base/bytes.h"
#include "fuzz/corpus.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/index_world.h"
#include "fuzz/seed_stores.h"
#include "fuzz/tree_image.h"
#include "record/batch_builder.h"
#include "support/catch.h"
#include "support/dice.h"
#include "support/status_matchers.h"
#include "tidemark/codec.h"
#include "tidemark/positions.h"

// Writes the seeds of the corpora. Run after a change of a format:
//   build/dev/bin/fuzz_tests "[.seeds]"
namespace tidemark::test {
namespace {

std::string BatchInput(const std::vector<Record>& records, const Codec* codec,
                       int64_t time_step) {
  SealOptions options;
  options.position = 1024;
  for (size_t i = 0; i < options.secret.size(); ++i) {
    options.secret[i] = static_cast<std::byte>(i);
  }
  options.durable_end = 40;
  options.incarnation = 3;
  options.codec = codec;
  BatchBuilder builder(41, 1'700'000'000'000'000);
  int64_t time = 1'700'000'000'000'000;
  for (const Record& record : records) {
    REQUIRE_OK(builder.Add(record, time += time_step));
  }
  const auto batch = builder.Seal(options);
  REQUIRE_OK(batch);
  std::string input;
  ByteWriter writer(&input);
  writer.U64(options.position);
  writer.Bytes(options.secret);
  writer.Text(*batch);
  return input;
}

TEST_CASE("Seeds of batch", "[.seeds]") {
  const std::string dull(300, 'z');
  const std::vector<Header> headers = {
      {"trace", "7"}, {"a", ""}, {"b", std::nullopt}};
  const std::vector<Record> rich = {{.value = "hello"},
                                    {.key = "k", .value = ""},
                                    {.key = "", .headers = headers},
                                    {.value = dull}};
  const Codec* const lz4 = FindCodec(Compression::kLz4).value();
  const Codec* const zstd = FindCodec(Compression::kZstd).value();
  WriteSeed(kBatchTarget, "one", BatchInput({{.value = "x"}}, nullptr, 0));
  WriteSeed(kBatchTarget, "mark", BatchInput({}, nullptr, 0));
  WriteSeed(kBatchTarget, "rich", BatchInput(rich, nullptr, 1500));
  WriteSeed(kBatchTarget, "back", BatchInput(rich, nullptr, -700));
  WriteSeed(kBatchTarget, "lz4", BatchInput(rich, lz4, 1));
  WriteSeed(kBatchTarget, "zstd", BatchInput(rich, zstd, 1));
  std::vector<Record> many(40, {.value = "abcdefgh"});
  WriteSeed(kBatchTarget, "many", BatchInput(many, nullptr, 0));
}

std::string CodecInput(Compression id, const std::string& plain) {
  std::string compressed;
  REQUIRE_OK(FindCodec(id).value()->Compress(AsBytes(plain), &compressed));
  std::string input;
  ByteWriter writer(&input);
  writer.U8(static_cast<uint8_t>(id));
  writer.U32(static_cast<uint32_t>(plain.size()));
  writer.Text(compressed);
  return input;
}

TEST_CASE("Seeds of codec", "[.seeds]") {
  Dice dice(1);
  std::string text;
  for (int i = 0; i < 60; ++i) text += "sensor 17 says " + std::to_string(i);
  std::string noise;
  while (noise.size() < 200) noise += static_cast<char>(dice.Below(256));
  const std::map<std::string, std::string> plains = {
      {"empty", ""},
      {"text", text},
      {"noise", noise},
      {"bomb", std::string(1 << 20, '\0')},
      {"pairs", noise + text + noise}};
  for (const auto& [name, plain] : plains) {
    WriteSeed(kCodecTarget, "lz4-" + name,
              CodecInput(Compression::kLz4, plain));
    WriteSeed(kCodecTarget, "zstd-" + name,
              CodecInput(Compression::kZstd, plain));
  }
}

TEST_CASE("Seeds of names", "[.seeds]") {
  const std::map<std::string, std::string> names = {
      {"plain", "orders"},
      {"all", "Az09._-"},
      {"longest", std::string(249, 'n')},
      {"too-long", std::string(250, 'n')},
      {"dot", "."},
      {"dots", ".."},
      {"hidden", ".hidden"},
      {"up", "../outside"},
      {"inner-up", "a/../b"},
      {"root", "/etc/passwd"},
      {"nul", std::string("a\0b", 3)},
      {"log", "a.log"},
      {"segment", "00000000000000000042.log"},
      {"segment-max", "09223372036854775807.log"},
      {"segment-over", "09223372036854775808.log"},
      {"number", "99999"},
      {"number-zero", "007"},
      {"new", ".new-0123456789abcdef0123456789abcdef"},
      {"deleted", ".deleted-0123456789abcdef0123456789abcdef"},
      {"utf8", "caf\xc3\xa9"},
      {"path", "topics/t/0/META"}};
  for (const auto& [name, bytes] : names) WriteSeed(kNamesTarget, name, bytes);
}

TEST_CASE("Seeds of index", "[.seeds]") {
  const std::string& tail = IndexWorld::Get().tail();
  for (const int offset : {0, 5, 20, 38, 40}) {
    std::string input;
    ByteWriter writer(&input);
    writer.U8(offset % 2 == 0 ? 0 : 1);
    writer.U8(0);
    writer.U16(static_cast<uint16_t>(offset));
    writer.Text(tail);
    WriteSeed(kIndexTarget, "whole-" + std::to_string(offset), input);
    if (offset == 20) {
      WriteSeed(kIndexTarget, "cut", input.substr(0, input.size() - 8));
      WriteSeed(kIndexTarget, "no-index", input.substr(0, 4));
    }
  }
}

TEST_CASE("Seeds of directory and tree", "[.seeds]") {
  for (const auto& [name, image] : SeedStores()) {
    WriteSeed(kDirectoryTarget, name, EncodeTree(image));
    if (!name.starts_with("arena")) {
      WriteSeed(kTreeTarget, name, EncodeTree(image));
    }
  }
  for (const auto& [name, image] : SeedTrees()) {
    WriteSeed(kTreeTarget, name, EncodeTree(image));
  }
  for (const std::string target : {"directory", "tree", "state"}) {
    WriteInput(kHeavyFolder, target + "-giant-cursor",
               EncodeTree(GiantCursor()));
  }
}

TEST_CASE("Seeds of segment", "[.seeds]") {
  for (const auto& [name, store] : SeedStores()) {
    for (const TreeNode& node : store.nodes) {
      if (!node.name.ends_with(".log")) continue;
      TreeImage image;
      image.options = 2;
      image.nodes = {node};
      image.nodes[0].name = node.name.substr(node.name.rfind('/') + 1);
      const size_t at = node.name.find('/') + 1;
      std::string part = node.name.substr(at, node.name.rfind('/') - at);
      for (char& c : part) c = c == '/' ? '-' : c;
      WriteSeed(kSegmentTarget,
                name + "-" + part + "-" + image.nodes[0].name.substr(16, 4),
                EncodeTree(image));
    }
  }
}

TEST_CASE("Seeds of state", "[.seeds]") {
  const std::map<std::string, std::string> places = {
      {"STORE", "STORE"}, {"TOPIC", "TOPIC"}, {"META", "META"}};
  for (const auto& [name, store] : SeedStores()) {
    TreeImage image;
    for (const TreeNode& node : store.nodes) {
      const std::string leaf = node.name.substr(node.name.rfind('/') + 1);
      TreeNode copy = node;
      if (places.contains(leaf)) copy.name = leaf;
      if (leaf.starts_with("tidemark-arena-")) copy.name = "arena";
      if (copy.name != node.name || leaf == "STORE" ||
          node.name.starts_with("cursors")) {
        image.nodes.push_back(std::move(copy));
      }
    }
    WriteSeed(kStateTarget, name, EncodeTree(image));
  }
  Positions positions;
  for (int i = 0; i < 5; ++i) {
    Positions::Entry entry;
    entry.topic = i < 2 ? "a" : "b";
    entry.topic_id.fill(static_cast<std::byte>(i < 2 ? 1 : 2));
    entry.partition = i;
    entry.offset = i * 1000;
    entry.incarnation = 3;
    positions.Set(entry);
  }
  TreeImage image;
  image.nodes.push_back({.name = "positions", .content = positions.ToBytes()});
  WriteSeed(kStateTarget, "positions", EncodeTree(image));
}

TEST_CASE("Seeds of api", "[.seeds]") {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Dice dice(seed);
    std::string input;
    while (input.size() < 60 * seed) {
      input += static_cast<char>(dice.Below(256));
    }
    WriteSeed(kApiTarget, std::to_string(seed), input);
  }
}

}  // namespace
}  // namespace tidemark::test
