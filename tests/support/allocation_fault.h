#ifndef TIDEMARK_TESTS_SUPPORT_ALLOCATION_FAULT_H_
#define TIDEMARK_TESTS_SUPPORT_ALLOCATION_FAULT_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

// ThreadSanitizer has operators of its own, which cannot be replaced.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TIDEMARK_TEST_ALLOCATIONS_CANNOT_FAIL
#endif
#endif

namespace tidemark::test {

// While it lives, one allocation of this thread fails: the one behind
// `skip_count` others. There is one such object in a thread at a time.
//
// A test runs its scenario with 0, 1, 2 and so on until none fails any more.
class AllocationFault {
 public:
#if defined(TIDEMARK_TEST_ALLOCATIONS_CANNOT_FAIL)
  static constexpr bool kIsPossible = false;
#else
  static constexpr bool kIsPossible = true;
#endif

  explicit AllocationFault(uint64_t skip_count) {
    skip_count_ = skip_count;
    is_armed_ = true;
  }
  ~AllocationFault() { is_armed_ = false; }

  AllocationFault(const AllocationFault&) = delete;
  AllocationFault& operator=(const AllocationFault&) = delete;

  // Whether the allocation was asked for, and failed.
  bool was_reached() const { return !is_armed_; }

  // Of those to skip, how many were not asked for.
  uint64_t left() const { return skip_count_; }

  // Meanwhile none fails, and none counts. Pauses do not nest.
  static void Pause(bool is_paused) { is_paused_ = is_paused; }

  // For operator new: whether this allocation fails.
  static bool IsDue() {
    if (!is_armed_ || is_paused_ || skip_count_-- > 0) return false;
    is_armed_ = false;
    return true;
  }

 private:
  static inline thread_local bool is_armed_ = false;
  static inline thread_local bool is_paused_ = false;
  static inline thread_local uint64_t skip_count_ = 0;
};

}  // namespace tidemark::test

#if !defined(TIDEMARK_TEST_ALLOCATIONS_CANNOT_FAIL)

// The operators of the program: one of its sources may include this. Strong,
// for a weak one would give way to that of a sanitizer. Those for arrays come
// down to these. Not inline, or g++ takes the memory of new for that of malloc.
__attribute__((noinline)) void* operator new(std::size_t size) {
  void* const bytes = tidemark::test::AllocationFault::IsDue()
                          ? nullptr
                          : std::malloc(size > 0 ? size : 1);
  if (bytes == nullptr) throw std::bad_alloc();
  return bytes;
}
__attribute__((noinline)) void* operator new(std::size_t size,
                                             const std::nothrow_t&) noexcept {
  return std::malloc(size > 0 ? size : 1);
}
__attribute__((noinline)) void operator delete(void* bytes) noexcept {
  std::free(bytes);
}
__attribute__((noinline)) void operator delete(void* bytes,
                                               std::size_t) noexcept {
  std::free(bytes);
}

#endif  // TIDEMARK_TEST_ALLOCATIONS_CANNOT_FAIL

#endif  // TIDEMARK_TESTS_SUPPORT_ALLOCATION_FAULT_H_
