#include "footprint.h"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace bench {
namespace {

constexpr uint64_t kStatBlockBytes = 512;

double Added(uint64_t before, uint64_t after) {
  return static_cast<double>(after) - static_cast<double>(before);
}

}  // namespace

ResidentMemory ResidentMemory::Now() {
  ResidentMemory memory;
  std::ifstream status("/proc/self/status");
  std::string name;
  while (status >> name) {
    if (name == "RssAnon:") status >> memory.anonymous_kib;
    if (name == "RssShmem:") status >> memory.shared_kib;
    if (name == "RssFile:") status >> memory.file_kib;
  }
  return memory;
}

DiskUse DiskUse::Of(const std::string& directory) {
  DiskUse use;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(directory, error);
  for (const std::filesystem::directory_entry& entry : entries) {
    struct stat status = {};
    if (::lstat(entry.path().c_str(), &status) != 0) continue;
    if (!S_ISREG(status.st_mode)) continue;
    use.file_bytes += static_cast<uint64_t>(status.st_size);
    use.allocated_bytes +=
        static_cast<uint64_t>(status.st_blocks) * kStatBlockBytes;
    ++use.file_count;
  }
  return use;
}

void AddMemory(const ResidentMemory& before, const ResidentMemory& after,
               ResultLine& line) {
  line.AddNumber("rss_anon_added_kib",
                 Added(before.anonymous_kib, after.anonymous_kib));
  line.AddNumber("rss_shmem_added_kib",
                 Added(before.shared_kib, after.shared_kib));
  line.AddNumber("rss_private_added_kib",
                 Added(before.anonymous_kib + before.shared_kib,
                       after.anonymous_kib + after.shared_kib));
  line.AddCount("rss_anon_kib", after.anonymous_kib);
  line.AddCount("rss_shmem_kib", after.shared_kib);
  line.AddCount("rss_file_kib", after.file_kib);
}

void AddDiskUse(const DiskUse& use, uint64_t record_count, ResultLine& line) {
  line.AddCount("disk_files", use.file_count);
  line.AddCount("disk_file_bytes", use.file_bytes);
  line.AddCount("disk_allocated_bytes", use.allocated_bytes);
  line.AddNumber("disk_bytes_per_record",
                 static_cast<double>(use.allocated_bytes) /
                     static_cast<double>(record_count));
}

}  // namespace bench
