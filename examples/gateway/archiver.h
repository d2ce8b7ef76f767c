#ifndef TIDEMARK_EXAMPLES_GATEWAY_ARCHIVER_H_
#define TIDEMARK_EXAMPLES_GATEWAY_ARCHIVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "archive.h"
#include "tidemark/consumer_cursor.h"
#include "tidemark/store.h"

namespace gateway {

inline constexpr char kArchiverName[] = "archiver";

// Copies the log into an archive, each record exactly once.
//
// The archive says where to read on. The commit in the store comes last and
// says to others how far the archive is, for retention or for a tool. The
// cursor sees durable records only, so that a loss of power cannot leave in the
// archive what the log has lost.
//
// One thread at a time, except Wake and archived.
class Archiver {
 public:
  static absl::StatusOr<std::unique_ptr<Archiver>> Open(
      tidemark::Store& store, const std::string& path);

  // Archives until `is_finished` is set and everything durable is archived.
  absl::Status Run(const std::atomic<bool>& is_finished);

  void Wake() { cursor_.Wake(); }

  // How many records the archive holds.
  const std::atomic<uint64_t>& archived() const { return archived_; }
  const Archive& archive() const { return archive_; }

 private:
  Archiver(Archive archive, tidemark::ConsumerCursor cursor);

  Archive archive_;
  tidemark::ConsumerCursor cursor_;
  std::atomic<uint64_t> archived_;
};

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_ARCHIVER_H_
