#include "io/memory_machine.h"

#include <array>
#include <cstring>
#include <memory>

#include "support/catch.h"

namespace tidemark {
namespace {

std::array<std::byte, 12> RandomOf(MemoryMachine& machine) {
  std::array<std::byte, 12> bytes;
  machine.FillRandom(bytes);
  return bytes;
}

TEST_CASE("Random bytes follow from the seed", "[io]") {
  MemoryMachine first(7);
  MemoryMachine same(7);
  MemoryMachine other(8);
  const auto bytes = RandomOf(first);
  CHECK(bytes == RandomOf(same));
  CHECK(bytes != RandomOf(other));
  CHECK(bytes != RandomOf(first));
}

TEST_CASE("The boot id changes with each loss of power", "[io]") {
  MemoryMachine machine(1);
  const std::string before = machine.BootId();
  const auto process = machine.StartProcess();
  machine.EndProcess(*process);
  CHECK(machine.BootId() == before);
  machine.LosePower();
  CHECK(machine.BootId() != before);
}

TEST_CASE("A loss of power ends all processes, an end only one", "[io]") {
  MemoryMachine machine(1);
  const auto first = machine.StartProcess();
  const auto second = machine.StartProcess();
  const MemoryLife first_life(first);
  const MemoryLife second_life(second);
  machine.EndProcess(*first);
  CHECK(first_life.IsOver());
  CHECK_FALSE(second_life.IsOver());
  CHECK_FALSE(MemoryLife(first).IsOver());
  machine.LosePower();
  CHECK(second_life.IsOver());
}

TEST_CASE("A copy of a machine goes on with inodes and random bytes", "[io]") {
  MemoryMachine machine(1);
  const auto bytes = RandomOf(machine);
  const auto copy = machine.Copy();
  const auto node_of = [](MemoryMachine& on) {
    MutexLock lock(on.mutex());
    return on.NewNode(FileType::kRegular, *on.disk())->inode();
  };
  CHECK(node_of(*copy) == node_of(machine));
  const auto next = RandomOf(machine);
  CHECK(next == RandomOf(*copy));
  CHECK(next != bytes);
  CHECK(copy->BootId() == machine.BootId());
}

TEST_CASE("Disk and shared memory are two file systems", "[io]") {
  MemoryMachine machine(1);
  CHECK(machine.disk()->device() != machine.shared_memory()->device());
  CHECK(machine.IsOnSharedMemory(machine.shared_memory()));
  CHECK_FALSE(machine.IsOnSharedMemory(machine.disk()));
}

}  // namespace
}  // namespace tidemark
