#include "rot/rot_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "crash/must.h"
#include "rot/cursor_check.h"
#include "rot/evidence.h"
#include "rot/file_check.h"
#include "rot/log_reading.h"
#include "rot/store_maker.h"
#include "rot/verify_check.h"
#include "tidemark/error.h"
#include "tidemark/store.h"
#include "tidemark/testing/manual_clock.h"

namespace tidemark::test {
namespace {

// docs/format/store.md.
constexpr uint64_t kStorePage = 4096;
constexpr uint64_t kStoreSlot = 1024;

// Both slots of STORE: nothing says any more which store this is. A slot counts
// only if its whole page is there.
bool IsStoreLost(const Damage& damage, const std::string* store) {
  if (store == nullptr) return true;
  for (const uint64_t at : {uint64_t{0}, kStorePage}) {
    const bool is_there = store->size() >= at + kStorePage;
    if (is_there && !damage.Hits("STORE", at, at + kStoreSlot)) return false;
  }
  return true;
}

bool IsTyped(const absl::Status& status) {
  return IsDamaged(status) || absl::IsNotFound(status);
}

// One damage of one store.
class RotCheck {
 public:
  RotCheck(const GoldenStore& golden, const Damage& damage, CheckDepth depth,
           MemoryEnv& machine, RotTally* tally)
      : golden_(golden),
        damage_(damage),
        depth_(depth),
        machine_(machine),
        tally_(*tally) {}

  absl::Status Run() {
    Inflict(damage_, machine_);
    files_.emplace(golden_, damage_, machine_);
    std::optional<VerifyRun> verify;
    if (depth_.is_full) verify.emplace(machine_);
    TIDEMARK_RETURN_IF_ERROR(Live());
    Count();
    if (!verify.has_value()) return absl::OkStatus();
    ++tally_.verified;
    bool is_named = false;
    const absl::Status status =
        CheckVerify(golden_, damage_, *verify, has_trouble_, &is_named);
    tally_.found += is_named ? 1 : 0;
    return status;
  }

 private:
  absl::Status Live() {
    auto store = Store::Open(kRotPath, RotOptions(machine_, clock_));
    if (!store.ok()) return JudgeRefusal("store", store.status());
    FoundLogs found;
    TIDEMARK_RETURN_IF_ERROR(ReadStore(*store, /*appended=*/{}, &found));
    TIDEMARK_RETURN_IF_ERROR(JudgeLogs(*store, found));
    TIDEMARK_RETURN_IF_ERROR(ReadCommits(*store));
    if (depth_.is_full && depth_.with_use) return Use(*store, found);
    // Nobody closes it: what is on the disk is what recovery left there.
    machine_.AbandonLocks();
    return files_->Check(evidence_, damaged_files_, /*is_whole=*/false);
  }

  // Commits of everything that opened.
  absl::Status ReadCommits(Store& store) {
    if (!depth_.is_full) {
      if (!damage_.TouchesBelow("cursors/")) return absl::OkStatus();
      for (const auto& [place, log] : golden_.partitions) opened_.insert(place);
    }
    return CheckCursors(store, golden_, damage_, opened_, &has_trouble_);
  }

  // What cannot be opened must be what the damage hit, and the error typed.
  absl::Status JudgeRefusal(const std::string& what,
                            const absl::Status& status) {
    const bool is_expected =
        IsStoreLost(damage_, files_->Bytes("STORE")) ||
        damage_.kind == DamageKind::kUnopened ||
        (what != "store" && damage_.Touches("topics/" + what + "/TOPIC"));
    if (!is_expected || !IsTyped(status)) {
      return Broken(
          fmt::format("G5: {} does not open: {}", what, status.ToString()));
    }
    is_refused_ = true;
    has_trouble_ = true;
    return absl::OkStatus();
  }

  // Everything of the store that opens.
  absl::Status ReadStore(Store& store,
                         const std::map<TopicPartition, Offset>& appended,
                         FoundLogs* found) {
    opened_.clear();
    std::string last;
    for (const auto& [place, log] : golden_.partitions) {
      if (place.topic == last) continue;
      last = place.topic;
      TIDEMARK_RETURN_IF_ERROR(ReadTopic(store, last, appended, found));
    }
    return absl::OkStatus();
  }

