#include "consumer/reading_options.h"

#include <limits>
#include <utility>

#include "store/option_rows.h"
#include "store/option_section.h"

namespace tidemark {
inline namespace v0 {
namespace {

std::string ShowLimit(uint64_t count) {
  return count == std::numeric_limits<size_t>::max() ? "no limit"
                                                     : ShowCount(count);
}

template <typename Options>
OptionRow<Options> RecordsRow(const OptionText& text, uint64_t min) {
  OptionRow<Options> row = NumberRow(text, &Options::records_max, min,
                                     std::numeric_limits<size_t>::max(),
                                     ZeroMeans::kANumber, ShowLimit);
  row.range = fmt::format("{} and more", min);
  return row;
}

template <typename Options>
OptionRow<Options> BytesRow(const OptionText& text, uint64_t min) {
  OptionRow<Options> row = NumberRow(text, &Options::bytes_max, min,
                                     std::numeric_limits<size_t>::max(),
                                     ZeroMeans::kANumber, ShowBytes);
  row.range = fmt::format("{} and more", min);
  return row;
}

template <typename Options>
OptionRow<Options> VisibilityRow(const OptionText& text) {
  return ChoiceRow<Options, Visibility>(
      text, &Options::visibility,
      {{Visibility::kAll, "all"}, {Visibility::kDurable, "durable"}});
}

constexpr OptionText kVisibility = {
    "visibility",
    "`durable` never shows a record that a loss of power can take back.",
    "`durable` in forwarders, which must not pass on what may be gone.",
    "At `durable` a record is seen when it is synced, not when it is "
    "appended."};

std::vector<OptionRow<CursorOptions>> MakeCursorRows() {
  using O = CursorOptions;
  std::vector<OptionRow<O>> rows;
  rows.push_back(FreeRow<O>(
      {"topics",
       "Topics to read with all of their partitions, those included that a "
       "topic gets while the cursor is open.",
       "Always, unless `partitions` names what to read.",
       "A file and some memory for each partition."},
      "names of topics that there are, none twice",
      [](const O& o) { return o.topics.empty() ? "none" : "some"; }));
  rows.push_back(FreeRow<O>(
      {"partitions", "Single partitions, of topics that are not in `topics`.",
       "Where each thread or process reads a part of its own.", "As `topics`."},
      "partitions that there are, none twice",
      [](const O& o) { return o.partitions.empty() ? "none" : "some"; }));
  rows.push_back(FreeRow<O>(
      {"start",
       "Where to begin: `Begin`, `End`, `AtOffset`, `AtTime`, `At` positions "
       "that the host kept, or `Committed`.",
       "Always: skipping and repeating records are mistakes that only the host "
       "can tell from each other.",
       "`AtTime` looks into a segment of each partition."},
      "a Start; `Committed` needs a `name`",
      [](const O&) { return "none, it has to be given"; }));
  rows.push_back(FreeRow<O>(
      {"name",
       "Under which name positions are committed. Cursors of one name share "
       "the work: each partition is in the hands of one of them at a time.",
       "Wherever a reader goes on where it stopped, and the host does not keep "
       "the positions itself.",
       "A small file for each name."},
      "empty, or a name by the rules for topics",
      [](const O& o) { return o.name.empty() ? "empty" : o.name; }));
  rows.push_back(VisibilityRow<O>(kVisibility));
  rows.push_back(ChoiceRow<O, Ack>(
      {"commit_level",
       "What a commit survives: `process`, the death of the process; `disk`, a "
       "loss of power.",
       "`disk` where reading records twice after a loss of power does harm.",
       "`process` costs a write for each commit; `disk` a sync of the records "
       "below it, if they are not durable, and one of the cursor's file."},
      &O::commit_level, {{Ack::kProcess, "process"}, {Ack::kDisk, "disk"}}));
  rows.push_back(FreeRow<O>(
      {"poll", "What `Poll` without arguments and a `Subscriber` use.",
       "To set the limits of all polls in one place.", "Nothing."},
      "[options of a poll](#options-of-a-poll)",
      [](const O&) { return "their defaults"; }));
  return rows;
}

std::vector<OptionRow<PollOptions>> MakePollRows() {
  using O = PollOptions;
  std::vector<OptionRow<O>> rows;
  rows.push_back(DurationRow<O>(
      {"timeout",
       "How long to wait for a record. 0 does not wait; infinite waits until "
       "`Wake` or the end of the store.",
       "Wherever a thread has nothing else to do.",
       "In a store that is only read, a look at the files each 5 ms."},
      &O::timeout, absl::ZeroDuration(), absl::InfiniteDuration()));
  rows.push_back(
      RecordsRow<O>({"records_max", "Return at most this many records.",
                     "Where a batch of work has a size.", "More calls."},
                    1));
  rows.push_back(BytesRow<O>(
      {"bytes_max",
       "Stop behind the record that reaches this many bytes over all "
       "partitions. One record is always returned if there is one.",
       "Larger for fewer calls, smaller to bound the memory.",
       "So much memory for each result that the host keeps."},
      1));
  return rows;
}

std::vector<OptionRow<SubscriberOptions>> MakeSubscriberRows() {
  using O = SubscriberOptions;
  std::vector<OptionRow<O>> rows;
  rows.push_back(ChoiceRow<O, O::Failure>(
      {"on_failure",
       "What follows when the callback returns an error: `stop`, the "
       "subscriber stops with it; `retry`, the callback gets the same records "
       "again after a delay.",
       "`retry` where what the callback needs comes back by itself.",
       "At `retry` a record that can never be handled holds up those behind "
       "it."},
      &O::on_failure,
      {{O::Failure::kStop, "stop"}, {O::Failure::kRetry, "retry"}}));
  rows.push_back(ChoiceRow<O, bool>(
      {"is_committing",
       "Commits behind each callback that returned OK, if the cursor has a "
       "name.",
       "Off where the host keeps the positions with its own data, or commits "
       "more seldom.",
       "A commit for each callback, at the cursor's `commit_level`."},
      &O::is_committing, {{false, "false"}, {true, "true"}}));
  rows.push_back(FreeRow<O>(
      {"on_cursor_error",
       "Called when `Poll` or `Commit` of the cursor fails. It may move the "
       "cursor, to the other side of a gap for example; OK goes on.",
       "Where a reader has to get past records that were trimmed or are "
       "damaged.",
       "Null stops with the error of the cursor."},
      "a function or null",
      [](const O& o) { return o.on_cursor_error ? "a function" : "null"; }));
  constexpr absl::Duration kMin = absl::Milliseconds(1);
  rows.push_back(DurationRow<O>(
      {"retry_delay_min",
       "The delay before the first retry. It doubles with each one that "
       "follows.",
       "Shorter for failures that pass quickly.",
       "Short ones keep a processor busy with what fails."},
      &O::retry_delay_min, kMin, absl::Hours(1)));
  rows.push_back(DurationRow<O>(
      {"retry_delay_max", "The longest delay; not below `retry_delay_min`.",
       "Shorter where the end of a long failure is to be noticed soon.",
       "Records wait so long behind the end of the failure."},
      &O::retry_delay_max, kMin, absl::Hours(1)));
  return rows;
}

std::vector<OptionRow<ReadOptions>> MakeReadRows() {
  using O = ReadOptions;
  std::vector<OptionRow<O>> rows;
  rows.push_back(BytesRow<O>(
      {"bytes_max",
       "Stop behind the record that reaches this many bytes. One record is "
       "always returned if there is one.",
       "Larger for fewer calls, smaller to bound the memory.",
       "So much memory for each result that the host keeps."},
      0));
  rows.push_back(RecordsRow<O>({"records_max", "Stop behind this many records.",
                                "To look at single records.", "More calls."},
                               0));
  rows.push_back(VisibilityRow<O>(kVisibility));
  return rows;
}

}  // namespace

const std::vector<OptionRow<CursorOptions>>& CursorOptionTable() {
  static const auto* const table =
      new std::vector<OptionRow<CursorOptions>>(MakeCursorRows());
  return *table;
}

const std::vector<OptionRow<PollOptions>>& PollOptionTable() {
  static const auto* const table =
      new std::vector<OptionRow<PollOptions>>(MakePollRows());
  return *table;
}

const std::vector<OptionRow<SubscriberOptions>>& SubscriberOptionTable() {
  static const auto* const table =
      new std::vector<OptionRow<SubscriberOptions>>(MakeSubscriberRows());
  return *table;
}

const std::vector<OptionRow<ReadOptions>>& ReadOptionTable() {
  static const auto* const table =
      new std::vector<OptionRow<ReadOptions>>(MakeReadRows());
  return *table;
}

std::string ReadingOptionsPage() {
  std::string page = "\n## Options of a cursor\n\n";
  AddOptionParagraph("`CursorOptions`, given when a cursor is opened.", &page);
  AddOptionRows(CursorOptionTable(), CursorOptions{.start = Start::Begin()}, {},
                &page);
  page += "## Options of a poll\n\n";
  AddOptionParagraph("`PollOptions`, the limits of one `Poll`.", &page);
  AddOptionRows(PollOptionTable(), PollOptions(), {}, &page);
  page += "## Options of a subscriber\n\n";
  AddOptionParagraph("`SubscriberOptions`, given when a subscriber is started.",
                     &page);
  AddOptionRows(SubscriberOptionTable(), SubscriberOptions(), {}, &page);
  page += "## Options of a read\n\n";
  AddOptionParagraph("`ReadOptions`, the limits of one `Partition::Read`.",
                     &page);
  AddOptionRows(ReadOptionTable(), ReadOptions(), {}, &page);
  page.pop_back();  // one line end behind the last paragraph
  return page;
}

}  // namespace v0
}  // namespace tidemark
