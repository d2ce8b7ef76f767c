#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "partition/recovery.h"
#include "partition/recovery_fixture.h"
#include "support/catch.h"
#include "support/seed.h"
#include "tidemark/testing/fault_env.h"

// Random logs, random crashes in the middle of any call, and after each of them
// any part of what was not synced: the log is a prefix of what was appended, it
// has everything that was durable, and nothing is called damaged.
namespace tidemark::test {
namespace {

// What was appended, and what its writer knows about it.
struct Oracle {
  std::map<Offset, std::string> records;
  Offset start = 0;
  Offset start_asked = 0;  // of a trim that may not have happened
  Offset durable = 0;
  Offset end = 0;
};

// A small append path that keeps the rules of one: a batch carries the durable
// mark, a segment's predecessor, its header and its directory entry are synced
// before META names it, and all of that before a record in it is durable.
class Writer {
 public:
  Writer(Directory& root, Env& env, RecoveredPartition log,
         Incarnation incarnation, Random& random, Oracle& oracle)
      : root_(root),
        env_(env),
        incarnation_(incarnation),
        random_(random),
        oracle_(oracle),
        meta_(std::move(log.meta)),
        extents_(std::move(log.segments)) {
    if (log.is_last_appendable) index_ = std::move(log.last_index);
  }

  // One step of a host. Not OK: the process is dead.
  absl::Status Step() {
    TIDEMARK_RETURN_IF_ERROR(TakeBackCleanMark());
    switch (Below(random_, 16)) {
      case 0:
        return Roll();
      case 1:
      case 2:
      case 3:
        return Sync();
      case 4:
        return Below(random_, 3) == 0 ? Trim() : Sync();
      case 5:
        return Append(0);
      default:
        return Append(1 + static_cast<int>(Below(random_, 4)));
    }
  }

  absl::Status Close() {
    TIDEMARK_RETURN_IF_ERROR(TakeBackCleanMark());
    if (waiting_.has_value()) TIDEMARK_RETURN_IF_ERROR(SealWaiting());
    TIDEMARK_RETURN_IF_ERROR(Sync());
    if (file_ != nullptr) {
      if (Below(random_, 2) == 0) {
        TIDEMARK_RETURN_IF_ERROR(file_->Seal(*index_, oracle_.durable));
        is_dirty_ = true;
        TIDEMARK_RETURN_IF_ERROR(Sync());
      } else {
        TIDEMARK_RETURN_IF_ERROR(file_->CutTo(index_->totals().data_end));
      }
    }
    PartitionMeta meta = meta_->meta();
    meta.clean_end = oracle_.end;
    meta.clean_incarnation = incarnation_;
    return meta_->Store(meta);
  }

 private:
  struct Unsynced {
    std::unique_ptr<SegmentFile> file;
    bool is_new = false;
  };

  // A segment that is full and not sealed yet.
  struct Waiting {
    Unsynced unsynced;
    SegmentIndex index;
  };

  absl::Status TakeBackCleanMark() {
    if (meta_->meta().clean_end < 0) return absl::OkStatus();
    PartitionMeta meta = meta_->meta();
    meta.clean_end = -1;
    return meta_->Store(meta);
  }

  absl::Status OpenLast() {
    if (file_ != nullptr) return absl::OkStatus();
    if (!index_.has_value()) return CreateSegment();
    const SegmentTotals& totals = index_->totals();
    TIDEMARK_ASSIGN_OR_RETURN(
        file_, SegmentFile::Open(root_, kPartition, TestIdentity(),
                                 totals.base_offset, FileAccess::kReadWrite));
    return extents_.back().is_sealed ? file_->CutTo(totals.data_end)
                                     : absl::OkStatus();
  }

