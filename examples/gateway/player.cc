#include "player.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/core.h"
#include "tidemark/partition.h"

namespace gateway {
namespace {

// The number of the row that a record holds.
absl::StatusOr<int64_t> RowOf(const tidemark::RecordView& record) {
  const std::string_view text =
      record.headers().Find(kRowHeader).value_or("").value_or("");
  int64_t row = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), row);
  if (result.ec != std::errc()) {
    return absl::DataLossError(fmt::format("{}/{}: record {} names no row",
                                           record.topic(), record.partition(),
                                           record.offset()));
  }
  return row;
}

// The row of the last record of a partition, -1 when it is empty.
absl::StatusOr<int64_t> LastRow(const tidemark::Partition& partition) {
  const tidemark::Marks marks = partition.marks();
  if (marks.end == marks.start) return -1;
  const auto records = partition.Read(marks.end - 1);
  if (!records.ok()) return records.status();
  if (records->empty()) return absl::InternalError("no record below the end");
  return RowOf(*records->begin());
}

}  // namespace

absl::StatusOr<Player> Player::Open(tidemark::Store& store,
                                    const std::vector<Recording>& recordings) {
  Player player;
  for (const Recording& recording : recordings) {
    const int partitions =
        recording.topic == kFlights ? kFlightPartitions : kQuakePartitions;
    absl::StatusOr<Track> track = OpenTrack(store, recording, partitions);
    if (!track.ok()) return track.status();
    player.tracks_.push_back(*std::move(track));
  }
  return player;
}

absl::StatusOr<Player::Track> Player::OpenTrack(tidemark::Store& store,
                                                const Recording& recording,
                                                int partitions) {
  auto topic =
      store.OpenOrCreateTopic(recording.topic, {.partitions = partitions});
  if (!topic.ok()) return topic.status();
  Track track{.recording = &recording, .topic = *std::move(topic)};
  for (int number = 0; number < partitions; ++number) {
    const auto partition = track.topic.partition(number);
    if (!partition.ok()) return partition.status();
    const absl::StatusOr<int64_t> last_row = LastRow(*partition);
    if (!last_row.ok()) return last_row.status();
    track.last_rows.push_back(*last_row);
    const tidemark::Marks marks = partition->marks();
    track.found_count += static_cast<size_t>(marks.end - marks.start);
  }
  return track;
}

absl::StatusOr<std::vector<Player::Due>> Player::Missing() {
  std::vector<Due> missing;
  for (size_t i = 0; i < tracks_.size(); ++i) {
    Track& track = tracks_[i];
    const std::vector<Row>& rows = track.recording->rows;
    const absl::Time first = rows.front().time;
    const absl::Duration span = rows.back().time - first;
    for (size_t row = 0; row < rows.size(); ++row) {
      const auto partition = track.topic.PartitionFor({.key = rows[row].key});
      if (!partition.ok()) return partition.status();
      const auto number = static_cast<size_t>(*partition);
      if (static_cast<int64_t>(row) <= track.last_rows[number]) continue;
      const double at = absl::FDivDuration(rows[row].time - first, span);
      missing.push_back({.at = at, .track = i, .row = row});
    }
  }
  std::stable_sort(missing.begin(), missing.end(),
                   [](const Due& a, const Due& b) { return a.at < b.at; });
  return missing;
}

absl::Status Player::Play(
    absl::Duration length,
    const std::function<absl::Status(std::string_view topic, size_t row)>&
        on_acknowledged) {
  const absl::StatusOr<std::vector<Due>> missing = Missing();
  if (!missing.ok()) return missing.status();
  if (missing->empty()) return absl::OkStatus();
  const absl::Time start = absl::Now() - missing->front().at * length;
  for (const Due& due : *missing) {
    // The pace of the recording. Less than the kernel's tick is not waited for.
    const absl::Duration early = start + due.at * length - absl::Now();
    if (early > absl::Milliseconds(1)) absl::SleepFor(early);
    absl::Status status = Append(due);
    if (status.ok()) {
      status = on_acknowledged(tracks_[due.track].recording->topic, due.row);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Player::Append(const Due& due) {
  Track& track = tracks_[due.track];
  const Row& row = track.recording->rows[due.row];
  const std::string number = std::to_string(due.row);
  const std::array<tidemark::Header, 1> headers = {
      {{.name = kRowHeader, .value = number}}};
  const absl::Time before = absl::Now();
  const auto id = track.topic.Append({.key = row.key,
                                      .value = row.text,
                                      .headers = headers,
                                      .create_time = row.time});
  append_times_.push_back(absl::Now() - before);
  return id.status();
}

}  // namespace gateway
