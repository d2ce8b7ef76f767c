#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "advice.h"
#include "command.h"
#include "quantities.h"
#include "record_text.h"
#include "recovered_damage.h"
#include "store_access.h"
#include "tidemark/error.h"
#include "tidemark/segment.h"

namespace tidemark::cli {
namespace {

constexpr size_t kPreviewBytes = 40;

enum class DumpLevel { kFile, kBatch, kRecord };

struct DumpArguments {
  std::string store;
  std::string topic;
  PartitionNumber partition = 0;
  std::string level = "file";
};

absl::StatusOr<DumpLevel> ParseLevel(const std::string& name) {
  if (name == "file") return DumpLevel::kFile;
  if (name == "batch") return DumpLevel::kBatch;
  if (name == "record") return DumpLevel::kRecord;
  return absl::InvalidArgumentError("not a level; take file, batch or record");
}

std::string PreviewOf(const std::optional<std::string_view>& bytes) {
  return bytes.has_value() ? fmt::format("{} B {}", bytes->size(),
                                         Preview(*bytes, kPreviewBytes))
                           : "null";
}

// Prints the files of one partition and, as asked, what is in them.
class Dumper {
 public:
  Dumper(Partition partition, PartitionRecovery recovery, DumpLevel level,
         Output& out)
      : partition_(std::move(partition)),
        recovery_(std::move(recovery)),
        level_(level),
        out_(out) {}

  // Damage is printed where it stands; other errors end the dump.
  absl::Status Dump(const Segment& segment);

  // What recovery has found and Dump has not come by: files that are missing.
  void DumpRest();

  bool has_damage() const { return has_damage_; }

 private:
  absl::Status DumpBatches(const Segment& segment);
  void PrintFile(const Segment& segment);
  void PrintBatch(const BatchInfo& batch);
  absl::Status PrintRecords(const BatchInfo& batch);
  void PrintRecord(const RecordView& record);
  // Reads the damage of a segment, in the order of positions.
  absl::Status FindDamage(const Segment& segment);
  // Prints the damage before a position.
  void PrintDamage(uint64_t limit);
  void PrintRange(const DamagedRange& range, std::string_view subject);

