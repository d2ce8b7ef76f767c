#include "store/atomic_file.h"

#include <fmt/core.h>

#include <memory>

#include "base/status_macros.h"
#include "io/relative_name.h"
#include "segment/retrying_read.h"
#include "store/layout.h"

namespace tidemark {
inline namespace v0 {
namespace {

absl::Status RemoveIfThere(Directory& directory, const std::string& path) {
  absl::Status status = directory.RemoveFile(path);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::Status WriteNewFile(Directory& directory, const std::string& path,
                          ByteSpan bytes) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                            directory.CreateFile(path));
  TIDEMARK_RETURN_IF_ERROR(file->WriteAt(0, bytes));
  TIDEMARK_RETURN_IF_ERROR(file->SyncAll());
  return file->Close();
}

absl::Status ReplaceFile(Directory& directory, const std::string& path,
                         ByteSpan bytes) {
  const std::string temporary = fmt::format("{}{}", path, kTemporarySuffix);
  TIDEMARK_RETURN_IF_ERROR(RemoveIfThere(directory, temporary));
  absl::Status status = WriteNewFile(directory, temporary, bytes);
  if (status.ok()) {
    status = directory.Rename(temporary, path, /*is_replacing=*/true);
  }
  if (!status.ok()) {
    // The next call removes what stays.
    RemoveIfThere(directory, temporary).IgnoreError();
    return status;
  }
  return directory.Sync(SplitRelativeName(path).parent);
}

absl::StatusOr<std::string> ReadWholeFile(Directory& directory,
                                          const std::string& path,
                                          size_t size_max) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::unique_ptr<File> file,
                            directory.OpenFile(path, FileAccess::kReadOnly));
  std::string bytes(size_max + 1, '\0');
  TIDEMARK_ASSIGN_OR_RETURN(
      const size_t size,
      file->ReadAt(0,
                   {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()}));
  bytes.resize(size);
  return bytes;
}

}  // namespace v0
}  // namespace tidemark
