#!/usr/bin/env python3
"""Breaks the library in one place at a time and demands that a test fails.

mutants.toml lists the changes and the test that must see each. Without
TIDEMARK_SLOW=1 only the list is checked: every change fits the sources, and
every call that makes something durable has one. With it each mutant is
compiled into the program of its killer, which must then fail.

  mutants_test.py [--find] [NAME...]

--find runs the crash explorer and the programs of the modules until one fails,
for a mutant whose killer is not known. NAME is a part of mutants' names.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "dev"
MUTANTS_MIN = 40
KILL_SECONDS = 300
# Suites that take one scenario, and their whole case.
EXPLORERS = {"crash": "No crash breaks a promise",
             "faults": "A call that fails breaks no promise"}
MODULES = ("segment", "partition", "store", "consumer")
# Calls that make something durable, or take it away.
SITE = re.compile(
    r"(?:(?:->|\.)(?:Sync|SyncAll|SyncFileSystem|Truncate|Rename|RemoveFile"
    r"|RemoveDirectory|CutTo)\(|\bmeta_?(?:->|\.)Store\()")
# The calls that these are made of, and what only forgets.
NO_SITES = (
    ("lib/partition/arena_setup.cc", "RemoveFile("),  # memory, not the log
    ("lib/partition/recovery.cc", "index->CutTo(totals)"),  # in memory
    ("lib/partition/log_writer_segments.cc",
     "active.file->CutTo(active.position)"),  # gives reserved storage back
)


class Mutant:
    def __init__(self, row):
        self.name = row["name"]
        self.file = row["file"]
        self.old = row["old"].strip("\n")
        self.new = row["new"].strip("\n")
        self.program, self.test = row["killer"].split(": ", 1)
        self.scenario = None
        if self.program in EXPLORERS:
            self.scenario = self.test
            self.test = EXPLORERS[self.program]
            self.program += "_tests"

    def mutated(self):
        text = (ROOT / self.file).read_text()
        if text.count(self.old) != 1:
            raise ValueError(f"{self.name}: its text stands "
                             f"{text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)

    def span(self):
        begin = (ROOT / self.file).read_text().index(self.old)
        return range(begin, begin + len(self.old))


def read_mutants():
    rows = tomllib.loads((ROOT / "tests/mutants/mutants.toml").read_text())
    return [Mutant(row) for row in rows["mutant"]]


def sites():
    """Yields (file, position, line) of each call that needs a mutant."""
    for module in MODULES:
        for path in sorted((ROOT / "lib" / module).glob("*.cc")):
            text = path.read_text()
            name = str(path.relative_to(ROOT))
            for match in SITE.finditer(text):
                begin = text.rfind("\n", 0, match.start()) + 1
                line = text[begin:text.index("\n", match.start())].strip()
                if line.startswith("//") or any(
                        name == file and part in line
                        for file, part in NO_SITES):
                    continue
                yield name, match.start(), line


def check_list(mutants):
    """Returns what is wrong with the list."""
    wrong = []
    for mutant in mutants:
        try:
            mutant.mutated()
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        return wrong
    names = [mutant.name for mutant in mutants]
    wrong += [f"twice: {name}" for name in set(names) if names.count(name) > 1]
    if len(mutants) < MUTANTS_MIN:
        wrong.append(f"{len(mutants)} mutants, there must be {MUTANTS_MIN}")
    spans = [(mutant.file, mutant.span()) for mutant in mutants]
    count = 0
    for file, position, line in sites():
        count += 1
        if not any(file == other and position in span for other, span in spans):
            wrong.append(f"no mutant: {file}: {line}")
    print(f"count: {count} calls that make something durable, each in a mutant")
    return wrong


class Linker:
    """Builds a test program with one source of the library replaced."""

    def __init__(self):
        self.commands = {}
        self.lock = threading.Lock()

    def ninja(self, target):
        with self.lock:
            if target not in self.commands:
                output = subprocess.run(
                    ["ninja", "-C", str(BUILD), "-t", "commands", target],
                    check=True, capture_output=True, text=True).stdout
                self.commands[target] = output.splitlines()
            return self.commands[target]

    def compile(self, mutant, source, into):
        """Compiles `source` as mutant.file would be."""
        suffix = f"{mutant.file}.o"
        for line in self.ninja("tidemark"):
            if f" -c " in line and f"/{mutant.file}" in line and suffix in line:
                break
        else:
            raise ValueError(f"{mutant.file}: not compiled")
        words = shlex.split(line)
        if "ccache" in words[0]:
            words = words[1:]
        out = words.index("-o")
        words[out + 1] = str(into)
        words[words.index("-c") + 1] = str(source)
        words = [word for word in words if not word.startswith("-W")]
        # Less to do for the compiler; a mutant lives for seconds.
        for flag in ("-MF", "-MT"):
            if flag in words:
                at = words.index(flag)
                del words[at:at + 2]
        words = [word for word in words if word not in ("-MD", "-g", "-O2")]
        return subprocess.run(words + ["-O1"], cwd=BUILD, capture_output=True,
                              text=True)

    def link(self, program, object_file, into):
        """Links `program` with `object_file` ahead of the archives."""
        line = self.ninja(f"bin/{program}")[-1]
        line = line.replace(f"-o bin/{program}", f"-o {into}")
        words = shlex.split(line.split("&&")[1])
        first = next(i for i, word in enumerate(words) if word.endswith(".a"))
        words.insert(first, str(object_file))
        # The archive has the unchanged functions; the first ones count.
        words.append("-Wl,--allow-multiple-definition")
        return subprocess.run(words, cwd=BUILD, capture_output=True, text=True)


def run(program, arguments, environment, log):
    """Whether the program succeeds."""
    try:
        return subprocess.run(
            [str(program)] + arguments, env={**os.environ, **environment},
            stdout=log, stderr=subprocess.STDOUT, timeout=KILL_SECONDS,
            cwd=BUILD).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def killer_arguments(mutant):
    scenario = {} if mutant.scenario is None else {
        "TIDEMARK_SCENARIO": mutant.scenario}
    return [mutant.test.replace(",", "\\,")], scenario


def candidates(mutant):
    """(program, arguments, environment) that may kill, the likely first."""
    module = mutant.file.split("/")[1]
    names = [module] + [m for m in MODULES + ("record",) if m != module]
    for name in names:
        yield f"{name}_tests", [], {}
    yield "crash_tests", [], {}
    yield "faults_tests", [], {}
    yield "rot_tests", [], {}
    yield "crash_tests", ["No crash breaks a promise"], {}


def build(linker, mutant, program, directory):
    source = directory / Path(mutant.file).name
    source.write_text(mutant.mutated())
    object_file = directory / "mutant.o"
    if not object_file.exists():
        done = linker.compile(mutant, source, object_file)
        if done.returncode != 0:
            return None, done.stderr
    path = directory / program
    done = linker.link(program, object_file, path)
    return (path, "") if done.returncode == 0 else (None, done.stderr)


def kill(linker, mutant):
    """Returns (killed, what to say)."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        path, error = build(linker, mutant, mutant.program, directory)
        if path is None:
            return False, "does not build:\n" + error[-2000:]
        arguments, environment = killer_arguments(mutant)
        with open(directory / "log", "w+", encoding="utf-8",
                  errors="replace") as log:
            survives = run(path, arguments, environment, log)
            log.seek(0)
            text = log.read()
        if "No test cases matched" in text or "No tests ran" in text:
            return False, f"no such test: {mutant.test}"
        return not survives, "" if not survives else "survives"


