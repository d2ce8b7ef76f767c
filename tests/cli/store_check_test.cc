#include "cli/store_check.h"

#include "cli/checked_store.h"
#include "support/catch.h"

namespace tidemark::test {
namespace {

bool IsSegment(const std::string& path) { return path.ends_with(".log"); }

// Flips a bit in every `step`th byte of the files of a store that was closed.
void FlipEverywhere(uint64_t step, bool with_segments, bool with_others) {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  for (const auto& [path, bytes] : files.files()) {
    if (!(IsSegment(path) ? with_segments : with_others)) continue;
    // Small files as a whole, large ones at other places in each of them.
    const uint64_t stride = bytes.size() < 1000 ? 1 : step;
    for (uint64_t at = path.size() % stride; at < bytes.size(); at += stride) {
      files.Flip(path, at);
      const CheckResult result = CheckStoreOn(store.env());
      if (result.code != 1 || !result.Names("DAMAGE", path, at)) {
        FAIL(path << " position " << at << ": exit " << result.code << "\n"
                  << result.text);
      }
      INFO(path << " position " << at);
      store.CheckReading(store.env());
      files.Flip(path, at);
    }
  }
  const CheckResult result = CheckStoreOn(store.env());
  INFO(result.text);
  CHECK(result.code == 0);
}

TEST_CASE("A check finds a flipped bit in any byte and reading tells the truth",
          "[cli]") {
  FlipEverywhere(41, true, true);
}

TEST_CASE("A check finds a flipped bit in every byte of a segment",
          "[.slow][cli]") {
  FlipEverywhere(1, true, false);
}

TEST_CASE("A check finds a flipped bit in every byte of the other files",
          "[.slow][cli]") {
  FlipEverywhere(1, false, true);
}

TEST_CASE("A store that nobody touched passes the check", "[cli]") {
  CheckedStore store;
  for (const bool is_closed : {false, true}) {
    if (is_closed) store.Close();
    const CheckResult result = CheckStoreOn(store.env());
    INFO(result.text);
    CHECK(result.code == 0);
    CHECK(result.text.find("note") == std::string::npos);
  }
}

TEST_CASE("A store that was left by a crash passes the check", "[cli]") {
  CheckedStore store;
  store.Kill();
  const CheckResult result = CheckStoreOn(store.env());
  INFO(result.text);
  CHECK(result.code == 0);
}

TEST_CASE("A check names every damaged place of a file", "[cli]") {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  const std::string segment = "topics/plain/0/00000000000000000000.log";
  const std::string meta = "topics/plain/0/META";
  const std::string& bytes = files.files().at(segment);
  const uint64_t batch = bytes.find("TMB1");
  const std::pair<std::string, uint64_t> places[] = {
      {segment, 20},
      {segment, batch + 200},
      {segment, bytes.find("TMB1", batch + 1) + 30},
      {segment, bytes.find("TMGINDX1") + 40},
      {meta, 40},
      {meta, 4000},
      {"STORE", 50},
      {"STORE", 6000},
      {"cursors/c", 10},
      {"cursors/c", 3000}};
  for (const auto& [path, at] : places) files.Flip(path, at);
  const CheckResult result = CheckStoreOn(store.env());
  INFO(result.text);
  CHECK(result.code == 1);
  for (const auto& [path, at] : places) {
    INFO(path << " position " << at);
    CHECK((result.Names("DAMAGE", path, at) || result.Names("note", path, at)));
  }
  store.CheckReading(store.env());
}

TEST_CASE("A check finds that a file is shorter", "[cli]") {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  for (const auto& [path, bytes] : files.files()) {
    const uint64_t stride = bytes.size() < 1000 ? 1 : 37;
    const size_t index = bytes.find("TMGINDX1");
    for (uint64_t size = 0; size < bytes.size(); size += stride) {
      // Without its index and trailer a segment is whole, but not sealed.
      if (size == index) continue;
      files.Write(path, bytes.substr(0, size));
      const CheckResult result = CheckStoreOn(store.env());
      if (result.code != 1 || !result.Names("DAMAGE", path, std::nullopt)) {
        FAIL(path << " cut to " << size << ": exit " << result.code << "\n"
                  << result.text);
      }
      INFO(path << " cut to " << size);
      store.CheckReading(store.env());
    }
    files.Mend(path);
  }
}

TEST_CASE("A check tells of a segment whose seal is gone as a whole", "[cli]") {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  int count = 0;
  for (const auto& [path, bytes] : files.files()) {
    const size_t index = bytes.find("TMGINDX1");
    if (index == std::string::npos) continue;
    ++count;
    files.Write(path, bytes.substr(0, index));
    const CheckResult result = CheckStoreOn(store.env());
    INFO(result.text);
    CHECK(result.Names("note", path, std::nullopt));
    store.CheckReading(store.env());
    files.Mend(path);
  }
  CHECK(count >= 3);
}

TEST_CASE("A check finds bytes behind the end of any file", "[cli]") {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  for (const auto& [path, bytes] : files.files()) {
    for (const size_t count : {1, 5000}) {
      const std::string more(count, 'y');
      files.Write(path, bytes + more);
      const CheckResult result = CheckStoreOn(store.env());
      INFO(path << " and " << more.size() << " bytes\n" << result.text);
      CHECK(result.code == 1);
      CHECK(result.Names("DAMAGE", path, bytes.size()));
      store.CheckReading(store.env());
    }
    files.Mend(path);
  }
}

TEST_CASE("A check finds a file of zeros", "[cli]") {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  for (const auto& [path, bytes] : files.files()) {
    if (bytes.empty()) continue;
    files.Write(path, std::string(bytes.size(), '\0'));
    const CheckResult result = CheckStoreOn(store.env());
    INFO(path << "\n" << result.text);
    CHECK(result.code == 1);
    CHECK(result.Names("DAMAGE", path, std::nullopt));
    store.CheckReading(store.env());
    files.Mend(path);
  }
}

TEST_CASE("A check finds that a file is gone, but not a cursor's", "[cli]") {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  for (const auto& [path, bytes] : files.files()) {
    REQUIRE_OK(files.root().RemoveFile(path));
    const CheckResult result = CheckStoreOn(store.env());
    INFO(path << "\n" << result.text);
    // Nothing else tells of a cursor, and LOCK is made when it is needed.
    const bool is_harmless = path == "LOCK" || path == "cursors/c";
    CHECK(result.code == (is_harmless ? 0 : 1));
    if (!is_harmless) CHECK(result.Names("DAMAGE", path, std::nullopt));
    store.CheckReading(store.env());
    files.Mend(path);
  }
}

TEST_CASE("A check finds that a directory is gone", "[cli]") {
  for (const std::string path : {"topics/packed/1", "topics"}) {
    CheckedStore store;
    store.Close();
    const auto root = *store.env().OpenDirectory(kCheckedPath, false);
    REQUIRE_OK(root->Rename(path, "elsewhere", false));
    const CheckResult result = CheckStoreOn(store.env());
    INFO(result.text);
    CHECK(result.code == 1);
    CHECK(result.Names("DAMAGE", path, std::nullopt));
  }
}

TEST_CASE("A check finds a TOPIC from before the topic had more partitions",
          "[cli]") {
  CheckedStore store;
  store.Close();
  const std::string topic = "topics/unused/TOPIC";
  const std::string before = StoreFiles(store.env()).files().at(topic);
  store.Open();
  store.Grow("unused", 3);
  for (const bool has_records : {false, true}) {
    if (has_records) {
      store.Open();
      store.Append("unused", 2);
    }
    store.Close();
    StoreFiles files(store.env());
    files.Write(topic, before);
    const CheckResult result = CheckStoreOn(store.env());
    INFO(result.text);
    CHECK(result.code == (has_records ? 1 : 0));
    CHECK(result.Names("DAMAGE", topic, std::nullopt) == has_records);
    CHECK(result.Names("note", "topics/unused/1", std::nullopt));
    files.Mend(topic);
  }
}

TEST_CASE("A check notes what does not belong to a store", "[cli]") {
  CheckedStore store;
  store.Close();
  StoreFiles files(store.env());
  const std::string names[] = {"notes",          "STORE.tmp",
                               "topics/notes",   "topics/plain/TOPIC.tmp",
                               "cursors/.new-c", "topics/plain/0/notes"};
  for (const std::string& name : names) files.Write(name, "x");
  const CheckResult result = CheckStoreOn(store.env());
  INFO(result.text);
  CHECK(result.code == 0);
  for (const std::string& name : names) {
    CHECK(result.Names("note", name, std::nullopt));
  }
}

TEST_CASE("Of a store in use a slot that may be torn is a note", "[cli]") {
  CheckedStore store;
  store.Kill();
  StoreFiles files(store.env());
  // Slot 0 of STORE says that the store is open, slot 1 that it was closed
  // before. A partition that was never opened has one slot.
  const auto is_note = [](const std::string& path, uint64_t at) {
    if (path == "STORE") return at >= 4096 && at < 4096 + 1024;
    return at % 4096 < 128 && (at >= 4096 || path == "topics/plain/0/META");
  };
  for (const std::string path :
       {"STORE", "topics/plain/0/META", "topics/unused/0/META"}) {
    const std::string& bytes = files.files().at(path);
    for (uint64_t at = 0; at < bytes.size(); at += 13) {
      files.Flip(path, at);
      const CheckResult result = CheckStoreOn(store.env());
      INFO(path << " position " << at << "\n" << result.text);
      CHECK(result.code == (is_note(path, at) ? 0 : 1));
      CHECK(result.Names(is_note(path, at) ? "note" : "DAMAGE", path, at));
      store.CheckReading(store.env());
      files.Flip(path, at);
    }
  }
}

TEST_CASE("A slot that is damaged is whole again after the next owner",
          "[cli]") {
  for (const std::string path : {"STORE", "topics/plain/0/META"}) {
    for (const uint64_t at : {40, 4096 + 40}) {
      CheckedStore store;
      store.Close();
      StoreFiles(store.env()).Flip(path, at);
      CHECK(CheckStoreOn(store.env()).code == 1);
      store.Open();
      store.Append("plain", 0);
      store.Close();
      const CheckResult result = CheckStoreOn(store.env());
      INFO(path << " position " << at << "\n" << result.text);
      CHECK(result.code == 0);
      store.CheckReading(store.env());
    }
  }
}

}  // namespace
}  // namespace tidemark::test