  absl::Status CreateSegment() {
    TIDEMARK_ASSIGN_OR_RETURN(
        const SegmentHeader header,
        NewSegmentHeader(env_, TestIdentity(), oracle_.end, incarnation_, 1));
    TIDEMARK_ASSIGN_OR_RETURN(
        file_, SegmentFile::Create(root_, kPartition, header,
                                   1024 + Below(random_, 3000), 4096));
    index_.emplace(header);
    is_new_ = true;
    extents_.push_back({.header = header});
    return absl::OkStatus();
  }

  absl::Status Append(int count) {
    TIDEMARK_RETURN_IF_ERROR(OpenLast());
    if (waiting_.has_value()) TIDEMARK_RETURN_IF_ERROR(SealWaiting());
    const uint64_t position = index_->totals().data_end;
    BatchShape shape;
    shape.base_offset = oracle_.end;
    shape.record_count = count;
    shape.durable_end = std::min(oracle_.durable, oracle_.end);
    shape.incarnation = incarnation_;
    shape.value_size = 8 + Below(random_, 150);
    shape.salt = fmt::format("{}: ", incarnation_);
    const std::string bytes = MakeBatch(file_->header(), position, shape);
    TIDEMARK_RETURN_IF_ERROR(file_->EnsureAllocated(position + bytes.size()));
    // The oracle knows first: a failed write may have reached the file.
    for (int i = 0; i < count; ++i, ++oracle_.end) {
      oracle_.records[oracle_.end] =
          shape.salt + TestValue(oracle_.end, shape.value_size);
    }
    const ByteSpan part = AsBytes(bytes);
    TIDEMARK_RETURN_IF_ERROR(file_->Write(position, {&part, 1}));
    index_->Add(HeaderOf(file_->header(), position, bytes), position);
    is_dirty_ = true;
    return absl::OkStatus();
  }

  absl::Status Roll() {
    if (file_ == nullptr || index_->totals().record_count == 0) {
      return absl::OkStatus();
    }
    if (waiting_.has_value()) TIDEMARK_RETURN_IF_ERROR(SealWaiting());
    waiting_.emplace(Waiting{{std::move(file_), is_new_}, *index_});
    file_ = nullptr;
    index_.reset();
    is_new_ = is_dirty_ = false;
    // Sealed at once, or with the first write behind it.
    if (Below(random_, 2) == 0) TIDEMARK_RETURN_IF_ERROR(SealWaiting());
    return CreateSegment();
  }

  absl::Status SealWaiting() {
    SegmentFile& file = *waiting_->unsynced.file;
    TIDEMARK_RETURN_IF_ERROR(file.Seal(waiting_->index, oracle_.durable));
    unsynced_.push_back(std::move(waiting_->unsynced));
    waiting_.reset();
    return absl::OkStatus();
  }

  absl::Status Sync() {
    const Offset end = oracle_.end;
    Offset highest = meta_->meta().highest_segment;
    for (const Unsynced& sealed : unsynced_) {
      TIDEMARK_RETURN_IF_ERROR(SyncFile(*sealed.file, sealed.is_new, &highest));
    }
    unsynced_.clear();
    if (waiting_.has_value()) {
      Unsynced& unsynced = waiting_->unsynced;
      TIDEMARK_RETURN_IF_ERROR(
          SyncFile(*unsynced.file, unsynced.is_new, &highest));
      unsynced.is_new = false;
    }
    if (file_ != nullptr && (is_dirty_ || is_new_)) {
      TIDEMARK_RETURN_IF_ERROR(SyncFile(*file_, is_new_, &highest));
      is_dirty_ = is_new_ = false;
    }
    if (highest > meta_->meta().highest_segment) {
      TIDEMARK_RETURN_IF_ERROR(root_.Sync(kPartition));
      PartitionMeta meta = meta_->meta();
      meta.highest_segment = highest;
      meta.durable_end = std::max(meta.durable_end, highest);
      TIDEMARK_RETURN_IF_ERROR(meta_->Store(meta));
    }
    oracle_.durable = end;
    return absl::OkStatus();
  }