  Partition partition_;
  const PartitionRecovery recovery_;
  const DumpLevel level_;
  Output& out_;
  std::vector<DamagedRange> damage_;  // of the segment at hand
  size_t damage_printed_ = 0;
  std::set<std::string> files_;  // without their directory
  bool has_damage_ = false;
};

void Dumper::PrintFile(const Segment& segment) {
  out_.Print("{}\n  id {}  incarnation {}  created {}\n", segment.file(),
             segment.id(), segment.incarnation(),
             ShowTime(segment.create_time()));
  out_.Print("  offsets [{}, {})  {} records in {} batches  {}\n",
             segment.base_offset(), segment.next_offset(),
             segment.record_count(), segment.batch_count(),
             segment.is_sealed() ? "sealed" : "open");
  out_.Print("  data end {}  file size {}\n", segment.data_end(),
             segment.size());
  if (segment.min_time().has_value() && segment.max_time().has_value()) {
    out_.Print("  create times {} to {}\n", ShowTime(*segment.min_time()),
               ShowTime(*segment.max_time()));
  }
}

void Dumper::PrintBatch(const BatchInfo& batch) {
  out_.Print("  batch at {}  {} B  offsets [{}, {})  ", batch.position,
             batch.size, batch.base_offset, batch.next_offset);
  if (batch.is_mark) {
    out_.Write("mark");
  } else {
    out_.Print("{} records  codec {}  payload {} B of {}", batch.record_count,
               CompressionName(static_cast<Compression>(batch.codec)),
               batch.payload_size, batch.plain_size);
  }
  out_.Print("  durable {}  incarnation {}  appended {}  checksum {:016x}\n",
             batch.durable_end, batch.incarnation, ShowTime(batch.append_time),
             batch.payload_checksum);
}

void Dumper::PrintRecord(const RecordView& record) {
  out_.Print("    record {}  created {}  key {}  value {}", record.offset(),
             ShowTime(record.create_time()), PreviewOf(record.key()),
             PreviewOf(record.value()));
  for (const Header& header : record.headers()) {
    out_.Print("  header {} {}", Preview(header.name, kPreviewBytes),
               PreviewOf(header.value));
  }
  out_.Write("\n");
}

void Dumper::PrintRange(const DamagedRange& range, std::string_view subject) {
  has_damage_ = true;
  out_.Print("  DAMAGE {}bytes [{}, {}): {}", subject, range.position,
             range.position + range.size, range.what);
  if (range.from == range.to) {
    out_.Write(": no record is lost\n");
  } else {
    out_.Print(": offsets [{}, {}) cannot be read\n", range.from, range.to);
  }
}

void Dumper::PrintDamage(uint64_t limit) {
  for (; damage_printed_ < damage_.size(); ++damage_printed_) {
    const DamagedRange& range = damage_[damage_printed_];
    if (range.position >= limit) return;
    PrintRange(range, "");
  }
}

absl::Status Dumper::FindDamage(const Segment& segment) {
  damage_.clear();
  damage_printed_ = 0;
  const std::string name = segment.file().substr(segment.file().rfind('/') + 1);
  files_.insert(name);
  for (const DamagedRange& range : recovery_.damage) {
    if (range.file == name) damage_.push_back(range);
  }
  // What stands behind the end is not part of the log.
  const Offset end = partition_.marks().end;
  const absl::Status status =
      segment.FindDamage([&](const DamagedRange& range) {
        if (IsKnown(recovery_, range)) return;
        if (range.from < end || segment.is_sealed()) damage_.push_back(range);
      });
  std::stable_sort(damage_.begin(), damage_.end(),
                   [](const DamagedRange& a, const DamagedRange& b) {
                     return a.position < b.position;
                   });
  return status;
}

void Dumper::DumpRest() {
  for (const DamagedRange& range : recovery_.damage) {
    if (!files_.contains(range.file)) PrintRange(range, range.file + ": ");
  }
}

absl::Status Dumper::PrintRecords(const BatchInfo& batch) {
  const Offset start = partition_.marks().start;
  if (batch.base_offset < start) {
    out_.Print("    records below {} are trimmed\n", start);
  }
  for (Offset at = std::max(batch.base_offset, start);
       at < batch.next_offset;) {
    const absl::StatusOr<Records> records = partition_.Read(at);
    // Printed with the damage of the file.
    if (IsDamaged(records.status())) return out_.status();
    if (!records.ok()) return records.status();
    if (records->empty()) break;
    for (const RecordView& record : *records) {
      if (record.offset() >= batch.next_offset) return out_.status();
      PrintRecord(record);
      at = record.offset() + 1;
    }
  }
  return out_.status();
}

absl::Status Dumper::Dump(const Segment& segment) {
  const absl::Status found = FindDamage(segment);
  PrintFile(segment);
  if (absl::IsNotFound(found)) {
    out_.Write("  deleted by the writer meanwhile\n");
    return out_.status();
  }
  if (!found.ok()) return found;
  absl::Status status;
  if (level_ != DumpLevel::kFile) status = DumpBatches(segment);
  if (!status.ok()) return status;
  PrintDamage(std::numeric_limits<uint64_t>::max());
  return out_.status();
}

absl::Status Dumper::DumpBatches(const Segment& segment) {
  absl::Status inner;
  const absl::Status status = segment.ForEachBatch([&](const BatchInfo& batch) {
    PrintDamage(batch.position);
    PrintBatch(batch);
    PrintDamage(batch.position + batch.size);
    if (level_ == DumpLevel::kRecord && !batch.is_mark) {
      inner = PrintRecords(batch);
    }
    inner.Update(out_.status());
    return inner.ok();
  });
  if (!inner.ok()) return inner;
  // Damage is among what was found in the file.
  return IsDamaged(status) ? absl::OkStatus() : status;
}

absl::StatusOr<ExitCode> RunDump(const DumpArguments& arguments, Output& out) {
  const absl::StatusOr<DumpLevel> level = ParseLevel(arguments.level);
  if (!level.ok()) {
    return OfOption(level.status(), "--level", arguments.level);
  }
  absl::StatusOr<Store> store = OpenToRead(arguments.store);
  if (!store.ok()) return store.status();
  const absl::StatusOr<Topic> topic = OpenTopic(*store, arguments.topic);
  if (!topic.ok()) return topic.status();
  const absl::StatusOr<Partition> partition =
      OpenPartition(*topic, arguments.partition);
  if (!partition.ok()) return partition.status();
  const absl::StatusOr<std::vector<Segment>> segments = partition->segments();
  if (!segments.ok()) return segments.status();
  if (segments->empty()) {
    out.Print("topics/{}/{}: no segment yet\n", arguments.topic,
              arguments.partition);
  }
  Dumper dumper(
      *partition,
      RecoveryOf(store->recovery(), arguments.topic, arguments.partition),
      *level, out);
  for (const Segment& segment : *segments) {
    const absl::Status status = dumper.Dump(segment);
    if (!status.ok()) return status;
  }
  dumper.DumpRest();
  return dumper.has_damage() ? ExitCode::kDamage : ExitCode::kOk;
}

}  // namespace

void AddDump(CLI::App& app, Action* action) {
  CLI::App* command =
      app.add_subcommand("dump", "Show what stands in a partition's files");
  auto arguments = std::make_shared<DumpArguments>();
  AddStoreArgument(*command, arguments->store);
  AddTopicArgument(*command, arguments->topic);
  command->add_option("PARTITION", arguments->partition, "Its number")
      ->required()
      ->option_text(" ");
  command
      ->add_option("--level", arguments->level,
                   "file (default), batch or record")
      ->option_text("LEVEL");
  command->footer(
      "Positions are bytes in the file. All are read; damage is shown where "
      "it\n"
      "stands.\n"
      "\n"
      "Example: tidemark dump /var/lib/app/log orders 0 --level batch");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunDump(*arguments, out); };
  });
}

}  // namespace tidemark::cli
