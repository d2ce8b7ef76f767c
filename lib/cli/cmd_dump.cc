#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advice.h"
#include "command.h"
#include "quantities.h"
#include "record_text.h"
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
  Dumper(Partition partition, DumpLevel level, Output& out)
      : partition_(std::move(partition)), level_(level), out_(out) {}

  // Damage is printed where it stands; other errors end the dump.
  absl::Status Dump(const Segment& segment);

  bool has_damage() const { return has_damage_; }

 private:
  void PrintFile(const Segment& segment);
  void PrintBatch(const BatchInfo& batch);
  absl::Status PrintRecords(const BatchInfo& batch);
  void PrintRecord(const RecordView& record);
  absl::Status NoteDamage(const absl::Status& status, std::string_view indent);

  Partition partition_;
  const DumpLevel level_;
  Output& out_;
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

absl::Status Dumper::NoteDamage(const absl::Status& status,
                                std::string_view indent) {
  if (!IsDamaged(status)) return status;
  has_damage_ = true;
  out_.Print("{}DAMAGE {}\n", indent, std::string(status.message()));
  return absl::OkStatus();
}

absl::Status Dumper::PrintRecords(const BatchInfo& batch) {
  const Offset start = partition_.marks().start;
  if (batch.base_offset < start) {
    out_.Print("    records below {} are trimmed\n", start);
  }
  for (Offset at = std::max(batch.base_offset, start);
       at < batch.next_offset;) {
    const absl::StatusOr<Records> records = partition_.Read(at);
    if (!records.ok()) return NoteDamage(records.status(), "    ");
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
  PrintFile(segment);
  if (level_ == DumpLevel::kFile) return out_.status();
  absl::Status inner;
  const absl::Status status = segment.ForEachBatch([&](const BatchInfo& batch) {
    PrintBatch(batch);
    if (level_ == DumpLevel::kRecord && !batch.is_mark) {
      inner = PrintRecords(batch);
    }
    inner.Update(out_.status());
    return inner.ok();
  });
  if (!inner.ok()) return inner;
  return NoteDamage(status, "  ");
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
  Dumper dumper(*partition, *level, out);
  for (const Segment& segment : *segments) {
    const absl::Status status = dumper.Dump(segment);
    if (!status.ok()) return status;
  }
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
      "Positions are bytes in the file. Damage is shown where it stands.\n"
      "\n"
      "Example: tidemark dump /var/lib/app/log orders 0 --level batch");
  command->callback([arguments, action] {
    *action = [arguments](Output& out) { return RunDump(*arguments, out); };
  });
}

}  // namespace tidemark::cli
