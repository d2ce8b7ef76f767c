#include "fuzz/tree_mutator.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/endian.h"
#include "fuzz/repair.h"
#include "fuzz/tree_image.h"
#include "support/dice.h"

namespace tidemark::test {
namespace {

// Names that mean something, and some that should not.
constexpr std::array<std::string_view, 24> kNames = {
    "STORE",
    "LOCK",
    "STORE.tmp",
    "topics",
    "cursors",
    "lost+found",
    "topics/t",
    "topics/t/TOPIC",
    "topics/t/TOPIC.tmp",
    "topics/t/0",
    "topics/t/1",
    "topics/t/00",
    "topics/t/0/META",
    "topics/t/0/00000000000000000000.log",
    "topics/t/0/00000000000000000003.log",
    "topics/t/0/09223372036854775807.log",
    "topics/t/0/00000000000000000003.log.aside-0",
    "topics/.new-00000000000000000000000000000000",
    "topics/.deleted-00000000000000000000000000000000",
    "cursors/c",
    "cursors/.new-c",
    "../outside/canary",
    "../../../outside",
    "topics/a b\n"};

constexpr std::array<uint64_t, 14> kNumbers = {0,
                                               1,
                                               2,
                                               96,
                                               0x7fffffff,
                                               0x80000000,
                                               0xffffffff,
                                               1 << 16,
                                               1 << 24,
                                               uint64_t{1} << 32,
                                               ~uint64_t{0},
                                               uint64_t{1} << 63,
                                               (uint64_t{1} << 63) - 1,
                                               uint64_t{1} << 62};

class TreeMutation {
 public:
  TreeMutation(TreeImage* image, uint32_t seed, ByteMutator mutate_bytes)
      : image_(*image), dice_(seed), mutate_bytes_(mutate_bytes) {}

  void Run() {
    for (uint64_t i = 1 + dice_.Below(3); i > 0; --i) Step();
    if (dice_.OneIn(8)) return;
    for (TreeNode& node : image_.nodes) RepairFile(&node.content);
  }

 private:
  void Step() {
    const uint64_t dice = dice_.Below(32);
    if (image_.nodes.empty() || dice == 0) return AddNode();
    if (dice < 8) return MutateBytes();
    if (dice < 18) return SetField();
    if (dice < 22) return CopyRange();
    if (dice < 25) return Resize();
    if (dice < 27) return Rename();
    if (dice < 28) return CopyNode();
    if (dice < 29) return RemoveNode();
    if (dice < 30) return ChangeKind();
    image_.options ^= uint32_t{1} << dice_.Below(16);
  }

  TreeNode& AnyNode() { return image_.nodes[dice_.Below(image_.nodes.size())]; }

  // A place in the content, mostly where there is something.
  size_t AnyPlace(const std::string& content) {
    size_t at = dice_.Below(content.size());
    if (!dice_.OneIn(8)) at = content.find_first_not_of('\0', at);
    if (at == std::string::npos) at = content.find_first_not_of('\0');
    return at == std::string::npos ? 0 : at;
  }

  void MutateBytes() {
    std::string& content = AnyNode().content;
    if (content.empty()) return;
    const size_t at = AnyPlace(content);
    constexpr size_t kWindow = 64;
    const size_t size = std::min(1 + dice_.Below(kWindow), content.size() - at);
    std::array<uint8_t, 2 * kWindow> window;
    std::memcpy(window.data(), content.data() + at, size);
    const bool is_growing = dice_.OneIn(4);
    const size_t changed =
        mutate_bytes_(window.data(), size, is_growing ? window.size() : size);
    content.replace(at, is_growing ? size : std::min(changed, size),
                    reinterpret_cast<const char*>(window.data()), changed);
  }

