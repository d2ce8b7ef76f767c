#include "store/option_table.h"

#include "store/layout.h"
#include "store/option_rows.h"
#include "store/store_format.h"
#include "store/topic_format.h"

namespace tidemark {
inline namespace v0 {
namespace {

constexpr absl::Duration kShortest = absl::Milliseconds(1);
constexpr absl::Duration kForever = absl::InfiniteDuration();
constexpr uint64_t kTiB = 1024 * kGiB;

using StoreRow = OptionRow<StoreOptions>;
using PartitionRow = OptionRow<PartitionOptions>;
using TopicRow = OptionRow<TopicOptions>;

StoreRow StoreSwitch(const OptionText& text, bool StoreOptions::*field) {
  return ChoiceRow(text, field, {{false, "false"}, {true, "true"}});
}

std::string ShowProcessDurability(const StoreOptions& options) {
  return options.process_durability.has_value()
             ? ProcessDurabilityName(*options.process_durability)
             : "the best there is";
}

std::string ShowDirectory(const StoreOptions& options) {
  return options.shared_memory_directory.empty()
             ? "where the system has it"
             : options.shared_memory_directory;
}

void AddOpeningRows(std::vector<StoreRow>& rows) {
  rows.push_back(StoreSwitch(
      {"create_if_missing",
       "Creates the directory and the store when there is none.",
       "Off where a missing store means a wrong path or a disk that is not "
       "mounted.",
       "Nothing."},
      &StoreOptions::create_if_missing));
  rows.push_back(StoreSwitch(
      {"read_only",
       "Opens beside a writing process, or a store on a read-only medium. "
       "Nothing is written, created, locked or repaired; appends and commits "
       "fail.",
       "On in tools that look, and in further processes that read.",
       "A record is seen once it is written out, not when it is appended."},
      &StoreOptions::read_only));
  rows.push_back(StoreSwitch(
      {"background_threads", "Runs a flush worker and a maintenance thread.",
       "Off in hosts that allow no threads and in tests: the host then calls "
       "`Store::RunMaintenance`, and deadlines are checked in appends and "
       "polls.",
       "Without them a deadline is met at the next call, not before."},
      &StoreOptions::background_threads));
}

void AddDurabilityRows(std::vector<StoreRow>& rows) {
  rows.push_back(DurationRow(
      {"sync_interval",
       "While anything is not durable, a sync starts at the latest this long "
       "after the oldest such byte.",
       "Shorter where less may be lost with the power, longer to spare flash; "
       "0 syncs as soon as possible, infinite never by itself.",
       "One or two flushes of the device for each sync. Rare syncs make the "
       "opening after a crash slower: it reads what was appended since."},
      &StoreOptions::sync_interval, kShortest, kForever, ZeroMeans::kOff));
  rows.push_back(NumberRow(
      {"unsynced_bytes_max",
       "Appends wait while a partition has this many bytes that are not "
       "durable. 0 sets no bound.",
       "Where the loss at a power cut must have a bound in bytes.",
       "Appends run at the speed of the device's syncs once they are at the "
       "bound."},
      &StoreOptions::unsynced_bytes_max, 1, kTiB, ZeroMeans::kOff, ShowBytes));
  rows.push_back(DurationRow(
      {"append_timeout",
       "How long an append may wait for memory, or for `unsynced_bytes_max`, "
       "before it fails with ResourceExhausted.",
       "Shorter where a caller had rather drop a record than wait; 0 never "
       "waits.",
       "A long one blocks the caller's thread while the disk hangs."},
      &StoreOptions::append_timeout, absl::ZeroDuration(), kForever));
}

void AddMemoryRows(std::vector<StoreRow>& rows) {
  rows.push_back(FreeRow<StoreOptions>(
      {"process_durability",
       "What `Ack::kProcess` rests on: memory that outlives the process, an "
       "arena file in the store's directory, or a write before each "
       "acknowledgement.",
       "To rule out a choice that this deployment takes away, such as shared "
       "memory that is cleared with the service.",
       "Write-through costs a system call for each append; opening fails when "
       "the choice that is asked for cannot be had."},
      "absent, none, shared_memory, store_file, write_through",
      ShowProcessDurability));
  rows.push_back(FreeRow<StoreOptions>(
      {"shared_memory_directory",
       "A directory on tmpfs for the arena that outlives the process. Empty: "
       "where the system has it (/dev/shm), but only in the initial PID "
       "namespace.",
       "In containers, where /dev/shm may go with the process and a volume "
       "does not.",
       "Nothing."},
      fmt::format("at most {} bytes, none of them 0",
                  store_format::kArenaDirectoryMax),
      ShowDirectory));
  rows.push_back(StoreSwitch(
      {"pad_synced_batches",
       "Pads every batch that a sync closes to 4 KiB of the file, so that no "
       "write touches a page that was acknowledged at `Ack::kDisk`.",
       "On for flash that damages the neighbours of a torn write.",
       "Up to 4 KiB of disk for each sync."},
      &StoreOptions::pad_synced_batches));
}

void AddEventRow(std::vector<StoreRow>& rows) {
  rows.push_back(FreeRow<StoreOptions>(
      {"on_event",
       "Called from the library's threads, or from the call that caused it, "
       "without any lock held. Must not call the store.",
       "To log what happens in the background.", "The caller waits for it."},
      "a function or null", [](const StoreOptions& options) {
        return options.on_event ? "a function" : "null";
      }));
}

void AddTuningRows(std::vector<StoreRow>& rows) {
  rows.push_back(NumberRow(
      {"arena_bytes",
       "Memory for records that are not yet written, taken in steps as it is "
       "needed.",
       "Larger for many partitions that are appended to at once, smaller on "
       "small machines.",
       "So much memory at most; less of it makes smaller writes."},
      &StoreOptions::arena_bytes, 64 * kKiB, kGiB, ZeroMeans::kANumber,
      ShowBytes));
  rows.push_back(ChoiceRow<StoreOptions, uint32_t>(
      {"arena_block_bytes", "The unit of that memory.",
       "1 KiB when `arena_bytes` is 1 MiB or less and there are many "
       "partitions.",
       "Small blocks make small first chunks, and so more of them."},
      &StoreOptions::arena_block_bytes, {{1024, "1 KiB"}, {4096, "4 KiB"}}));
  rows.push_back(DurationRow(
      {"mark_delay",
       "After a sync and this long without an append, a mark records how far "
       "the log is safe. Infinite: only at close.",
       "Infinite to spare flash.",
       "One write of less than 200 bytes after each burst; without it damage "
       "in the last group of records before a crash cannot be told from a "
       "torn write."},
      &StoreOptions::mark_delay, absl::ZeroDuration(), kForever));
  rows.push_back(NumberRow(
      {"open_files_max", "How many segment files may be open at once.",
       "Lower where the process has few descriptors, higher when readers "
       "hop between many partitions.",
       "A file that was closed is opened again, and its header read."},
      &StoreOptions::open_files_max, 16, 1000000, ZeroMeans::kANumber,
      ShowCount));
  rows.push_back(DurationRow(
      {"lock_timeout",
       "How long opening waits for the lock of a store whose owner is just "
       "dying.",
       "0 where a second owner is an error to report at once.",
       "Opening a store that is in use fails so much later."},
      &StoreOptions::lock_timeout, absl::ZeroDuration(), absl::Hours(1)));
  rows.push_back(FreeRow<StoreOptions>(
      {"env", "The files, directories and shared memory that the store uses.",
       "In tests: a MemoryEnv or a FaultEnv.", "Nothing."},
      "an Env or null", [](const StoreOptions& options) {
        return options.env == nullptr ? "the operating system" : "an Env";
      }));
  rows.push_back(FreeRow<StoreOptions>(
      {"clock", "Where the store takes the time from.",
       "In tests: a ManualClock.", "Nothing."},
      "a Clock or null", [](const StoreOptions& options) {
        return options.clock == nullptr ? "the system's" : "a Clock";
      }));
}

std::vector<StoreRow> MakeStoreRows() {
  std::vector<StoreRow> rows;
  AddOpeningRows(rows);
  AddDurabilityRows(rows);
  AddMemoryRows(rows);
  AddEventRow(rows);
  AddTuningRows(rows);
  return rows;
}

std::vector<PartitionRow> MakePartitionRows() {
  std::vector<PartitionRow> rows;
  rows.push_back(ChoiceRow<PartitionOptions, Ack>(
      {"ack", "The level that an append reaches when it names none.",
       "`disk` for records that must survive a loss of power; `memory` for "
       "records that may be lost with the process.",
       "`disk` costs a device flush for each group of appends."},
      &PartitionOptions::ack,
      {{Ack::kMemory, "memory"},
       {Ack::kProcess, "process"},
       {Ack::kDisk, "disk"}}));
  rows.push_back(ChoiceRow<PartitionOptions, Compression>(
      {"compression", "How batches are compressed when they are written out.",
       "For text and other records that repeat themselves.",
       "Processor time in the flush worker and in readers; saves disk and "
       "page cache."},
      &PartitionOptions::compression,
      {{Compression::kNone, "none"},
       {Compression::kLz4, "lz4"},
       {Compression::kZstd, "zstd"}}));
  rows.push_back(NumberRow(
      {"record_bytes_max",
       "The largest record: key, value and headers together.",
       "For larger records.", "Readers need memory for the largest record."},
      &PartitionOptions::record_bytes_max, 1, kRecordBytesMaxCap,
      ZeroMeans::kANumber, ShowBytes));
  rows.push_back(NumberRow(
      {"batch_bytes", "A batch is closed at this size.",
       "Larger batches compress better; smaller ones lose less to one damaged "
       "byte.",
       "A reader takes in a whole batch, even for one record."},
      &PartitionOptions::batch_bytes, kKiB, kMiB, ZeroMeans::kANumber,
      ShowBytes));
  rows.push_back(NumberRow(
      {"segment_bytes",
       "A segment is closed before it grows past this size. Where records are "
       "compressed they count by their plain size, and files get smaller.",
       "Smaller segments make retention finer.",
       "Small ones cost more files, and two syncs for each."},
      &PartitionOptions::segment_bytes, kKiB, 32 * kGiB, ZeroMeans::kANumber,
      ShowBytes));
  rows.push_back(DurationRow(
      {"segment_age",
       "A segment is closed when its first record is this old, also when "
       "nothing is appended. Infinite: by size alone.",
       "With `retention_age` in partitions that are seldom appended to.",
       "More files."},
      &PartitionOptions::segment_age, kShortest, kForever));
  rows.push_back(NumberRow(
      {"retention_bytes",
       "Whole segments are deleted, oldest first, while the partition is "
       "larger than this. 0 keeps everything.",
       "Wherever the disk is not endless.",
       "Records that nobody has read go, too."},
      &PartitionOptions::retention_bytes, 1, 1024 * kTiB, ZeroMeans::kOff,
      ShowBytes));
  rows.push_back(DurationRow(
      {"retention_age",
       "A segment is deleted when all of it was appended longer ago than "
       "this. The active segment stays. Infinite keeps everything. After a "
       "jump of the clock, and behind the opening of a log without young "
       "records, nothing goes by age until the clock has run for an hour "
       "([why](decisions/0012-clock-jumps.md)).",
       "Where records lose their use with age.",
       "Records that nobody has read go, too."},
      &PartitionOptions::retention_age, kShortest, kForever));
  return rows;
}

std::vector<TopicRow> MakeTopicRows() {
  std::vector<TopicRow> rows;
  rows.push_back(NumberRow(
      {"partitions",
       "How many partitions. Can be raised later; records keep their places.",
       "One for each thread or process that shall read a part of its own.",
       "A directory, a file and some memory for each; the partition of a key "
       "changes with the count."},
      &TopicOptions::partitions, 1, kPartitionsMax, ZeroMeans::kANumber,
      ShowCount));
  rows.push_back(ChoiceRow<TopicOptions, PartitionerKind>(
      {"partitioner",
       "How `Topic::Append` spreads records. Cannot be changed later.",
       "`kafka_murmur2` for keys that must land where a Kafka cluster puts "
       "them.",
       "`round_robin` and `sticky` do not keep the records of a key "
       "together."},
      &TopicOptions::partitioner,
      {{PartitionerKind::kKeyHash, "key_hash"},
       {PartitionerKind::kKafkaMurmur2, "kafka_murmur2"},
       {PartitionerKind::kRoundRobin, "round_robin"},
       {PartitionerKind::kSticky, "sticky"},
       {PartitionerKind::kCustom, "custom"}}));
  rows.push_back(FreeRow<TopicOptions>(
      {"custom_partitioner",
       "The host's own partitioner, for `custom` and only for it. Its name is "
       "kept with the topic and checked.",
       "When none of the others fits.",
       "`Topic::Append` needs it at every opening of the topic."},
      fmt::format("a Partitioner with a name of 1 to {} bytes, or null",
                  topic_format::kPartitionerNameMax),
      [](const TopicOptions& options) {
        return options.custom_partitioner == nullptr ? "null" : "a Partitioner";
      }));
  return rows;
}

}  // namespace

const std::vector<StoreRow>& StoreOptionTable() {
  static const auto* const table = new std::vector<StoreRow>(MakeStoreRows());
  return *table;
}

const std::vector<PartitionRow>& PartitionOptionTable() {
  static const auto* const table =
      new std::vector<PartitionRow>(MakePartitionRows());
  return *table;
}

const std::vector<TopicRow>& TopicOptionTable() {
  static const auto* const table = new std::vector<TopicRow>(MakeTopicRows());
  return *table;
}

}  // namespace v0
}  // namespace tidemark
