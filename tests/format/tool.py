"""Runs the command-line tool and reads what it prints."""

import base64
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from reader import Damage, Newer, Record

ROOT = Path(__file__).resolve().parents[2]
TIDEMARK = Path(os.environ.get("TIDEMARK_TEST_BIN_DIR", ROOT / "build/dev/bin")) / "tidemark"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


def run_test(test):
    """Runs test, prints a line, and ends the program with 0 or 1."""
    if not TIDEMARK.is_file():
        print(f"FAILED: {TIDEMARK} is not built")
        sys.exit(1)
    try:
        print(f"passed: {test()}")
    except (Failure, Damage, Newer, OSError) as failure:
        print(f"FAILED: {type(failure).__name__}: {failure}")
        sys.exit(1)


def tidemark(*arguments, stdin=b"", status=(0,)):
    done = subprocess.run([TIDEMARK, *map(str, arguments)], input=stdin,
                          capture_output=True, check=False)
    check(done.returncode in status,
          f"tidemark {' '.join(map(str, arguments))}: status {done.returncode}: "
          f"{done.stderr.decode(errors='replace')}{done.stdout[-400:].decode(errors='replace')}")
    return done.stdout


def microseconds(text):
    return (datetime.datetime.fromisoformat(text) - EPOCH) // datetime.timedelta(microseconds=1)


def either(values, name):
    """A field of the JSON form: text, or base64 under a name of its own."""
    if name + "_base64" in values:
        return base64.b64decode(values[name + "_base64"], validate=True)
    value = values[name]
    return None if value is None else value.encode()


def parse_record(line):
    values = json.loads(line)
    return values["partition"], Record(
        values["offset"], microseconds(values["create_time"]),
        microseconds(values["append_time"]), either(values, "key"), either(values, "value"),
        [(either(header, "name"), either(header, "value")) for header in values["headers"]])


def consume(store, topic, *options, status=(0,)):
    """Returns the records that the tool prints, by partition."""
    records = {}
    output = tidemark("consume", store, topic, "--format", "json", *options, status=status)
    for line in output.splitlines():
        partition, record = parse_record(line)
        records.setdefault(partition, []).append(record)
    return records


BATCH_LINE = re.compile(
    r"  batch at (\d+)  (\d+) B  offsets \[(\d+), (\d+)\)  (?:(\d+) records?  codec (\w+)  "
    r"payload (\d+) B of (\d+)|(mark))  durable (\d+)  incarnation (\d+)  "
    r"appended (\S+)  checksum ([0-9a-f]{16})")
SEGMENT_LINE = re.compile(
    r"  offsets \[(\d+), (\d+)\)  (\d+) records? in (\d+) batch(?:es)?  (\w+)")
SIZE_LINE = re.compile(r"  data end (\d+)  file size (\d+)")


def dump(store, topic, partition):
    """Returns {file name: (facts of the segment, facts of its batches)}."""
    segments = {}
    for line in tidemark("dump", store, topic, partition, "--level", "batch").decode().splitlines():
        if not line.startswith(" "):
            facts, batches = segments.setdefault(line.rsplit("/", 1)[-1], ([], []))
        elif match := BATCH_LINE.fullmatch(line):
            position, size, begin, end, count, codec, stored, plain, mark, durable, \
                incarnation, appended, checksum = match.groups()
            batches.append((
                int(position), int(size), int(begin), int(end), bool(mark), int(count or 0),
                codec or "none", int(stored or 0), int(plain or 0), int(durable),
                int(incarnation), microseconds(appended), int(checksum, 16)))
        elif match := SEGMENT_LINE.fullmatch(line):
            facts += [*map(int, match.groups()[:4]), match.group(5)]
        elif match := SIZE_LINE.fullmatch(line):
            facts += map(int, match.groups())
        else:
            check(line.startswith(("  id ", "  create times ")), f"dump: unknown line: {line}")
    return segments


def copy_store(source, target):
    shutil.copytree(source, target)
    return target
