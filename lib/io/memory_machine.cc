#include "io/memory_machine.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tidemark {
inline namespace v0 {
namespace {

constexpr uint64_t kDiskDevice = 1;
constexpr uint64_t kSharedMemoryDevice = 2;

// SplitMix64.
uint64_t NextRandom(uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  uint64_t value = state;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// What is left of a dead process may still be about in this one: it keeps the
// bytes that it maps, and whoever takes over gets a copy.
void DetachDeadRegion(MemoryNode& node) {
  if (!node.region_owner.has_value() || !node.region_owner->IsOver()) return;
  node.region = node.region->Copy(node.space());
  node.region_owner.reset();
}

}  // namespace

MemoryMachine::MemoryMachine(uint64_t seed)
    : seed_(seed),
      disk_(std::make_shared<MemoryNode>(FileType::kDirectory, 1,
                                         std::make_shared<MemorySpace>(),
                                         kDiskDevice)),
      shared_memory_(std::make_shared<MemoryNode>(
          FileType::kDirectory, 2, std::make_shared<MemorySpace>(),
          kSharedMemoryDevice)),
      random_state_(seed) {}

std::shared_ptr<MemoryMachine> MemoryMachine::Copy() {
  auto copy = std::make_shared<MemoryMachine>(seed_);
  const std::shared_ptr<MemorySpace> disk_space = copy->disk_->space();
  const std::shared_ptr<MemorySpace> shared_space =
      copy->shared_memory_->space();
  MutexLock lock(mutex_);
  MutexLock copy_lock(copy->mutex_);
  disk_space->capacity = disk_->space()->capacity.load();
  shared_space->capacity = shared_memory_->space()->capacity.load();
  copy->disk_ = CopyTree(*disk_, disk_space);
  copy->shared_memory_ = CopyTree(*shared_memory_, shared_space);
  copy->next_inode_ = next_inode_;
  copy->boot_count_ = boot_count_;
  copy->random_state_ = random_state_;
  return copy;
}

std::shared_ptr<MemoryProcess> MemoryMachine::StartProcess() {
  auto process = std::make_shared<MemoryProcess>();
  MutexLock lock(mutex_);
  std::erase_if(processes_, [](const auto& old) { return old.expired(); });
  processes_.push_back(process);
  return process;
}

void MemoryMachine::EndProcess(MemoryProcess& process) {
  MutexLock lock(mutex_);
  ++process.deaths;
  VisitNodes(disk_, DetachDeadRegion);
  VisitNodes(shared_memory_, DetachDeadRegion);
}

void MemoryMachine::LosePower() {
  MutexLock lock(mutex_);
  for (const std::weak_ptr<MemoryProcess>& weak : processes_) {
    if (const auto process = weak.lock()) ++process->deaths;
  }
  VisitNodes(disk_, DetachDeadRegion);
  DropUnsynced(disk_);
  DropUnsynced(shared_memory_);
  ++boot_count_;
}

void MemoryMachine::LoseSharedMemory() {
  MutexLock lock(mutex_);
  // Nothing there is ever durable.
  DropUnsynced(shared_memory_);
}

std::string MemoryMachine::BootId() const {
  MutexLock lock(mutex_);
  return fmt::format("{:08x}-0000-4000-8000-{:012x}", seed_ & 0xffffffff,
                     boot_count_);
}

void MemoryMachine::FillRandom(std::span<std::byte> out) {
  MutexLock lock(mutex_);
  for (size_t done = 0; done < out.size(); done += sizeof(uint64_t)) {
    const uint64_t value = NextRandom(random_state_);
    std::memcpy(out.data() + done, &value,
                std::min(sizeof(value), out.size() - done));
  }
}

std::shared_ptr<MemoryNode> MemoryMachine::NewNode(FileType type,
                                                   const MemoryNode& parent) {
  return std::make_shared<MemoryNode>(type, next_inode_++, parent.space(),
                                      parent.device());
}

}  // namespace v0
}  // namespace tidemark
