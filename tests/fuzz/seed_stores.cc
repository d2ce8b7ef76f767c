#include "fuzz/seed_stores.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/byte_writer.h"
#include "fmt/core.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/repair.h"
#include "fuzz/store_visit.h"
#include "record/batch_format.h"
#include "store/store_file.h"
#include "store/store_format.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"
#include "tidemark/testing/memory_env.h"

namespace tidemark::test {
namespace {

constexpr uint32_t kAdoptsArenas = 1 << 8;

// A host that does a little of everything.
class SeedHost {
 public:
  SeedHost() : options_(StoreOptions::Test(env_, clock_)) {
    options_.arena_bytes = 64 << 10;
    options_.arena_block_bytes = 1024;
  }

  SeedHost& With(ProcessDurability durability) {
    options_.process_durability = durability;
    return *this;
  }

  SeedHost& Open() {
    auto opened = Store::Open("/store", options_);
    Expect(opened.ok(), "a store opens");
    store_ = std::make_unique<Store>(*std::move(opened));
    return *this;
  }

  SeedHost& Create(std::string_view name, TopicOptions options) {
    Expect(store_->CreateTopic(name, options).ok(), "a topic is made");
    return *this;
  }

  SeedHost& Append(std::string_view topic, int count, Ack ack) {
    auto opened = store_->OpenTopic(topic);
    Expect(opened.ok(), "a topic opens");
    for (int i = 0; i < count; ++i) {
      const std::string value = fmt::format("{} number {}", topic, i);
      const Header header = {"n", value};
      const auto appended =
          opened->Append({.key = fmt::format("key {}", i % 3),
                          .value = value,
                          .headers = {&header, i % 4 == 0 ? size_t{1} : 0},
                          .create_time = clock_.Now()},
                         ack);
      Expect(appended.ok(), "a record is appended");
      clock_.Advance(absl::Milliseconds(7));
    }
    return *this;
  }

  SeedHost& Commit(std::string_view topic) {
    auto cursor = ConsumerCursor::Open(
        *store_,
        {.topics = {std::string(topic)}, .start = Start::Begin(), .name = "c"});
    Expect(cursor.ok() && cursor->Poll({.records_max = 3}).ok() &&
               cursor->Commit().ok(),
           "a cursor commits");
    return *this;
  }

  SeedHost& Trim(std::string_view topic, Offset to) {
    auto opened = store_->OpenTopic(topic);
    Expect(opened.ok() && opened->partition(0).value().TrimBefore(to).ok(),
           "a log is trimmed");
    return *this;
  }

  SeedHost& Close() {
    Expect(store_->Close().ok(), "a store is closed");
    store_.reset();
    return *this;
  }

  // As the files are at this moment, when the process dies.
  TreeImage Image(uint32_t options = 0) const {
    TreeImage image = ReadTree(*env_.CopyCurrent(), "/store");
    image.options = options;
    return image;
  }

