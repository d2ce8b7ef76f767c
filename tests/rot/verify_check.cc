#include "rot/verify_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>

#include "rot/log_reading.h"

namespace tidemark::test {
namespace {

enum class Due : uint8_t { kNothing, kNote, kDamage };

// What is left of a segment that is cut between two batches, or before its
// seal, with all of its records, is what a crash leaves. In a store that was
// closed a missing seal is a note; that a mark is gone nothing tells.
std::optional<Due> DueOfWholeSegment(const GoldenStore& golden,
                                     const Damage& damage) {
  if (damage.kind != DamageKind::kLength) return std::nullopt;
  const BytePlace& place = damage.places[0];
  for (const auto& [partition, log] : golden.partitions) {
    for (const GoldenSegment& segment : log.segments) {
      if (segment.file != place.path || segment.batches.empty()) continue;
      const GoldenBatch& last = segment.batches.back();
      const bool is_mark = last.from == last.to;
      const bool is_whole =
          (segment.data_end == place.from && segment.is_sealed) ||
          (last.position == place.from && is_mark);
      if (!is_whole) continue;
      const bool has_lost_seal = segment.is_sealed && golden.is_closed;
      return has_lost_seal ? Due::kNote : Due::kNothing;
    }
  }
  return std::nullopt;
}

// Cursor files and LOCK are made anew where they are missing.
bool IsMadeAnew(const Damage& damage) {
  const std::string& path = damage.changes[0].path;
  return damage.changes[0].is_removed &&
         (path == "LOCK" || path.starts_with("cursors/"));
}

Due WhatIsDue(const GoldenStore& golden, const Damage& damage,
              bool has_trouble) {
  if (has_trouble) return Due::kDamage;
  if (damage.places.empty() || damage.is_stale) return Due::kNothing;
  if (damage.kind == DamageKind::kUnopened) return Due::kNothing;
  const std::optional<Due> due = DueOfWholeSegment(golden, damage);
  if (due.has_value()) return *due;
  if (golden.is_closed) {
    return IsMadeAnew(damage) ? Due::kNothing : Due::kDamage;
  }
  const bool is_small =
      damage.kind == DamageKind::kBit || damage.kind == DamageKind::kByte;
  return is_small ? Due::kNote : Due::kNothing;
}

// Whether a line names what is missing, or what stands beside it.
bool IsGoneNamed(const FileChange& change, const VerifyRun& verify,
                 bool or_note) {
  if (!change.is_removed && !change.is_tree) return false;
  const size_t slash = change.path.rfind('/');
  const bool has_parent = !change.is_tree && slash != std::string::npos;
  return verify.NamesBelow(
      has_parent ? change.path.substr(0, slash) : change.path, or_note);
}

bool IsNamed(const Damage& damage, const VerifyRun& verify, bool or_note) {
  return std::any_of(damage.places.begin(), damage.places.end(),
                     [&](BytePlace place) {
                       // A cut is named by the bytes before it as well, and a
                       // file that is another one by its name.
                       const bool is_cut = damage.kind == DamageKind::kLength;
                       if (is_cut && place.from > 0) --place.from;
                       if (damage.kind == DamageKind::kFile) place.from = 0;
                       return verify.Names(place, or_note);
                     }) ||
         std::any_of(damage.changes.begin(), damage.changes.end(),
                     [&](const FileChange& change) {
                       return IsGoneNamed(change, verify, or_note);
                     });
}

// The STORE of another store is sound. Everything else says that it is not of
// this store.
bool IsStoreNamed(const Damage& damage, const VerifyRun& verify) {
  return damage.kind == DamageKind::kFile && damage.Touches("STORE") &&
         verify.text().find("/TOPIC: belongs to the store ") !=
             std::string::npos;
}

}  // namespace

absl::Status CheckVerify(const GoldenStore& golden, const Damage& damage,
                         const VerifyRun& verify, bool has_trouble,
                         bool* is_named) {
  const Due due = WhatIsDue(golden, damage, has_trouble);
  *is_named = IsNamed(damage, verify, /*or_note=*/true);
  bool is_told = true;
  if (due == Due::kDamage) {
    // Damage of a log to which a file does not belong is told with the log, and
    // the file in a note. That a cursor is of another store is an error.
    const bool or_other =
        damage.kind == DamageKind::kFile || damage.TouchesBelow("cursors/");
    is_told =
        (verify.code() == 1 || (or_other && verify.code() == 2)) &&
        (IsNamed(damage, verify, or_other) || IsStoreNamed(damage, verify));
  } else if (due == Due::kNote || verify.code() != 0) {
    is_told = *is_named || damage.kind == DamageKind::kName;
  }
  if (is_told) return absl::OkStatus();
  return Broken(fmt::format("verify ends with {} and does not name it:\n{}",
                            verify.code(), verify.text()));
}

}  // namespace tidemark::test
