#include "io/memory_node.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace tidemark {
inline namespace v0 {
namespace {

bool Overlaps(const MemoryLock& lock, uint64_t start, uint64_t end) {
  return lock.start < end && start < lock.end;
}

// Whether `node` is `root` or lies below it.
bool IsWithin(const MemoryNode* node, const MemoryNode& root) {
  if (node == &root) return true;
  return std::any_of(
      root.entries.begin(), root.entries.end(),
      [&](const auto& entry) { return IsWithin(node, *entry.second); });
}

using CopiedNodes =
    absl::flat_hash_map<const MemoryNode*, std::shared_ptr<MemoryNode>>;

std::shared_ptr<MemoryNode> CopyNode(MemoryNode& node,
                                     const std::shared_ptr<MemorySpace>& space,
                                     CopiedNodes& copied) {
  if (const auto found = copied.find(&node); found != copied.end()) {
    return found->second;
  }
  auto copy = std::make_shared<MemoryNode>(node.type(), node.inode(), space,
                                           node.device());
  copied.emplace(&node, copy);
  copy->is_linked = node.is_linked;
  copy->content().CopyFrom(node.content());
  if (node.region != nullptr) copy->region = node.region->Copy(space);
  for (const auto& [name, child] : node.entries) {
    copy->entries.emplace(name, CopyNode(*child, space, copied));
  }
  for (const auto& [name, child] : node.durable_entries) {
    copy->durable_entries.emplace(name, CopyNode(*child, space, copied));
  }
  return copy;
}

void RestoreDurable(MemoryNode& node) {
  node.is_linked = true;
  node.entries = node.durable_entries;
  node.rename_partners.clear();
  node.content().DropUnsynced();
  if (node.region != nullptr) node.region->Clear();
  for (auto& [name, child] : node.entries) RestoreDurable(*child);
}

}  // namespace

MemoryNode::MemoryNode(FileType type, uint64_t inode,
                       std::shared_ptr<MemorySpace> space, uint64_t device)
    : type_(type),
      inode_(inode),
      device_(device),
      space_(std::move(space)),
      content_(space_) {}

FileStat MemoryNode::Stat() const {
  FileStat stat;
  stat.size = region != nullptr ? region->size() : content_.size();
  stat.allocated_size =
      region != nullptr ? region->allocated_size() : content_.allocated_size();
  stat.type = type_;
  stat.device = device_;
  stat.inode = inode_;
  stat.link_count = is_linked ? 1 : 0;
  stat.mode = type_ == FileType::kDirectory ? 0700 : 0600;
  stat.uid = ::geteuid();
  if (type_ == FileType::kDirectory && is_linked) {
    // Its own ".", its entry, and ".." of each directory in it.
    stat.link_count =
        2 + static_cast<uint64_t>(
                std::count_if(entries.begin(), entries.end(), [](auto& entry) {
                  return entry.second->type() == FileType::kDirectory;
                }));
  }
  return stat;
}

bool MemoryNode::TryLock(const MemoryLock& lock) {
  std::erase_if(locks_,
                [](const MemoryLock& held) { return held.life.IsOver(); });
  for (const MemoryLock& held : locks_) {
    if (held.holder != lock.holder && Overlaps(held, lock.start, lock.end)) {
      return false;
    }
  }
  Unlock(lock.holder, lock.start, lock.end);  // what it has anyhow
  locks_.push_back(lock);
  return true;
}

void MemoryNode::Unlock(const void* holder, uint64_t start, uint64_t end) {
  std::vector<MemoryLock> kept;
  for (const MemoryLock& held : locks_) {
    if (held.holder != holder || !Overlaps(held, start, end)) {
      kept.push_back(held);
      continue;
    }
    if (held.start < start) {
      kept.push_back(held);
      kept.back().end = start;
    }
    if (held.end > end) {
      kept.push_back(held);
      kept.back().start = end;
    }
  }
  locks_ = std::move(kept);
}

void MemoryNode::SyncEntries() {
  durable_entries = entries;
  std::vector<std::weak_ptr<MemoryNode>> partners;
  partners.swap(rename_partners);
  for (const std::weak_ptr<MemoryNode>& partner : partners) {
    const std::shared_ptr<MemoryNode> node = partner.lock();
    if (node != nullptr && !node->rename_partners.empty()) node->SyncEntries();
  }
}

void VisitNodes(const std::shared_ptr<MemoryNode>& root,
                const std::function<void(MemoryNode&)>& visit) {
  visit(*root);
  for (const auto& [name, child] : root->entries) VisitNodes(child, visit);
}

void DropUnsynced(const std::shared_ptr<MemoryNode>& root) {
  // First all names go, then the durable ones come back: an entry may have left
  // one directory for good and stay in another.
  VisitNodes(root, [](MemoryNode& node) { node.is_linked = false; });
  RestoreDurable(*root);
}

std::shared_ptr<MemoryNode> CopyTree(
    MemoryNode& root, const std::shared_ptr<MemorySpace>& space) {
  CopiedNodes copied;
  return CopyNode(root, space, copied);
}

MemoryLookup LookUpName(const std::shared_ptr<MemoryNode>& root,
                        std::string_view name) {
  MemoryLookup result;
  result.node = root;
  while (!name.empty()) {
    if (result.node == nullptr) {
      result.error = ENOENT;
      return result;
    }
    if (result.node->type() != FileType::kDirectory) {
      result.error = ENOTDIR;
      return result;
    }
    const size_t slash = name.find('/');
    result.leaf = name.substr(0, slash);
    result.parent = std::move(result.node);
    const auto found = result.parent->entries.find(result.leaf);
    result.node =
        found == result.parent->entries.end() ? nullptr : found->second;
    name = slash == std::string_view::npos ? std::string_view()
                                           : name.substr(slash + 1);
  }
  return result;
}

int RenameEntry(const MemoryLookup& from, const MemoryLookup& to,
                bool is_replacing) {
  if (from.error != 0) return from.error;
  if (to.error != 0) return to.error;
  if (from.node == nullptr) return ENOENT;
  if (!to.parent->is_linked) return ENOENT;
  if (to.node != nullptr && !is_replacing) return EEXIST;
  if (to.node == from.node) return 0;
  const bool is_directory = from.node->type() == FileType::kDirectory;
  if (is_directory && IsWithin(to.parent.get(), *from.node)) return EINVAL;
  if (to.node != nullptr) {
    const bool is_onto_directory = to.node->type() == FileType::kDirectory;
    if (is_directory && !is_onto_directory) return ENOTDIR;
    if (!is_directory && is_onto_directory) return EISDIR;
    if (!to.node->entries.empty()) return ENOTEMPTY;
    to.node->is_linked = false;
  }
  to.parent->entries[to.leaf] = from.node;
  from.parent->entries.erase(from.leaf);
  if (from.parent != to.parent) {
    from.parent->rename_partners.push_back(to.parent);
    to.parent->rename_partners.push_back(from.parent);
  }
  return 0;
}

}  // namespace v0
}  // namespace tidemark
