#include <sanitizer/allocator_interface.h>

#include <atomic>
#include <cstdlib>

#include "fuzz/fuzz_target.h"

// The entry points of libFuzzer for the target of this program, which the build
// names in TIDEMARK_FUZZ_TARGET.

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

namespace tidemark::test {
namespace {

// An input may take so much memory on top of what stood before it.
constexpr int64_t kMemoryMax = 64 << 20;

std::atomic<int64_t> memory_used = 0;
std::atomic<bool> is_running = false;

void CountAllocation(const volatile void* pointer, size_t size) {
  if (pointer == nullptr || !is_running) return;
  const int64_t used = memory_used += static_cast<int64_t>(size);
  if (used <= kMemoryMax) return;
  is_running = false;
  Expect(false, "more than 64 MiB of memory");
}

void CountRelease(const volatile void* pointer) {
  if (pointer == nullptr || !is_running) return;
  memory_used -= static_cast<int64_t>(
      __sanitizer_get_allocated_size(const_cast<const void*>(pointer)));
}

}  // namespace
}  // namespace tidemark::test

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  using namespace tidemark::test;
  const int installed = __sanitizer_install_malloc_and_free_hooks(
      &CountAllocation, &CountRelease);
  Expect(installed != 0, "hooks of the allocator");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tidemark::test;
  FuzzCounts counts;
  memory_used = 0;
  is_running = true;
  RunBounded(TIDEMARK_FUZZ_TARGET,
             {reinterpret_cast<const std::byte*>(data), size}, &counts);
  is_running = false;
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t size_max, unsigned seed) {
  using namespace tidemark::test;
  if (TIDEMARK_FUZZ_TARGET.mutate == nullptr) {
    return LLVMFuzzerMutate(data, size, size_max);
  }
  return TIDEMARK_FUZZ_TARGET.mutate(data, size, size_max, seed,
                                     &LLVMFuzzerMutate);
}