  absl::Status ReadTopic(Store& store, const std::string& name,
                         const std::map<TopicPartition, Offset>& appended,
                         FoundLogs* found) {
    const absl::StatusOr<Topic> topic = store.OpenTopic(name);
    if (!topic.ok()) return JudgeRefusal(name, topic.status());
    const bool is_all =
        depth_.is_full || damage_.Touches("topics/" + name + "/TOPIC");
    bool is_whole = true;
    for (const auto& [place, golden] : golden_.partitions) {
      if (place.topic != name) continue;
      if (!is_all && !damage_.TouchesBelow(golden.path + "/")) continue;
      const absl::StatusOr<Partition> partition =
          topic->partition(place.partition);
      if (!partition.ok()) {
        TIDEMARK_RETURN_IF_ERROR(JudgeRefusal(name, partition.status()));
        is_whole = false;
        continue;
      }
      const auto at = appended.find(place);
      absl::StatusOr<FoundLog> log =
          ReadLog(*partition, golden, at == appended.end() ? -1 : at->second);
      if (!log.ok()) return Within(place, log.status());
      (*found)[place] = *std::move(log);
      opened_.insert(place);
    }
    return depth_.is_full
               ? CheckByCursor(store, golden_, name, is_whole, *found)
               : absl::OkStatus();
  }

  static absl::Status Within(const TopicPartition& place,
                             const absl::Status& status) {
    return Broken(fmt::format("{}/{}: {}", place.topic, place.partition,
                              FromAbsl(status.message())));
  }

  absl::Status JudgeLogs(Store& store, const FoundLogs& found) {
    const RecoveryReport report = store.recovery();
    for (const auto& [place, log] : found) {
      const GoldenPartition& golden = golden_.partitions.at(place);
      const std::string meta = golden.path + "/META";
      const auto made = evidence_.emplace(
          std::piecewise_construct, std::forward_as_tuple(place),
          std::forward_as_tuple(golden, golden_, damage_, files_->Bytes(meta),
                                golden_.files.at(meta)));
      const auto recovery = std::find_if(
          report.partitions.begin(), report.partitions.end(),
          [&place = place](const PartitionRecovery& one) {
            return one.topic == place.topic && one.partition == place.partition;
          });
      if (recovery == report.partitions.end()) {
        return Within(place, Broken("no report"));
      }
      for (const DamagedRange& range : recovery->damage) {
        damaged_files_.insert(golden.path + "/" + range.file);
      }
      const absl::Status status =
          JudgeLog(golden, made.first->second, log, *recovery);
      if (!status.ok()) {
        return Within(place,
                      Broken(fmt::format("{}\n{}", FromAbsl(status.message()),
                                         ToString(*recovery))));
      }
    }
    return absl::OkStatus();
  }

  // Every record is there, or in a range that readers are told of, or behind a
  // tail that was torn.
  absl::Status JudgeLog(const GoldenPartition& golden, const Evidence& evidence,
                        const FoundLog& log,
                        const PartitionRecovery& recovery) {
    if (log.end < evidence.durable()) {
      return Broken(fmt::format("SILENT: ends at {}, durable was {}", log.end,
                                evidence.durable()));
    }
    bool is_shorter = false;
    for (Offset at = golden.start; at < golden.end; ++at) {
      if (log.IsLost(at)) {
        has_trouble_ = has_loss_ = true;
        if (evidence.IsHit(at)) continue;
        return Broken(fmt::format("{} is given up and was not hit", at));
      }
      if (log.start <= at && at < log.end) continue;
      is_shorter = true;
      const bool may_go = at >= evidence.durable() && evidence.MayEndBefore(at);
      if (!may_go) return Broken(fmt::format("SILENT: {} is not there", at));
    }
    if (!is_shorter) return absl::OkStatus();
    return JudgeShorter(golden, evidence, log, recovery);
  }

