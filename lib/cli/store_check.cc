#include "store_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "advice.h"
#include "findings.h"
#include "named_cursors.h"
#include "partition_check.h"
#include "progress.h"
#include "quantities.h"
#include "tidemark/cursor_files.h"
#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

constexpr const char* kLeftBehind =
    "not part of the store, and not checked: left by a crash, or put there";

absl::StatusOr<Store> OpenToCheck(const std::string& directory, Env& env) {
  StoreOptions options;
  options.env = &env;
  options.read_only = true;
  options.create_if_missing = false;
  options.background_threads = false;
  absl::StatusOr<Store> store = Store::Open(directory, options);
  if (absl::IsNotFound(store.status())) {
    return WithAdvice(store.status(),
                      "check the path; `tidemark create` makes a store");
  }
  return store;
}

// One check of one store.
class StoreCheck {
 public:
  StoreCheck(Store& store, Env& env, Directory& root, Output& out)
      : store_(store),
        root_(root),
        out_(out),
        findings_(out),
        progress_("segments", 0),
        partitions_(store, env, root, findings_, progress_) {}

  absl::StatusOr<ExitCode> Run() {
    const absl::StatusOr<std::vector<std::string>> names = store_.ListTopics();
    if (!names.ok()) return names.status();
    ReportStore();
    CheckLock();
    CheckNames("", {"STORE", "LOCK", "topics", "cursors", "lost+found"});
    CheckNames("topics", {names->begin(), names->end()});
    for (const std::string& name : *names) CheckTopic(name);
    progress_.Clear();
    ReportSlotInDoubt();
    CheckCursors();
    return Conclude(names->size());
  }

 private:
  // All of STORE but a slot that a crash may have torn: the partitions have to
  // tell first whether there was one.
  void ReportStore() {
    const std::vector<DamagedRange> damage = store_.recovery().store_damage;
    for (const DamagedRange& range : damage) {
      if (!range.may_be_torn) findings_.Damage(range.file, range);
    }
    if (damage.empty()) findings_.Sound("STORE");
  }

  void ReportSlotInDoubt() {
    const RecoveryReport report = store_.recovery();
    const bool was_in_use = std::any_of(report.partitions.begin(),
                                        report.partitions.end(), WasInUse);
    for (const DamagedRange& range : report.store_damage) {
      if (range.may_be_torn) findings_.Slot(range.file, range, was_in_use);
    }
  }

  // A sound META says that the partition was not closed.
  static bool WasInUse(const PartitionRecovery& recovery) {
    return !recovery.is_clean && recovery.end > 0 && !recovery.has_damage() &&
           recovery.meta_damage.empty();
  }

  void CheckLock() {
    const absl::StatusOr<FileStat> stat = root_.Stat("LOCK");
    if (absl::IsNotFound(stat.status())) {
      findings_.Note("LOCK", "missing; the next owner makes it");
      return;
    }
    findings_.Problem("LOCK", stat.status());
    if (!stat.ok() || stat->size == 0) return;
    findings_.Damage("LOCK", {.file = "LOCK",
                              .size = stat->size,
                              .what = "bytes in a file that has none"});
  }

  // Notes what is in a directory besides `known`.
  void CheckNames(const std::string& path, const std::set<std::string>& known) {
    const absl::StatusOr<std::vector<DirectoryEntry>> entries =
        root_.List(path);
    findings_.Problem(path, entries.status());
    if (!entries.ok()) return;
    for (const DirectoryEntry& entry : *entries) {
      if (known.contains(entry.name)) continue;
      findings_.Note(path.empty() ? entry.name : path + "/" + entry.name,
                     kLeftBehind);
    }
  }

  void CheckTopic(const std::string& name) {
    const std::string path = "topics/" + name;
    const std::string file = path + "/TOPIC";
    const absl::StatusOr<Topic> topic = store_.OpenTopic(name);
    if (!topic.ok()) {
      CheckUnreadableTopic(name, topic.status());
      return;
    }
    findings_.Sound(file);
    std::set<std::string> known = {"TOPIC"};
    CheckPartitions(*topic, &known);
    CheckSurplus(name, &known);
    CheckNames(path, known);
  }

  // Those that are not in `known` yet.
  void CheckPartitions(const Topic& topic, std::set<std::string>* known) {
    for (PartitionNumber i = 0; i < topic.partition_count(); ++i) {
      if (!known->insert(std::to_string(i)).second) continue;
      const std::string name(topic.name());
      if (partitions_.Check(topic, i)) sound_partitions_.push_back({name, i});
    }
  }

