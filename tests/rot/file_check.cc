#include "rot/file_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/status_macros.h"
#include "crash/must.h"
#include "rot/log_reading.h"

namespace tidemark::test {
namespace {

bool IsZero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

// Where the batches that end at or below `end` end in the file.
uint64_t SizeUpTo(const GoldenSegment& segment, Offset end) {
  uint64_t size = 0;
  for (const GoldenBatch& batch : segment.batches) {
    if (batch.to <= end) size = batch.position + batch.size;
  }
  return size;
}

// Recovery renames what stands in the way of the log and is none of its files.
bool IsSetAside(Directory& root, const std::string& path,
                const std::string& bytes) {
  const size_t slash = path.rfind('/');
  const std::string directory = path.substr(0, slash);
  const std::string begin = path.substr(slash + 1) + ".aside-";
  for (const DirectoryEntry& entry : Must(root.List(directory))) {
    if (entry.name.starts_with(begin) &&
        ReadFile(root, directory + "/" + entry.name) == bytes) {
      return true;
    }
  }
  return false;
}

}  // namespace

FileCheck::FileCheck(const GoldenStore& golden, const Damage& damage,
                     Env& machine)
    : golden_(golden), damage_(damage), machine_(machine) {
  const auto root = Must(machine.OpenDirectory(kRotPath, false));
  for (const BytePlace& place : damage.places) {
    if (damaged_.count(place.path) > 0) continue;
    damaged_[place.path] = ReadFile(*root, place.path);
  }
}

const std::string* FileCheck::Bytes(const std::string& path) const {
  const auto damaged = damaged_.find(path);
  if (damaged != damaged_.end()) {
    return damaged->second.has_value() ? &*damaged->second : nullptr;
  }
  const auto golden = golden_.files.find(path);
  return golden == golden_.files.end() ? nullptr : &golden->second;
}

bool FileCheck::HasTraceBehind(const GoldenPartition& golden,
                               Offset end) const {
  for (const GoldenSegment& segment : golden.segments) {
    const std::string* const bytes = Bytes(segment.file);
    if (bytes == nullptr || segment.next_offset < end) continue;
    if (segment.is_sealed && segment.next_offset == end) continue;
    if (segment.batches.empty()) continue;
    const uint64_t from =
        std::max(SizeUpTo(segment, end), segment.batches[0].position);
    if (from >= bytes->size()) continue;
    if (!IsZero(std::string_view(*bytes).substr(from))) return true;
  }
  return false;
}

absl::Status FileCheck::CheckSegment(Directory& root, const Evidence& evidence,
                                     const GoldenSegment& segment,
                                     bool is_reported) const {
  const std::string* const before = Bytes(segment.file);
  const uint64_t durable = evidence.DurableSize(segment);
  if (before == nullptr || durable == 0) return absl::OkStatus();
  const std::optional<std::string> after = ReadFile(root, segment.file);
  if (!after.has_value()) {
    return IsSetAside(root, segment.file, *before)
               ? absl::OkStatus()
               : Broken(segment.file + " was removed");
  }
  // Behind it a torn tail may be cut.
  const bool is_damaged =
      damage_.Hits(segment.file, 0, durable) &&
      !damage_.Hits(segment.file, durable, before->size() + 1);
  if (is_damaged && is_reported && *after != *before) {
    return IsSetAside(root, segment.file, *before)
               ? absl::OkStatus()
               : Broken(fmt::format(
                     "{}: a damaged file of {} bytes was changed, {} now",
                     segment.file, before->size(), after->size()));
  }
  const uint64_t kept = std::min<uint64_t>(durable, before->size());
  if (after->compare(0, kept, *before, 0, kept) != 0) {
    return Broken(segment.file + ": durable bytes were changed");
  }
  return absl::OkStatus();
}

absl::Status FileCheck::Check(
    const std::map<TopicPartition, Evidence>& evidence,
    const std::set<std::string>& reported, bool is_whole) const {
  const auto root = Must(machine_.OpenDirectory(kRotPath, false));
  for (const auto& [place, log] : evidence) {
    for (const GoldenSegment& segment : golden_.partitions.at(place).segments) {
      if (!is_whole && !damage_.Touches(segment.file)) continue;
      TIDEMARK_RETURN_IF_ERROR(
          CheckSegment(*root, log, segment, reported.count(segment.file) > 0));
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::test
