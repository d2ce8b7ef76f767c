#ifndef TIDEMARK_EXAMPLES_SQLITE_DATABASE_H_
#define TIDEMARK_EXAMPLES_SQLITE_DATABASE_H_

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// As much of SQLite as example 040 needs. One thread at a time.
class SqliteDatabase {
 public:
  static absl::StatusOr<SqliteDatabase> Open(const std::string& path) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open(path.c_str(), &raw);
    SqliteDatabase database(raw);
    if (code != SQLITE_OK) return database.Failure();
    return database;
  }

  // Runs one statement, with `blob` as its parameter if it has one, and returns
  // the first column of its first row; empty if it is null or there is none.
  absl::StatusOr<std::string> Run(const std::string& sql,
                                  const std::string& blob = {}) {
    sqlite3_stmt* raw = nullptr;
    int code =
        sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &raw, nullptr);
    const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> statement(
        raw, &sqlite3_finalize);
    if (code == SQLITE_OK && sqlite3_bind_parameter_count(raw) == 1) {
      code = sqlite3_bind_blob(raw, 1, blob.data(),
                               static_cast<int>(blob.size()), SQLITE_TRANSIENT);
    }
    if (code == SQLITE_OK) code = sqlite3_step(raw);
    if (code != SQLITE_ROW && code != SQLITE_DONE) return Failure();
    const auto* text = static_cast<const char*>(sqlite3_column_blob(raw, 0));
    const int size = sqlite3_column_bytes(raw, 0);
    return text == nullptr ? std::string()
                           : std::string(text, static_cast<size_t>(size));
  }

 private:
  explicit SqliteDatabase(sqlite3* raw) : database_(raw, &sqlite3_close) {}

  absl::Status Failure() const {
    return absl::InternalError(sqlite3_errmsg(database_.get()));
  }

  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database_;
};

#endif  // TIDEMARK_EXAMPLES_SQLITE_DATABASE_H_