  absl::Status JudgeShorter(const GoldenPartition& golden,
                            const Evidence& evidence, const FoundLog& log,
                            const PartitionRecovery& recovery) {
    // Of a log that was closed META tells. Where all of its files are another's
    // nothing does, but that they are.
    if (golden_.is_closed) {
      is_emptied_ = evidence.durable() == 0 && recovery.has_damage();
      return is_emptied_ ? absl::OkStatus()
                         : Broken("SILENT: a log that was closed");
    }
    const bool is_reported =
        recovery.cut.has_value() || recovery.has_damage() ||
        !recovery.files_removed.empty() || !recovery.files_set_aside.empty();
    if (is_reported) {
      is_cut_ = true;
      return absl::OkStatus();
    }
    if (files_->HasTraceBehind(golden, log.end)) {
      return Broken("SILENT: shorter, without a report");
    }
    is_traceless_ = true;
    return absl::OkStatus();
  }

  // Appends to everything, closes, and finds the same again.
  absl::Status Use(Store& store, const FoundLogs& found) {
    ++tally_.used;
    std::map<TopicPartition, Offset> appended;
    for (const TopicPartition& place : opened_) {
      Partition partition =
          Must(Must(store.OpenTopic(place.topic)).partition(place.partition));
      const absl::StatusOr<Offset> offset =
          partition.Append({.value = kProbe}, Ack::kDisk);
      if (!offset.ok() || *offset != found.at(place).end) {
        return Within(place, Broken("append: " + offset.status().ToString()));
      }
      appended[place] = *offset;
    }
    const absl::Status closed = store.Close();
    if (!closed.ok()) return Broken("close: " + closed.ToString());
    TIDEMARK_RETURN_IF_ERROR(
        files_->Check(evidence_, damaged_files_, /*is_whole=*/true));
    auto again = Store::Open(kRotPath, RotOptions(machine_, clock_));
    if (!again.ok()) return Broken("reopen: " + again.status().ToString());
    FoundLogs second;
    const absl::Status status = ReadStore(*again, appended, &second);
    if (!status.ok()) {
      return Broken(
          fmt::format("opened again: {}", FromAbsl(status.message())));
    }
    for (const auto& [place, log] : second) {
      const FoundLog& first = found.at(place);
      if (log.start != first.start || log.end != first.end + 1 ||
          log.lost != first.lost) {
        return Within(place,
                      Broken(fmt::format(
                          "SILENT: [{}, {}) with {} gaps became [{}, {}) with "
                          "{} gaps",
                          first.start, first.end, first.lost.size(), log.start,
                          log.end, log.lost.size())));
      }
    }
    return second.size() == found.size() ? absl::OkStatus()
                                         : Broken("fewer logs at a reopening");
  }

  void Count() {
    tally_.refused += is_refused_ ? 1 : 0;
    tally_.lost += has_loss_ ? 1 : 0;
    tally_.cut += is_cut_ ? 1 : 0;
    tally_.traceless += is_traceless_ ? 1 : 0;
    tally_.emptied += is_emptied_ ? 1 : 0;
    const bool is_harmless = !is_refused_ && !has_loss_ && !is_cut_ &&
                             !is_traceless_ && !is_emptied_;
    tally_.harmless += is_harmless ? 1 : 0;
  }

  const GoldenStore& golden_;
  const Damage& damage_;
  const CheckDepth depth_;
  MemoryEnv& machine_;
  RotTally& tally_;
  ManualClock clock_{absl::FromUnixSeconds(1'000'001'000)};
  std::optional<FileCheck> files_;
  std::map<TopicPartition, Evidence> evidence_;
  std::set<TopicPartition> opened_;
  std::set<std::string> damaged_files_;  // of which recovery says so
  bool has_trouble_ = false;             // a reader was refused something
  bool is_refused_ = false;
  bool has_loss_ = false;
  bool is_cut_ = false;
  bool is_traceless_ = false;
  bool is_emptied_ = false;
};

}  // namespace

void RotTally::Add(const RotTally& other) {
  refused += other.refused;
  lost += other.lost;
  cut += other.cut;
  traceless += other.traceless;
  emptied += other.emptied;
  harmless += other.harmless;
  verified += other.verified;
  found += other.found;
  used += other.used;
}

absl::Status CheckRot(const GoldenStore& golden, const Damage& damage,
                      CheckDepth depth, MemoryEnv& machine, RotTally* tally) {
  return RotCheck(golden, damage, depth, machine, tally).Run();
}

}  // namespace tidemark::test
