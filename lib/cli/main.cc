#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "advice.h"
#include "command.h"
#include "output.h"
#include "stop_signals.h"
#include "tidemark/error.h"
#include "tidemark/version.h"

namespace tidemark::cli {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 fine, 1 damaged bytes were found, 2 wrong usage or another "
    "error.\n"
    "Only create and produce write; the others work beside a running writer.\n"
    "\n"
    "Example: tidemark consume /var/lib/app/log orders --follow --format json";

// Says what an option takes, and nothing else, to keep each help on a screen.
class HelpFormat : public CLI::Formatter {
 public:
  HelpFormat() { column_width(27); }

  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string& text = option->get_option_text();
    return text.empty() || text == " " ? "" : " " + text;
  }
};

void Define(CLI::App& app, Action* action) {
  app.formatter(std::make_shared<HelpFormat>());
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", fmt::format("tidemark {}", kVersion),
                       "Print the version");
  app.footer(kFooter);
  app.require_subcommand(1);
  AddTopics(app, action);
  AddCreate(app, action);
  AddDescribe(app, action);
  AddProduce(app, action);
  AddConsume(app, action);
  AddDump(app, action);
  AddVerify(app, action);
  AddStats(app, action);
}

// Prints help to `out`, complaints to standard error.
ExitCode ReportUsage(const CLI::App& app, const CLI::ParseError& error,
                     Output& out) {
  std::ostringstream text;
  std::ostringstream complaint;
  if (app.exit(error, text, complaint) == 0) {
    out.Write(text.str());
    return ExitCode::kOk;
  }
  const auto chosen = app.get_subcommands();
  const std::vector<std::string> rest = app.remaining();
  const std::string cause =
      chosen.empty() && !rest.empty()
          ? rest.front() + ": there is no such command or option"
          : std::string(error.what());
  PrintToPerson(fmt::format(
      "tidemark: {}\n  `tidemark {}--help` shows what is possible", cause,
      chosen.empty() ? "" : chosen.front()->get_name() + " "));
  return ExitCode::kError;
}

ExitCode Report(const absl::Status& status, const std::string& command) {
  PrintToPerson(Explain(status, command));
  return IsDamaged(status) ? ExitCode::kDamage : ExitCode::kError;
}

ExitCode Perform(const std::string& command, const Action& action,
                 Output& out) {
  const absl::StatusOr<ExitCode> result = action(out);
  const absl::Status flushed = out.Flush();
  // Whoever reads the output has seen enough, or has asked for the end.
  if (out.is_reader_gone() || absl::IsCancelled(flushed)) return ExitCode::kOk;
  if (!result.ok()) return Report(result.status(), command);
  if (!flushed.ok()) return Report(flushed, command);
  return *result;
}

ExitCode Run(int argc, char** argv) {
  CLI::App app("Creates, feeds, reads and checks tidemark stores", "tidemark");
  Action action;
  Define(app, &action);
  Output out(STDOUT_FILENO);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const ExitCode code = ReportUsage(app, error, out);
    return out.Flush().ok() || out.is_reader_gone() ? code : ExitCode::kError;
  }
  return Perform(app.get_subcommands().front()->get_name(), action, out);
}

}  // namespace
}  // namespace tidemark::cli

int main(int argc, char** argv) {
  tidemark::cli::IgnoreBrokenPipes();
  try {
    return static_cast<int>(tidemark::cli::Run(argc, argv));
  } catch (const std::exception& error) {
    tidemark::cli::PrintToPerson(
        fmt::format("tidemark: {}\n  free memory, then run it again; else "
                    "report it with this message",
                    error.what()));
    return static_cast<int>(tidemark::cli::ExitCode::kError);
  }
}