 private:
  MemoryEnv env_;
  ManualClock clock_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

TopicOptions Small(PartitionNumber partitions, Compression compression) {
  TopicOptions options;
  options.partitions = partitions;
  options.compression = compression;
  options.batch_bytes = 1 << 10;
  options.segment_bytes = 2 << 10;
  return options;
}

void AddOrdinary(std::map<std::string, TreeImage>* stores) {
  (*stores)["empty"] = {};
  (*stores)["new"] = SeedHost().Open().Close().Image();
  (*stores)["closed"] = SeedHost()
                            .Open()
                            .Create("t", Small(1, Compression::kNone))
                            .Append("t", 6, Ack::kDisk)
                            .Commit("t")
                            .Close()
                            .Image();
  (*stores)["killed"] = SeedHost()
                            .With(ProcessDurability::kWriteThrough)
                            .Open()
                            .Create("t", Small(1, Compression::kNone))
                            .Append("t", 2, Ack::kDisk)
                            .Append("t", 4, Ack::kProcess)
                            .Image(kVisitTrims);
  (*stores)["segments"] = SeedHost()
                              .Open()
                              .Create("t", Small(1, Compression::kNone))
                              .Append("t", 60, Ack::kDisk)
                              .Trim("t", 20)
                              .Close()
                              .Image(kVisitMaintains);
  (*stores)["topics"] = SeedHost()
                            .Open()
                            .Create("t", Small(2, Compression::kLz4))
                            .Create("u", Small(1, Compression::kZstd))
                            .Append("t", 10, Ack::kMemory)
                            .Append("u", 10, Ack::kMemory)
                            .Commit("u")
                            .Close()
                            .Image(kVisitStrictly);
  // A STORE that ends with its first page.
  TreeImage& cut = (*stores)["store-cut"] = (*stores)["new"];
  cut.Find("STORE")->content.resize(4096);
  (*stores)["read-only"] = (*stores)["killed"];
  (*stores)["read-only"].options = kVisitReadOnly;
}

void AddArenas(std::map<std::string, TreeImage>* stores) {
  const TreeImage image = SeedHost()
                              .With(ProcessDurability::kStoreFile)
                              .Open()
                              .Create("t", Small(1, Compression::kNone))
                              .Append("t", 2, Ack::kDisk)
                              .Append("t", 5, Ack::kMemory)
                              .Image(kAdoptsArenas | kVisitStoreArena);
  (*stores)["arena"] = image;
  (*stores)["arena-of-another-boot"] = image;
  (*stores)["arena-of-another-boot"].options = kVisitStoreArena;
}

// A STORE that counts fewer or more opens than there were, and batches that do.
void AddIncarnations(std::map<std::string, TreeImage>* stores) {
  const TreeImage closed = stores->at("closed");
  const auto count = [&](const std::string& name, Incarnation incarnation) {
    TreeImage& image = (*stores)["opens-" + name] = closed;
    std::string& content = image.Find("STORE")->content;
    for (const size_t at : {size_t{0}, size_t{4096}}) {
      std::string bytes;
      ByteWriter(&bytes).U64(incarnation);
      content.replace(at + store_format::kIncarnationAt, bytes.size(), bytes);
    }
    RepairFile(&content);
  };
  count("none", 0);
  count("most", ~Incarnation{0});
  count("but-one", ~Incarnation{0} - 1);
  TreeImage& image = (*stores)["opens-of-batches"] = closed;
  for (TreeNode& node : image.nodes) {
    if (!node.name.ends_with(".log")) continue;
    std::string bytes;
    ByteWriter(&bytes).U64(~Incarnation{0});
    const size_t last = node.content.rfind("TMB1");
    node.content.replace(last + batch_format::kIncarnationAt, bytes.size(),
                         bytes);
    RepairFile(&node.content);
  }
}

// A STORE that names what is no arena as the memory of the last owner, and as
// one that may be unlinked.
void AddHostileArenas(std::map<std::string, TreeImage>* stores) {
  const auto add = [&](const std::string& name, const ArenaPlace& place) {
    TreeImage image = SeedHost()
                          .With(ProcessDurability::kWriteThrough)
                          .Open()
                          .Create("t", Small(1, Compression::kNone))
                          .Append("t", 2, Ack::kDisk)
                          .Image();
    std::string& content = image.Find("STORE")->content;
    StoreRecord record =
        DecodeStoreSlot(AsBytes(content).subspan(4096), 1).record;
    record.arena = place;
    record.previous_arena = place;
    content = EncodeStoreSlot(record, 8, 0);
    content.resize(4096, '\0');
    content += EncodeStoreSlot(record, 9, 1);
    content.resize(8192, '\0');
    (*stores)["arena-" + name] = image;
    image.options = kVisitStoreArena;
    (*stores)["arena-" + name + "-twice"] = image;
  };
  add("outside", {ArenaKind::kSharedMemory, "canary", "/outside", 1});
  add("is-lock", {ArenaKind::kStoreFile, "LOCK", "", 1});
  add("is-store", {ArenaKind::kStoreFile, "STORE", "", 1});
  add("is-topics", {ArenaKind::kStoreFile, "topics", "", 1});
  add("is-dots", {ArenaKind::kStoreFile, "..", "", 1});
}

}  // namespace

std::map<std::string, TreeImage> SeedStores() {
  std::map<std::string, TreeImage> stores;
  AddOrdinary(&stores);
  AddArenas(&stores);
  AddHostileArenas(&stores);
  AddIncarnations(&stores);
  return stores;
}

TreeImage GiantCursor() {
  TreeImage image = SeedStores().at("closed");
  image.options = kHasGiantCursors;
  TreeNode* const cursor = image.Find("cursors/c");
  // The number of pairs, twice.
  for (const size_t at : {512, 4096 + 512}) {
    cursor->content[at] = 0;
    cursor->content[at + 1] = 0x40;
  }
  cursor->hole = 128 << 20;
  RepairFile(&cursor->content);
  return image;
}

std::map<std::string, TreeImage> SeedTrees() {
  const TreeImage store = SeedStores().at("closed");
  std::map<std::string, TreeImage> trees;
  const auto replace = [&](const std::string& name, const std::string& file,
                           NodeKind kind, const std::string& content) {
    TreeImage& image = trees[name] = store;
    const auto found =
        std::find_if(image.nodes.begin(), image.nodes.end(),
                     [&](const TreeNode& node) { return node.name == file; });
    Expect(found != image.nodes.end(), "a file of the store");
    found->kind = kind;
    if (kind != NodeKind::kLooseFile) found->content = content;
  };
  const std::string segment = "topics/t/0/00000000000000000000.log";
  replace("link-store", "STORE", NodeKind::kSymbolicLink, "../outside/canary");
  replace("link-lock", "LOCK", NodeKind::kSymbolicLink, "../outside/canary");
  replace("link-segment", segment, NodeKind::kSymbolicLink,
          "../../../../outside/canary");
  replace("link-cursor", "cursors/c", NodeKind::kSymbolicLink,
          "../../outside/canary");
  replace("fifo-segment", segment, NodeKind::kFifo, "");
  replace("fifo-meta", "topics/t/0/META", NodeKind::kFifo, "");
  replace("fifo-topic", "topics/t/TOPIC", NodeKind::kFifo, "");
  replace("hard-link", segment, NodeKind::kHardLink, "STORE");
  replace("loose-meta", "topics/t/0/META", NodeKind::kLooseFile, "");
  TreeImage& links = trees["link-directories"];
  links.nodes.push_back({NodeKind::kSymbolicLink, "topics", "../outside"});
  links.nodes.push_back({NodeKind::kSymbolicLink, "cursors", "../outside"});
  return trees;
}

}  // namespace tidemark::test