def find(linker, mutant):
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for program, arguments, environment in candidates(mutant):
            path, error = build(linker, mutant, program, directory)
            if path is None:
                return error[-2000:]
            with open(directory / "log", "w+", encoding="utf-8",
                      errors="replace") as log:
                if run(path, arguments, environment, log):
                    continue
                log.seek(0)
                text = log.read()
            lines = [line for line in text.splitlines()
                     if "violation" in line or "FAILED" in line
                     or re.match(r"^[a-z, -]+: ", line)]
            cases = re.findall(r"-{70,}\n(.+?)\n-{70,}", text, re.S)
            return f"{program}: {cases[:4]} {lines[:4]}"
        return "SURVIVES"


def main():
    arguments = sys.argv[1:]
    is_finding = "--find" in arguments
    parts = [word for word in arguments if not word.startswith("--")]
    every = read_mutants()
    wrong = check_list(every)
    if wrong:
        print("\n".join(wrong))
        return 1
    if os.environ.get("TIDEMARK_SLOW") != "1" and not is_finding and not parts:
        print(f"count: {len(every)} mutants listed")
        return 0
    mutants = [mutant for mutant in every
               if not parts or any(part in mutant.name for part in parts)]
    unseen = [mutant for mutant in mutants if mutant.program == "none"]
    if not is_finding:
        print(f"count: {len(unseen)} mutants that no test is known to see")
        mutants = [mutant for mutant in mutants if mutant not in unseen]
    programs = sorted({mutant.program for mutant in mutants} - {"none"})
    if is_finding:
        programs = sorted({program for program, _, _ in candidates(every[0])})
    subprocess.run(["ninja", "-C", str(BUILD), "tidemark"] + programs,
                   check=True, stdout=subprocess.DEVNULL)
    linker = Linker()
    survivors = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        if is_finding:
            results = pool.map(lambda m: find(linker, m), mutants)
            for mutant, text in zip(mutants, results):
                print(f"{mutant.name}: {text}", flush=True)
            return 0
        results = pool.map(lambda m: kill(linker, m), mutants)
        for mutant, (is_killed, text) in zip(mutants, results):
            survivors += not is_killed
            print(f"{'killed' if is_killed else 'ALIVE '} {mutant.name} "
                  f"({mutant.program}: {mutant.scenario or mutant.test}) {text}", flush=True)
    print(f"count: {len(mutants) - survivors} mutants killed")
    print(f"count: {survivors} mutants alive")
    is_enough = bool(parts) or len(mutants) >= MUTANTS_MIN
    return 1 if survivors or not is_enough else 0


if __name__ == "__main__":
    sys.exit(main())
