#ifndef TIDEMARK_EXAMPLES_GATEWAY_PLAYER_H_
#define TIDEMARK_EXAMPLES_GATEWAY_PLAYER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rows.h"
#include "tidemark/store.h"
#include "tidemark/topic.h"

namespace gateway {

// Appends recordings to their topics at an accelerated clock: all of them begin
// and end together, and the gaps between rows keep their proportions.
//
// What is in the log decides where it goes on. The last record of a partition
// names its row; rows are appended in their order, so a partition holds exactly
// those of its rows up to that one. That also holds when a loss of power takes
// more from one partition than from another.
//
// One thread at a time. Borrows the recordings.
class Player {
 public:
  // Creates the topics, or opens them and looks where they end.
  static absl::StatusOr<Player> Open(tidemark::Store& store,
                                     const std::vector<Recording>& recordings);

  // Appends what is missing; all rows would take `length`. Calls
  // `on_acknowledged` behind each append; its error ends the play.
  absl::Status Play(
      absl::Duration length,
      const std::function<absl::Status(std::string_view topic, size_t row)>&
          on_acknowledged);

  // How many rows of a recording the log had when it was opened.
  size_t found_count(size_t recording) const {
    return tracks_[recording].found_count;
  }

  // What one append took, in the order of the appends.
  const std::vector<absl::Duration>& append_times() const {
    return append_times_;
  }

 private:
  struct Track {
    const Recording* recording = nullptr;
    tidemark::Topic topic;
    std::vector<int64_t> last_rows;  // by partition, -1 for none
    size_t found_count = 0;
  };
  // A row and when it is due, as a part of the length.
  struct Due {
    double at = 0;
    size_t track = 0;
    size_t row = 0;
  };

  static absl::StatusOr<Track> OpenTrack(tidemark::Store& store,
                                         const Recording& recording,
                                         int partitions);
  // The rows that are not in the log, in the order in which they are due.
  absl::StatusOr<std::vector<Due>> Missing();
  absl::Status Append(const Due& due);

  std::vector<Track> tracks_;
  std::vector<absl::Duration> append_times_;
};

}  // namespace gateway

#endif  // TIDEMARK_EXAMPLES_GATEWAY_PLAYER_H_
