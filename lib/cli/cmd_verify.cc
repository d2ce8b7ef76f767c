#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "advice.h"
#include "command.h"
#include "findings.h"
#include "named_cursors.h"
#include "partition_check.h"
#include "progress.h"
#include "quantities.h"
#include "store_access.h"
#include "tidemark/env.h"
#include "tidemark/error.h"

namespace tidemark::cli {
namespace {

// Checks all topics; returns the names of those that can be opened.
std::vector<std::string> CheckTopics(Store& store,
                                     const std::vector<std::string>& names,
                                     PartitionCheck* partitions,
                                     Findings* findings) {
  std::vector<std::string> sound;
  for (const std::string& name : names) {
    const std::string file = fmt::format("topics/{}/TOPIC", name);
    const absl::StatusOr<Topic> topic = store.OpenTopic(name);
    if (!topic.ok()) {
      findings->Problem(file, topic.status());
      continue;
    }
    findings->Sound(file);
    sound.push_back(name);
    for (PartitionNumber i = 0; i < topic->partition_count(); ++i) {
      partitions->Check(*topic, i);
    }
  }
  return sound;
}

void CheckCursors(const std::string& directory, Store& store,
                  const std::vector<std::string>& topics, Findings* findings) {
  const absl::StatusOr<std::vector<std::string>> names =
      ListCursorNames(directory);
  if (!names.ok()) {
    findings->Problem("cursors", names.status());
    return;
  }
  for (const std::string& name : *names) {
    const std::string file = "cursors/" + name;
    const absl::StatusOr<Positions> commits = ReadCommits(store, name, topics);
    if (!commits.ok()) {
      findings->Problem(file, commits.status());
      continue;
    }
    findings->Sound(file, ShowCountOf(commits->size(), "commit"));
  }
}

ExitCode Conclude(const Findings& findings, const PartitionCheck& partitions,
                  size_t topic_count, Output& out) {
  out.Print("checked {}, {}, {}: ", ShowCountOf(topic_count, "topic"),
            ShowCountOf(partitions.segment_count(), "segment"),
            ShowBytes(partitions.bytes()));
  if (findings.damage_count() > 0) {
    out.Print("{}\n", ShowCountOf(findings.damage_count(), "damaged place"));
    return ExitCode::kDamage;
  }
  if (findings.error_count() > 0) {
    out.Print("no damage, but {} could not be checked\n",
              findings.error_count());
    return ExitCode::kError;
  }
  out.Write("no damage\n");
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunVerify(const std::string& directory, Output& out) {
  absl::StatusOr<Store> store = OpenToRead(directory);
  if (IsDamaged(store.status())) {
    return WithAdvice(store.status(),
                      "nothing can be read without this file: restore it from "
                      "a backup");
  }
  if (!store.ok()) return store.status();
  const absl::StatusOr<std::unique_ptr<Directory>> root =
      Env::Posix().OpenDirectory(directory, false);
  if (!root.ok()) return root.status();
  Findings findings(out);
  findings.Sound("STORE");
  const absl::StatusOr<std::vector<std::string>> names = store->ListTopics();
  if (!names.ok()) return names.status();
  Progress progress("segments", 0);
  PartitionCheck partitions(*store, **root, findings, progress);
  const std::vector<std::string> sound =
      CheckTopics(*store, *names, &partitions, &findings);
  progress.Clear();
  CheckCursors(directory, *store, sound, &findings);
  return Conclude(findings, partitions, names->size(), out);
}

}  // namespace

void AddVerify(CLI::App& app, Action* action) {
  CLI::App* command =
      app.add_subcommand("verify", "Check every byte of a store");
  auto directory = std::make_shared<std::string>();
  AddStoreArgument(*command, *directory);
  command->footer(
      "Reads everything and changes nothing. Exit status: 0 all is sound,\n"
      "1 damaged bytes were found, 2 something could not be checked.\n"
      "\n"
      "Example: tidemark verify /var/lib/app/log");
  command->callback([directory, action] {
    *action = [directory](Output& out) { return RunVerify(*directory, out); };
  });
}

}  // namespace tidemark::cli
