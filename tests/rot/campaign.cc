#include "rot/campaign.h"

#include <fmt/core.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "rot/damages.h"
#include "support/dice.h"

namespace tidemark::test {
namespace {

constexpr unsigned kThreads = 2;
constexpr size_t kFirstMax = 20;

// So many bytes of a file are one piece of work.
constexpr uint64_t kPieceBytes = 512;

// A STORE that counts its opens too low: what is appended behind it is written
// with a count that the log is past, and the next open does not find it. The
// test "What is appended behind a STORE of before is kept" says so.
bool IsStoreOfBefore(const Damage& damage) {
  return damage.is_stale && damage.Touches("STORE");
}

// One thread, with machines of its own.
class Worker {
 public:
  Worker(const std::vector<GoldenStore>& stores, const CampaignOptions& options)
      : stores_(stores), options_(options) {
    for (const GoldenStore& store : stores) {
      machines_.push_back(store.machine->CopyCurrent());
    }
  }

  // Every bit, byte and length of a part of a file.
  void SpoilBytes(size_t store, const std::string& path, uint64_t from,
                  uint64_t to) {
    const GoldenStore& golden = stores_[store];
    for (uint64_t at = from; at < to; ++at) {
      for (uint64_t bit = 8 * at; bit < 8 * at + 8; ++bit) {
        if (!Chooses(DamageKind::kBit)) continue;
        const bool is_one_of_byte = bit % 8 == Mix(at) % 8;
        Spoil(store, FlipBit(golden, path, bit), is_one_of_byte);
      }
      for (const char value : {'\0', '\xff'}) {
        if (!Chooses(DamageKind::kByte)) continue;
        Spoil(store, SetByte(golden, path, at, value), IsFullChosen());
      }
      if (Chooses(DamageKind::kLength)) {
        Spoil(store, CutFile(golden, path, at), IsFullChosen());
      }
    }
  }

  void SpoilAll(size_t store, const std::vector<Damage>& damages) {
    for (const Damage& damage : damages) {
      if (Chooses(damage.kind)) Spoil(store, damage, IsFullChosen());
    }
  }

  // Begins a piece of work, whose choices follow from its number.
  void Begin(uint64_t piece) { choice_ = Mix(options_.seed) + piece * 0x10000; }

  const CampaignCounts& counts() const { return counts_; }

 private:
  bool Chooses(DamageKind kind) {
    return Mix(++choice_) % options_.one_in[static_cast<size_t>(kind)] == 0;
  }

  bool IsFullChosen() { return Mix(~choice_) % options_.full_one_in == 0; }

  void Spoil(size_t store, const Damage& damage, bool is_full) {
    const bool is_file = damage.kind == DamageKind::kFile ||
                         damage.kind == DamageKind::kName ||
                         damage.kind == DamageKind::kUnopened;
    if (damage.places.empty() && !is_file) return;
    const uint64_t dice = Mix(~choice_) >> 20;
    const CheckDepth depth{
        .is_full = is_file || is_full || options_.full_one_in == 1,
        .with_use = !IsStoreOfBefore(damage) &&
                    (is_file || dice % options_.use_one_in == 0)};
    const auto machine = machines_[store]->CopyCurrent();
    const absl::Status status =
        CheckRot(stores_[store], damage, depth, *machine, &counts_.tally);
    ++counts_.damages[static_cast<size_t>(damage.kind)];
    if (!status.ok()) Note(stores_[store], damage, status);
  }

  void Note(const GoldenStore& golden, const Damage& damage,
            const absl::Status& status) {
    ++counts_.broken;
    if (FromAbsl(status.message()).find("SILENT") != std::string_view::npos) {
      ++counts_.silent;
    }
    if (counts_.first.size() >= kFirstMax) return;
    counts_.first.push_back(fmt::format("{}: {}: {}", golden.name,
                                        damage.Describe(),
                                        FromAbsl(status.message())));
  }

  const std::vector<GoldenStore>& stores_;
  const CampaignOptions& options_;
  std::vector<std::unique_ptr<MemoryEnv>> machines_;
  uint64_t choice_ = 0;
  CampaignCounts counts_;
};

using Piece = std::function<void(Worker&)>;

void AddPieces(const std::vector<GoldenStore>& stores, size_t store,
               std::vector<Piece>* pieces) {
  const GoldenStore& golden = stores[store];
  const GoldenStore& other = stores[(store + 1) % stores.size()];
  pieces->push_back([&golden, &other, store](Worker& worker) {
    worker.SpoilAll(store, FileDamages(golden, other));
  });
  pieces->push_back([&golden, &other, store](Worker& worker) {
    worker.SpoilAll(store, SectorDamages(golden, other));
  });
  for (const auto& [path, bytes] : golden.files) {
    for (uint64_t at = 0; at < bytes.size(); at += kPieceBytes) {
      const uint64_t to = std::min<uint64_t>(bytes.size(), at + kPieceBytes);
      pieces->push_back([store, path = path, at, to](Worker& worker) {
        worker.SpoilBytes(store, path, at, to);
      });
    }
  }
}

}  // namespace

uint64_t CampaignCounts::total() const {
  return std::accumulate(damages.begin(), damages.end(), uint64_t{0});
}

void CampaignCounts::Add(const CampaignCounts& other) {
  for (size_t i = 0; i < damages.size(); ++i) damages[i] += other.damages[i];
  tally.Add(other.tally);
  silent += other.silent;
  broken += other.broken;
  first.insert(first.end(), other.first.begin(), other.first.end());
}

CampaignCounts RunCampaign(const std::vector<GoldenStore>& stores,
                           const CampaignOptions& options) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < stores.size(); ++i) AddPieces(stores, i, &pieces);
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  CampaignCounts total;
  const auto work = [&] {
    Worker worker(stores, options);
    for (size_t i = next++; i < pieces.size(); i = next++) {
      worker.Begin(i);
      pieces[i](worker);
    }
    const std::lock_guard lock(mutex);
    total.Add(worker.counts());
  };
  std::vector<std::thread> threads;
  for (unsigned n = 0; n < kThreads; ++n) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  return total;
}

}  // namespace tidemark::test
