#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "latencies.h"
#include "latency_workload.h"
#include "log_setup.h"
#include "result_line.h"
#include "settings.h"

namespace bench {

absl::Status RunLatencyFloor(const Settings& settings, Wait wait,
                             ResultLine& line) {
  const uint64_t count = settings.Scaled(kPacedRate * kPacedSeconds);
  std::vector<uint64_t> stamps(count);
  std::atomic<uint64_t> published = 0;
  std::thread writer([&stamps, &published, count, wait] {
    uint64_t next = 0;
    AppendPaced(count, [&](uint64_t due) {
      stamps[next] = due;
      published.store(++next, std::memory_order_release);
      if (wait == Wait::kSleep) published.notify_one();
      return absl::OkStatus();
    }).IgnoreError();  // the function above has no errors
  });
  Latencies latencies(count);
  while (latencies.count() < count) {
    const uint64_t seen = latencies.count();
    uint64_t end = published.load(std::memory_order_acquire);
    if (end == seen && wait == Wait::kSleep) published.wait(seen);
    for (uint64_t i = seen; i < end; ++i) latencies.Add(NowNanos() - stamps[i]);
  }
  writer.join();
  line.AddCount("records", count);
  line.AddCount("paced_rate", kPacedRate);
  latencies.Describe(line);
  return absl::OkStatus();
}

}  // namespace bench
