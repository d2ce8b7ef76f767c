#include "partition/recovery_files.h"

#include <fmt/core.h>

#include <limits>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "record/batch_format.h"
#include "segment/file_names.h"
#include "tidemark/error.h"

namespace tidemark {
inline namespace v0 {
namespace {

// So far below the last offset that adding a batch never overflows.
constexpr Offset kBaseOffsetMax =
    std::numeric_limits<Offset>::max() - (Offset{1} << 32);
static_assert((Offset{1} << 32) > batch_format::kOffsetSpanMax);

// Reads head and trailer into `log`. Returns false for a stranger.
absl::StatusOr<bool> ReadEnds(const File& file, std::string_view path,
                              const SegmentIdentity& identity, LogFile* log) {
  TIDEMARK_ASSIGN_OR_RETURN(const FileStat stat, file.Stat());
  log->size = stat.size;
  TIDEMARK_ASSIGN_OR_RETURN(
      const SegmentHead head,
      ReadSegmentHead(file, [&](const SegmentHeader& header) {
        return header.identity == identity &&
               header.base_offset == log->base_offset;
      }));
  if (head.fault == SegmentHeaderFault::kNewerFormat) {
    return NewerSegmentFormat(path, head);
  }
  if (head.fault != SegmentHeaderFault::kNone) {
    log->fault = head.is_blank ? "segment header blank"
                               : SegmentHeaderFaultName(head.fault);
    return true;
  }
  if (head.header.identity != identity ||
      head.header.base_offset != log->base_offset) {
    log->fault = "segment of another log";
    return false;
  }
  log->has_header = true;
  log->header = head.header;
  log->is_one_header_damaged = head.is_one_damaged;
  TIDEMARK_ASSIGN_OR_RETURN(log->trailer,
                            ReadTrailer(file, head.header, stat.size));
  return true;
}

}  // namespace

absl::Status ConfirmAbsent(const Directory& root, std::string_view path,
                           absl::Status denied) {
  const absl::Status looked = root.Stat(path).status();
  if (absl::IsNotFound(looked)) return denied;
  TIDEMARK_RETURN_IF_ERROR(looked);
  return WithReason(
      absl::InternalError(fmt::format("{}: is there, but: {}", path,
                                      FromAbsl(denied.message()))),
      ErrorReason::kIoError);
}

absl::StatusOr<PartitionFiles> ReadPartitionFiles(
    Directory& root, std::string_view directory,
    const SegmentIdentity& identity) {
  const auto entries = root.List(directory);
  if (absl::IsNotFound(entries.status())) {
    return ConfirmAbsent(root, directory, entries.status());
  }
  TIDEMARK_RETURN_IF_ERROR(entries.status());
  PartitionFiles files;
  for (const DirectoryEntry& entry : *entries) {
    const std::optional<Offset> base = ParseSegmentFileName(entry.name);
    if (!base.has_value()) continue;
    LogFile log;
    log.name = entry.name;
    log.base_offset = *base;
    if (entry.type != FileType::kRegular || *base > kBaseOffsetMax) {
      log.fault = "not a segment";
      files.strangers.push_back(std::move(log));
      continue;
    }
    const std::string path = JoinPath(directory, entry.name);
    const auto file = root.OpenFile(path, FileAccess::kReadOnly);
    if (absl::IsNotFound(file.status())) {
      files.vanished = file.status();
      files.vanished_base = *base;
      continue;
    }
    TIDEMARK_RETURN_IF_ERROR(file.status());
    TIDEMARK_ASSIGN_OR_RETURN(const bool is_ours,
                              ReadEnds(**file, path, identity, &log));
    (is_ours ? files.logs : files.strangers).push_back(std::move(log));
  }
  return files;
}

absl::Status SurveyLogFile(Directory& root, std::string_view directory,
                           SurveyOptions options, LogFile* log) {
  TIDEMARK_ASSIGN_OR_RETURN(
      const std::unique_ptr<File> file,
      root.OpenFile(JoinPath(directory, log->name), FileAccess::kReadOnly));
  options.trailer = log->trailer;
  options.file_size = log->size;
  TIDEMARK_ASSIGN_OR_RETURN(log->survey,
                            SurveySegment(*file, log->header, options));
  return absl::OkStatus();
}

}  // namespace v0
}  // namespace tidemark