  // Partitions that TOPIC does not count. A crash while they were added leaves
  // their directories, but without segments: records came in behind TOPIC.
  void CheckSurplus(const std::string& name, std::set<std::string>* known) {
    const std::string path = "topics/" + name;
    const absl::StatusOr<std::vector<DirectoryEntry>> entries =
        root_.List(path);
    if (!entries.ok()) return;
    for (const DirectoryEntry& entry : *entries) {
      const std::string partition = path + "/" + entry.name;
      if (known->contains(entry.name) || !IsPartition(entry) ||
          !HasSegment(partition)) {
        continue;
      }
      // A writer may have added it meanwhile.
      const absl::StatusOr<Topic> topic = store_.OpenTopic(name);
      if (topic.ok()) CheckPartitions(*topic, known);
      if (!known->insert(entry.name).second) continue;
      findings_.Contradiction(
          path + "/TOPIC", fmt::format("does not count the partition {}, which "
                                       "holds segments",
                                       entry.name));
      partitions_.CheckWithoutTopic(partition);
    }
  }

  bool HasSegment(const std::string& path) {
    const absl::StatusOr<std::vector<DirectoryEntry>> entries =
        root_.List(path);
    findings_.Problem(path, entries.status());
    return entries.ok() && std::any_of(entries->begin(), entries->end(),
                                       [](const DirectoryEntry& entry) {
                                         return entry.name.ends_with(".log");
                                       });
  }

  static bool IsPartition(const DirectoryEntry& entry) {
    return entry.type == FileType::kDirectory && IsNumber(entry.name);
  }

  // A topic without a TOPIC that holds. Its segments can be read all the same.
  void CheckUnreadableTopic(const std::string& name,
                            const absl::Status& status) {
    const std::string path = "topics/" + name;
    const absl::StatusOr<std::vector<DirectoryEntry>> entries =
        root_.List(path);
    if (absl::IsNotFound(entries.status())) {
      findings_.Note(path, "deleted by the writer meanwhile");
      return;
    }
    findings_.Problem(path + "/TOPIC", status);
    findings_.Problem(path, entries.status());
    if (!entries.ok()) return;
    std::set<std::string> known = {"TOPIC"};
    for (const DirectoryEntry& entry : *entries) {
      if (!IsPartition(entry)) continue;
      known.insert(entry.name);
      partitions_.CheckWithoutTopic(path + "/" + entry.name);
    }
    CheckNames(path, known);
  }

  static bool IsNumber(const std::string& name) {
    return name.find_first_not_of("0123456789") == std::string::npos;
  }

  void CheckCursors() {
    const absl::StatusOr<std::vector<std::string>> names = ListCursors(store_);
    findings_.Problem("cursors", names.status());
    if (!names.ok()) return;
    const absl::Status exists = root_.Stat("cursors").status();
    if (absl::IsNotFound(exists)) {
      findings_.Note("cursors", "missing");
      return;
    }
    for (const std::string& name : *names) CheckCursor(name);
    CheckNames("cursors", {names->begin(), names->end()});
  }

  void CheckCursor(const std::string& name) {
    const std::string file = "cursors/" + name;
    const auto damage = FindCursorDamage(store_, name);
    if (!damage.ok()) {
      findings_.Problem(file, damage.status());
      return;
    }
    const bool was_in_use = !store_.recovery().is_clean;
    for (const DamagedRange& range : *damage) {
      findings_.Slot(file, range, was_in_use);
    }
    if (!damage->empty()) return;
    const absl::StatusOr<Positions> commits =
        ReadCommits(store_, name, sound_partitions_);
    findings_.Problem(file, commits.status());
    if (!commits.ok()) return;
    findings_.Sound(file, ShowCountOf(commits->size(), "commit"));
  }

  ExitCode Conclude(size_t topic_count) {
    out_.Print("checked {}, {}, {}: ", ShowCountOf(topic_count, "topic"),
               ShowCountOf(partitions_.segment_count(), "segment"),
               ShowBytes(partitions_.bytes()));
    if (findings_.damage_count() > 0) {
      out_.Print("{}\n",
                 ShowCountOf(findings_.damage_count(), "damaged place"));
      return ExitCode::kDamage;
    }
    if (findings_.error_count() > 0) {
      out_.Print("no damage, but {} could not be checked\n",
                 findings_.error_count());
      return ExitCode::kError;
    }
    out_.Write("no damage\n");
    return ExitCode::kOk;
  }

  Store& store_;
  Directory& root_;
  Output& out_;
  Findings findings_;
  Progress progress_;
  PartitionCheck partitions_;
  std::vector<TopicPartition> sound_partitions_;
};

}  // namespace

absl::StatusOr<ExitCode> CheckStore(const std::string& directory, Env& env,
                                    Output& out) {
  absl::StatusOr<Store> store = OpenToCheck(directory, env);
  const absl::StatusOr<std::unique_ptr<Directory>> root =
      env.OpenDirectory(directory, false);
  if (absl::IsNotFound(store.status()) && root.ok() &&
      (*root)->Stat("STORE").ok()) {
    Findings(out).Missing("topics", "the directory of all topics");
    return ExitCode::kDamage;
  }
  if (!store.ok()) return store.status();
  if (!root.ok()) return root.status();
  return StoreCheck(*store, env, **root, out).Run();
}

}  // namespace tidemark::cli
