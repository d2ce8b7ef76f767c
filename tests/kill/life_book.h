#ifndef TIDEMARK_TESTS_KILL_LIFE_BOOK_H_
#define TIDEMARK_TESTS_KILL_LIFE_BOOK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kill/life_message.h"
#include "support/expectation.h"

namespace tidemark::test {

// What is to be expected of a store, from what its hosts said.
class LifeBook {
 public:
  void Note(const LifeMessage& message);

  // The tails of all logs are torn away down to what was durable, as by a loss
  // of power.
  void NoteTorn();

  // As of the last note; valid until the next one.
  const Expectation& expectation();

  // Acknowledged appends, trims, commits and changes of topics.
  uint64_t acknowledged_count() const { return acknowledged_count_; }
  // Somebody has opened the store.
  bool was_opened() const { return was_opened_; }

 private:
  struct BookTopic {
    std::vector<std::shared_ptr<std::vector<std::string>>> values;
    ExpectedTopic expected;
  };

  void NoteTopic(const LifeMessage& message);
  void NoteLog(const LifeMessage& message, ExpectedLog* log);
  void NoteCommit(const LifeMessage& message);
  void AddLogs(char topic, uint32_t count);
  void Submit(const LifeMessage& message, ExpectedLog* log);
  void Adopt(const LifeMessage& message, ExpectedLog* log);

  std::map<char, BookTopic> topics_;
  std::vector<ExpectedTopic> ghosts_;  // deleted, and not made anew since
  std::vector<ExpectedCommit> commits_;
  Expectation expectation_;
  uint64_t acknowledged_count_ = 0;
  bool was_opened_ = false;
};

}  // namespace tidemark::test

#endif  // TIDEMARK_TESTS_KILL_LIFE_BOOK_H_
