#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <filesystem>
#include <iterator>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "faults/site_env.h"
#include "support/catch.h"
#include "support/nightly.h"
#include "support/status_matchers.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/producer.h"
#include "tidemark/store.h"
#include "tidemark/subscriber.h"
#include "tidemark/testing/memory_env.h"

// The i-th thread of a store and what works on it cannot be started.

// The sanitizers have a function of their own there, which has to stay.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TIDEMARK_TEST_THREADS_CANNOT_FAIL
#endif
#endif

namespace {

int threads_to_failure = 0;  // 1: the next one; 0: none

}  // namespace

#if !defined(TIDEMARK_TEST_THREADS_CANNOT_FAIL)
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* how,
                              void* (*start)(void*), void* argument) {
  if (threads_to_failure > 0 && --threads_to_failure == 0) return EAGAIN;
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(
      dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, how, start, argument);
}
#endif

namespace tidemark::test {
namespace {

size_t ThreadCount() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

// A store with its two threads, a producer and a subscriber with one each.
absl::Status Live(Env& env) {
  StoreOptions options;
  options.env = &env;
  options.arena_bytes = 256 << 10;
  TIDEMARK_ASSIGN_OR_RETURN(Store store, Store::Open("/store", options));
  TIDEMARK_ASSIGN_OR_RETURN(Topic topic, store.OpenOrCreateTopic("t"));
  TIDEMARK_RETURN_IF_ERROR(
      topic.Append({.value = "kept"}, Ack::kDisk).status());
  TIDEMARK_RETURN_IF_ERROR(Producer::Open(store, {.topic = "t"}).status());
  TIDEMARK_ASSIGN_OR_RETURN(
      ConsumerCursor cursor,
      ConsumerCursor::Open(store, {.topics = {"t"}, .start = Start::Begin()}));
  const auto ignore = [](const Records&) { return absl::OkStatus(); };
  TIDEMARK_RETURN_IF_ERROR(
      Subscriber::Start(std::move(cursor), ignore).status());
  return store.Close();
}

TEST_CASE("A thread that cannot be started is an error and leaves nothing",
          "[faults][no_asan][no_tsan]") {
  // The sanitizers keep pthread_create for themselves.
  const size_t threads_before = ThreadCount();
  int count = 0;
  for (;; ++count) {
    INFO("thread " << count);
    MemoryEnv machine;
    SiteEnv env(machine);
    threads_to_failure = count + 1;
    const absl::Status status = Live(env);
    const bool was_reached = threads_to_failure == 0;
    threads_to_failure = 0;
    CHECK(env.log().open_count == 0);
    CHECK(ThreadCount() == threads_before);
    if (!was_reached) {
      CHECK_OK(status);
      break;
    }
    CHECK(status.code() == absl::StatusCode::kResourceExhausted);
    CHECK_FALSE(status.message().empty());
    // What it left is a store like any other.
    CHECK_OK(Live(env));
    CHECK(env.log().open_count == 0);
  }
  PrintCount(static_cast<uint64_t>(count), "threads that could not be started");
  CHECK(count >= 4);
}

}  // namespace
}  // namespace tidemark::test