  static absl::Status SyncFile(SegmentFile& file, bool is_new,
                               Offset* highest) {
    if (!is_new) return file.Sync();
    *highest = std::max(*highest, file.header().base_offset);
    return file.SyncAll();
  }

  absl::Status Trim() {
    if (oracle_.durable <= oracle_.start) return absl::OkStatus();
    const auto span = static_cast<uint64_t>(oracle_.durable - oracle_.start);
    oracle_.start_asked =
        oracle_.start + 1 + static_cast<Offset>(Below(random_, span));
    PartitionMeta meta = meta_->meta();
    meta.start = oracle_.start_asked;
    TIDEMARK_RETURN_IF_ERROR(meta_->Store(meta));
    oracle_.start = oracle_.start_asked;
    while (extents_.size() > 1 && extents_[1].base_offset() <= oracle_.start) {
      TIDEMARK_RETURN_IF_ERROR(root_.RemoveFile(
          JoinPath(kPartition, SegmentFileName(extents_[0].base_offset()))));
      extents_.erase(extents_.begin());
    }
    return root_.Sync(kPartition);
  }

  Directory& root_;
  Env& env_;
  const Incarnation incarnation_;
  Random& random_;
  Oracle& oracle_;
  std::unique_ptr<MetaFile> meta_;
  std::vector<SegmentExtent> extents_;
  std::unique_ptr<SegmentFile> file_;
  std::optional<SegmentIndex> index_;
  std::vector<Unsynced> unsynced_;
  std::optional<Waiting> waiting_;
  bool is_dirty_ = false;
  bool is_new_ = false;
};

FileImage ImageOf(MemoryEnv& env) {
  const auto root = *env.OpenDirectory("/store", false);
  return ReadImage(*root);
}

// What a power cut may leave of a file that has `synced` on the device and
// `written` in the cache. `stale` holds earlier bytes of a file of this name.
std::string Mix(Random& random, const std::string& synced,
                const std::string& written, const std::string& stale) {
  const size_t least = std::min(synced.size(), written.size());
  const size_t most = std::max(synced.size(), written.size());
  size_t size = written.size();
  switch (Below(random, 4)) {
    case 0:
      size = synced.size();
      break;
    case 1:
      size = least + Below(random, most - least + 1);
      break;
    default:
      break;
  }
  const size_t sizes[] = {64, 512, 4096};
  const size_t sector = sizes[Below(random, 3)];
  const uint64_t kept = Below(random, 5);  // of 4, as a bias
  std::string image;
  for (size_t at = 0; at < size; at += sector) {
    const size_t length = std::min(sector, size - at);
    const auto part = [&](const std::string& from) {
      std::string bytes = at < from.size() ? from.substr(at, length) : "";
      bytes.resize(length, '\0');
      return bytes;
    };
    const std::string old = part(synced);
    const std::string fresh = part(written);
    // A sector that is written again keeps the bytes that do not change; a new
    // one may show whatever the device held.
    const bool is_new = old.find_first_not_of('\0') == std::string::npos;
    if (old == fresh || Below(random, 4) < kept) {
      image += fresh;
    } else if (is_new && !stale.empty() && Below(random, 2) == 0) {
      image += part(stale);
    } else if (is_new && Below(random, 8) == 0) {
      image += std::string(length, '\xff');
    } else {
      image += old;
    }
  }
  return image;
}

// A power cut: any part of what was not synced.
FileImage Crash(Random& random, MemoryEnv& env, const FileImage& stale) {
  const FileImage written = ImageOf(*env.CopyCurrent());
  const FileImage synced = ImageOf(*env.CopyDurable());
  FileImage image;
  std::set<std::string> names;
  for (const auto& [name, bytes] : written) names.insert(name);
  for (const auto& [name, bytes] : synced) names.insert(name);
  for (const std::string& name : names) {
    const auto in_cache = written.find(name);
    const auto on_device = synced.find(name);
    if (in_cache == written.end()) {
      // An unlink that may be undone.
      if (Below(random, 2) == 0) image[name] = on_device->second;
      continue;
    }
    const bool has_entry = on_device != synced.end();
    if (!has_entry && Below(random, 2) == 0) continue;
    const auto old = stale.find(name);
    image[name] = Mix(random, has_entry ? on_device->second : "",
                      in_cache->second, old == stale.end() ? "" : old->second);
  }
  return image;
}

// Checks what recovery says and what a reader finds, and takes it for what was
// appended from now on.
void CheckRecovered(Directory& root, const RecoveredPartition& log,
                    Oracle* oracle) {
  INFO(ToString(log.report));
  REQUIRE(log.report.damage.empty());
  REQUIRE(log.end >= oracle->durable);
  REQUIRE(log.end <= oracle->end);
  REQUIRE(log.durable == log.end);
  REQUIRE((log.start == oracle->start || log.start == oracle->start_asked));
  oracle->start = log.start;
  oracle->records.erase(oracle->records.begin(),
                        oracle->records.lower_bound(log.start));
  oracle->records.erase(oracle->records.lower_bound(log.end),
                        oracle->records.end());
  REQUIRE((ReadRecords(root, log) == oracle->records));
  oracle->end = oracle->durable = log.end;
  if (log.is_last_appendable) {
    REQUIRE(log.segments.back().next_offset() == log.end);
  } else {
    // The log goes on under a name that is free.
    const auto files = ReadImage(root);
    REQUIRE_FALSE(files.contains(SegmentFileName(log.end)));
  }
}

// Several lives of one partition, each ended by a crash or a close.
void Live(uint64_t seed) {
  Random random(seed);
  Oracle oracle;
  FileImage image;
  FileImage stale;
  for (Incarnation incarnation = 1; incarnation <= 5; ++incarnation) {
    INFO("incarnation " << incarnation);
    PartitionWorld world(image);
    RecoveryOptions options;
    options.incarnation = incarnation;
    options.is_cut_final = true;
    auto log = world.Recover(options);
    REQUIRE_OK(log);
    const auto durable = world.env.CopyDurable();
    const auto durable_root = *durable->OpenDirectory("/store", false);
    Oracle after_power_cut = oracle;
    CheckRecovered(*durable_root, *log, &after_power_cut);
    CheckRecovered(*world.root, *log, &oracle);
    FaultEnv fault(world.env);
    const auto root = *fault.OpenDirectory("/store", false);
    Writer writer(*root, world.env, *std::move(log), incarnation, random,
                  oracle);
    fault.ForgetCalls();
    const bool is_closing = Below(random, 5) == 0;
    if (!is_closing) {
      Fault stop;
      stop.index = Below(random, 60);
      stop.is_persistent = true;
      if (Below(random, 3) == 0) stop.short_size = Below(random, 300);
      fault.Inject(stop);
    }
    absl::Status status;
    for (int step = 0; step < 40 && status.ok(); ++step) status = writer.Step();
    if (is_closing) REQUIRE_OK(writer.Close());
    image = Crash(random, world.env, stale);
    stale = image;
  }
}

void LiveMany(uint64_t seed, int count) {
  for (int i = 0; i < count; ++i) {
    const uint64_t life = seed + static_cast<uint64_t>(i);
    INFO("life " << life);
    Live(life);
  }
}

TEST_CASE("After any crash the log is a prefix with all that was durable",
          "[partition]") {
  // G4 G5, I1 to I4, I7, I9
  TIDEMARK_TEST_SEED(seed);
  LiveMany(seed, 300);
}

TEST_CASE("After very many crashes the log is a prefix of what was appended",
          "[partition][.slow]") {
  TIDEMARK_TEST_SEED(seed);
  LiveMany(seed, 100'000);
}

}  // namespace
}  // namespace tidemark::test