  void SetField() {
    std::string& content = AnyNode().content;
    if (content.size() < 8) return;
    const size_t width = dice_.OneIn(3) ? 4 : 8;
    const size_t last = content.size() - width;
    const size_t at = std::min(AnyPlace(content) & ~(width - 1), last);
    auto* const field = reinterpret_cast<std::byte*>(content.data()) + at;
    uint64_t value = kNumbers[dice_.Below(kNumbers.size())];
    if (dice_.OneIn(3)) {
      const size_t other = std::min(AnyPlace(content), content.size() - 8);
      value = LoadLittle<uint64_t>(AsBytes(content).data() + other);
    } else if (dice_.OneIn(2)) {
      value = width == 4 ? LoadLittle<uint32_t>(field)
                         : LoadLittle<uint64_t>(field);
    }
    value += dice_.Below(5) - 2;
    if (width == 4) {
      StoreLittle(field, static_cast<uint32_t>(value));
    } else {
      StoreLittle(field, value);
    }
  }

  // Copies a part of one file to a place in the same or another one, as a
  // misdirected or a repeated write does.
  void CopyRange() {
    const std::string& from = AnyNode().content;
    std::string& to = AnyNode().content;
    if (from.empty()) return;
    const size_t at = AnyPlace(from) & ~size_t{7};
    const std::string part = from.substr(at, 8 * (1 + dice_.Below(64)));
    const size_t where = to.empty() ? 0 : AnyPlace(to) & ~size_t{7};
    const uint64_t dice = dice_.Below(3);
    if (dice == 0) to.insert(where, part);
    if (dice == 1)
      to.replace(where, std::min(part.size(), to.size() - where), part);
    if (dice == 2) to += part;
  }

  void Resize() {
    TreeNode& node = AnyNode();
    const uint64_t dice = dice_.Below(4);
    if (dice == 0 && !node.content.empty()) {
      node.content.resize(AnyPlace(node.content));
    } else if (dice == 1) {
      node.content.resize(node.content.size() + dice_.Below(4096), '\0');
    } else if (dice == 2) {
      node.content.resize(node.content.size() & ~size_t{7});
    } else {
      node.hole = dice_.OneIn(2) ? 0 : uint64_t{1} << dice_.Below(62);
    }
  }

  std::string AnyName() {
    if (dice_.OneIn(2)) return std::string(kNames[dice_.Below(kNames.size())]);
    std::string name = AnyNode().name;
    if (!name.empty() && dice_.OneIn(2)) {
      name[dice_.Below(name.size())] = static_cast<char>(dice_.Below(256));
    }
    return name;
  }

  void AddNode() {
    TreeNode node;
    node.kind = static_cast<NodeKind>(dice_.Below(kNodeKinds));
    node.name = std::string(kNames[dice_.Below(kNames.size())]);
    if (node.kind == NodeKind::kSymbolicLink ||
        node.kind == NodeKind::kHardLink) {
      node.content = std::string(kNames[dice_.Below(kNames.size())]);
    }
    image_.nodes.push_back(std::move(node));
  }

  void Rename() { AnyNode().name = AnyName(); }

  void CopyNode() {
    TreeNode node = AnyNode();
    node.name = AnyName();
    image_.nodes.push_back(std::move(node));
  }

  void RemoveNode() {
    image_.nodes.erase(
        image_.nodes.begin() +
        static_cast<std::ptrdiff_t>(dice_.Below(image_.nodes.size())));
  }

  void ChangeKind() {
    TreeNode& node = AnyNode();
    node.kind = static_cast<NodeKind>(dice_.Below(kNodeKinds));
    if (node.kind == NodeKind::kSymbolicLink) node.content = AnyName();
  }

  TreeImage& image_;
  Dice dice_;
  const ByteMutator mutate_bytes_;
};

}  // namespace

size_t MutateTree(uint8_t* data, size_t size, size_t size_max, uint32_t seed,
                  ByteMutator mutate_bytes) {
  if (seed % 16 == 0) return mutate_bytes(data, size, size_max);
  TreeImage image =
      DecodeTree({reinterpret_cast<const std::byte*>(data), size});
  TreeMutation(&image, seed, mutate_bytes).Run();
  const std::string bytes = EncodeTree(image);
  if (bytes.size() > size_max) return mutate_bytes(data, size, size_max);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace tidemark::test
