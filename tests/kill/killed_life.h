#ifndef TIDEMARK_TESTS_KILL_KILLED_LIFE_H_
#define TIDEMARK_TESTS_KILL_KILLED_LIFE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kill/life_book.h"
#include "kill/lives.h"
#include "kill/traced_child.h"

namespace tidemark::test {

// Where in a call the host is killed.
enum class KillPlace : uint8_t {
  kBefore,  // the call has not been made
  kWithin,  // a write has written its first part
  kBehind,  // the call is made, and nothing else
};

// One run of a life in a directory of its own, up to its death, and what the
// next owner makes of it.
class KilledLife {
 public:
  explicit KilledLife(const Life& life);
  ~KilledLife();
  KilledLife(const KilledLife&) = delete;
  KilledLife& operator=(const KilledLife&) = delete;

  // Runs to the end, and returns all calls.
  std::vector<StorageCall> RunThrough();

  // Runs to the call of that index and kills the host there. False if it ended
  // before. A reader looks before the kill, if nothing else runs.
  bool RunTo(uint64_t index, KillPlace place);
  // The call that the host was killed at.
  const StorageCall& call() const { return child_->call(); }

  // Opens the store with a `choice` of what kProcess rests on, and checks it.
  void CheckStore(uint64_t choice);

 private:
  void Start();
  void Note(const std::string& report);
  void TearTail();
  void Look();

  const Life& life_;
  const std::string home_;
  const std::string store_;
  const std::string memory_;  // for arenas
  LifeBook book_;
  std::unique_ptr<TracedChild> child_;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_KILL_KILLED_LIFE_H_
