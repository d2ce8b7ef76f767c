#include "crash/state_enumerator.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

namespace tidemark::test {
namespace {

constexpr size_t kSectorsPerPage = 8;

SectorRef RandomSector(uint64_t seed) {
  std::array<std::byte, kSectorSize> bytes;
  for (size_t i = 0; i < bytes.size(); i += sizeof(uint64_t)) {
    const uint64_t number = Mix(seed + i);
    std::memcpy(bytes.data() + i, &number, sizeof(number));
  }
  return MakeSector(bytes);
}

SectorRef OnesSector() {
  std::array<std::byte, kSectorSize> bytes;
  bytes.fill(std::byte{0xff});
  return MakeSector(bytes);
}

}  // namespace

StateEnumerator::StateEnumerator(const DiskJournal& journal,
                                 const EnumerationLimits& limits, uint64_t seed)
    : journal_(journal), limits_(limits), dice_(seed) {
  std::set<NodeId> nodes;
  for (const Atom& atom : journal.pending()) {
    if (atom.kind != Atom::Kind::kEntries) nodes.insert(atom.node);
  }
  for (const NodeId node : nodes) {
    for (const auto& [number, sector] :
         journal.durable().file(node).sectors()) {
      stale_.push_back(sector);
    }
  }
}

StateEnumerator::Units StateEnumerator::UnitsOf(size_t sectors_per_unit) const {
  Units units;
  const std::vector<Atom>& atoms = journal_.pending();
  for (size_t i = 0; i < atoms.size(); ++i) {
    const Atom* const before = i == 0 ? nullptr : &atoms[i - 1];
    const bool is_joined =
        before != nullptr && atoms[i].kind == Atom::Kind::kSector &&
        before->kind == Atom::Kind::kSector && before->node == atoms[i].node &&
        before->number < atoms[i].number &&
        before->number / sectors_per_unit == atoms[i].number / sectors_per_unit;
    if (is_joined) {
      units.back().push_back(i);
    } else {
      units.push_back({i});
    }
  }
  return units;
}

StateEnumerator::Choice StateEnumerator::ChoiceOf(
    const Units& units, absl::FunctionRef<bool(size_t)> has) const {
  Choice choice(journal_.pending().size());
  for (size_t unit = 0; unit < units.size(); ++unit) {
    if (!has(unit)) continue;
    for (const size_t atom : units[unit]) choice[atom] = true;
  }
  return choice;
}

void StateEnumerator::ForEach(absl::FunctionRef<bool(DiskImage)> visit) {
  const Units by_sector = UnitsOf(1);
  const Units by_page = UnitsOf(kSectorsPerPage);
  for (const Units* const units : {&by_sector, &by_page}) {
    if (units == &by_page && by_page.size() == by_sector.size()) return;
    const bool goes_on = units->size() <= limits_.exhaustive_units
                             ? Exhaust(*units, visit)
                             : Sample(*units, visit);
    if (!goes_on) return;
  }
}

bool StateEnumerator::Exhaust(const Units& units,
                              absl::FunctionRef<bool(DiskImage)> visit) {
  for (uint64_t mask = 0; mask < uint64_t{1} << units.size(); ++mask) {
    const Choice choice = ChoiceOf(
        units, [mask](size_t unit) { return (mask >> unit & 1) != 0; });
    bool is_fillable = false;
    for (size_t i = 0; i < choice.size(); ++i) {
      is_fillable |= !choice[i] && IsFillable(journal_.pending()[i]);
    }
    if (!visit(Make(choice, Fill::kZeros))) return false;
    if (!is_fillable) continue;
    for (const Fill fill :
         {Fill::kOnes, Fill::kRandom, Fill::kStale, Fill::kMixed}) {
      if (!visit(Make(choice, fill))) return false;
    }
  }
  return true;
}

bool StateEnumerator::Sample(const Units& units,
                             absl::FunctionRef<bool(DiskImage)> visit) {
  const size_t count = units.size();
  const auto visit_both = [&](absl::FunctionRef<bool(size_t)> has) {
    const Choice choice = ChoiceOf(units, has);
    return visit(Make(choice, Fill::kZeros)) &&
           visit(Make(choice, Fill::kMixed));
  };
  const size_t step = 1 + count / limits_.places_max;
  for (size_t length = 0; length <= count; length += step) {
    if (!visit_both([&](size_t unit) { return unit < length; })) return false;
    if (!visit_both([&](size_t unit) { return unit >= length; })) return false;
  }
  for (size_t missing = 0; missing < count; missing += step) {
    if (!visit_both([&](size_t unit) { return unit != missing; })) return false;
  }
  const size_t pair_count = count * (count - 1) / 2;
  const bool takes_all_pairs = pair_count <= limits_.pairs_max;
  for (size_t n = 0; n < std::min(pair_count, limits_.pairs_max); ++n) {
    size_t a = n % count;
    size_t b = (a + 1 + n / count) % count;
    if (!takes_all_pairs) {
      a = dice_.Below(count);
      b = dice_.Below(count);
    }
    const auto has = [&](size_t unit) { return unit != a && unit != b; };
    if (!visit_both(has)) return false;
  }
  for (size_t n = 0; n < limits_.random_states; ++n) {
    if (!visit(Random(units))) return false;
  }
  return true;
}

DiskImage StateEnumerator::Random(const Units& units) {
  const uint64_t share = 1 + dice_.Below(15);
  const Choice choice =
      ChoiceOf(units, [&](size_t) { return dice_.Below(16) < share; });
  DiskImage image = Make(choice, static_cast<Fill>(dice_.Below(5)));
  VarySizes(choice, &image);
  return image;
}

DiskImage StateEnumerator::Any() { return Random(UnitsOf(1)); }

bool StateEnumerator::IsFillable(const Atom& atom) const {
  return atom.kind == Atom::Kind::kSector &&
         journal_.durable().file(atom.node).Find(atom.number) == nullptr;
}

SectorRef StateEnumerator::FillFor(const Atom& atom, Fill fill) {
  static const SectorRef ones = OnesSector();
  const uint64_t seed = Mix(atom.node) + atom.number;
  if (fill == Fill::kMixed) {
    constexpr uint64_t kTorn = 4;
    const uint64_t kind = dice_.Below(kTorn + 1);
    if (kind < kTorn) return FillFor(atom, static_cast<Fill>(kind));
    auto bytes = atom.sector->bytes;
    const size_t at = dice_.Below(kSectorSize);
    if (dice_.OneIn(2)) {
      std::fill(bytes.begin() + static_cast<ptrdiff_t>(at), bytes.end(),
                std::byte{0});
    } else {
      std::fill(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(at),
                std::byte{0});
    }
    return MakeSector(bytes);
  }
  switch (fill) {
    case Fill::kOnes:
      return ones;
    case Fill::kRandom:
      return RandomSector(seed);
    case Fill::kStale:
      return stale_.empty() ? nullptr : stale_[Mix(seed) % stale_.size()];
    default:
      return nullptr;
  }
}

DiskImage StateEnumerator::Make(const Choice& choice, Fill fill) {
  DiskImage image = journal_.durable();
  const std::vector<Atom>& atoms = journal_.pending();
  std::set<std::pair<NodeId, uint64_t>> present;
  std::set<NodeId> touched;
  for (size_t i = 0; i < atoms.size(); ++i) {
    if (!choice[i]) continue;
    atoms[i].ApplyTo(image);
    if (atoms[i].kind != Atom::Kind::kSector) continue;
    present.emplace(atoms[i].node, atoms[i].number);
    touched.insert(atoms[i].node);
  }
  if (fill != Fill::kZeros) {
    for (size_t i = 0; i < atoms.size(); ++i) {
      const Atom& atom = atoms[i];
      if (choice[i] || !IsFillable(atom)) continue;
      if (!present.emplace(atom.node, atom.number).second) continue;
      const SectorRef sector = FillFor(atom, fill);
      if (sector == nullptr) continue;
      image.MutableFile(atom.node).Put(atom.number, sector);
      touched.insert(atom.node);
    }
  }
  for (const NodeId node : touched) image.MutableFile(node).Clip();
  return image;
}

void StateEnumerator::VarySizes(const Choice& choice, DiskImage* image) {
  for (size_t i = 0; i < choice.size(); ++i) {
    const Atom& atom = journal_.pending()[i];
    const bool is_extension =
        atom.kind == Atom::Kind::kSize && atom.size > atom.size_before;
    if (!is_extension || choice[i] || !dice_.OneIn(2)) continue;
    FileImage& file = image->MutableFile(atom.node);
    if (file.size() != atom.size_before) continue;
    const uint64_t sectors =
        (atom.size - atom.size_before + kSectorSize - 1) / kSectorSize;
    const uint64_t size =
        (atom.size_before / kSectorSize + dice_.Below(sectors) + 1) *
        kSectorSize;
    file.Resize(std::min(size, atom.size));
  }
}

}  // namespace tidemark::test
