#ifndef TIDEMARK_BENCHMARKS_WORKLOAD_LOG_SETUP_H_
#define TIDEMARK_BENCHMARKS_WORKLOAD_LOG_SETUP_H_

#include <chrono>
#include <cstdint>

// The workloads are templates over a program's log, so that both programs run
// the same lines. A `Log` has:
//
//   static absl::StatusOr<std::unique_ptr<Log>> Open(directory, LogSetup);
//   Log::Part part(number);               cheap to copy, valid while open
//   absl::StatusOr<Log::Reader> OpenReader(number);    reads from the start
//   void Describe(ResultLine&);
//   absl::Status Close();
//
// a `Log::Part`, whose functions return absl::Status:
//
//   Append(record)          one thread; visible when the setup says
//   AppendShared(record)    the same from several threads
//   AppendDurable(record)   from several threads; returns when it is durable
//   Publish()               makes visible what Append has kept back
//   Sync()                  makes everything durable
//   uint64_t acknowledged() how many records survive the process
//
// and a `Log::Reader`, of one thread:
//
//   absl::StatusOr<size_t> Read(Wait, take)   verifies the next records, calls
//                                             `take` with each, counts them
namespace bench {

// How a log is opened.
struct LogSetup {
  int partitions = 1;

  // Each so many records the baseline makes its records visible, which hands
  // them to the operating system as well. tidemark does so with every record.
  uint64_t publish_every = 1000;

  // Keep tidemark's own interval of syncs instead of none. The baseline has no
  // interval: it syncs when it is told to.
  bool has_default_sync = false;

  // tidemark's preset for gateways.
  bool is_iot = false;
};

enum class Wait {
  kSpin,   // return at once, with nothing if there is nothing
  kSleep,  // block until there is a record, or for a tenth of a second
};

inline constexpr std::chrono::milliseconds kLongestSleep{100};

using BenchClock = std::chrono::steady_clock;

inline double SecondsBetween(BenchClock::time_point from,
                             BenchClock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace bench

#endif  // TIDEMARK_BENCHMARKS_WORKLOAD_LOG_SETUP_H_
