#!/usr/bin/env python3
"""Reads a store that an earlier build wrote, with the reader and with the tool.

data/store_v1.hex holds the files of the store as hexadecimal digits without the
zeros; data/store_v1.json holds what is in it. Both stay as they are for as long
as version 1 of the formats is read. `golden_test.py --make` shows how they were
made: it needs a new name for a new version.
"""

import base64
import json
import sys
import tempfile
import time
from pathlib import Path

import reader
from tool import check, consume, dump, run_test, tidemark

DATA = Path(__file__).resolve().parent / "data"
HEX = DATA / "store_v1.hex"
JSON = DATA / "store_v1.json"


def pack(store):
    """The files of a directory as text."""
    lines = []
    for path in sorted(store.rglob("*")):
        name = path.relative_to(store)
        if path.is_dir():
            lines.append(f"directory {name}")
            continue
        data = path.read_bytes()
        lines.append(f"file {name} {len(data)}")
        for at in range(0, len(data), 32):
            if any(data[at:at + 32]):
                lines.append(f"@{at} {data[at:at + 32].hex(' ', 8)}")
    return "\n".join(lines) + "\n"


def unpack(text, store):
    store.mkdir(mode=0o700)
    path = data = None
    for line in [*text.splitlines(), "end"]:
        word, _, rest = line.partition(" ")
        if word.startswith("@"):
            part = bytes.fromhex(rest)
            at = int(word[1:])
            check(at + len(part) <= len(data), f"{HEX.name}: {path} is longer than it says")
            data[at:at + len(part)] = part
            continue
        if path:
            path.write_bytes(data)
            path.chmod(0o600)
            path = None
        if word == "directory":
            (store / rest).mkdir(mode=0o700)
        elif word == "file":
            name, size = rest.rsplit(" ", 1)
            path, data = store / name, bytearray(int(size))


def as_json(value):
    return None if value is None else base64.b64encode(value).decode()


def record_content(record):
    return [record.offset, record.create_time, record.append_time, as_json(record.key),
            as_json(record.value),
            [[as_json(name), as_json(value)] for name, value in record.headers]]


def content(store):
    """What reader.py finds in a store, except for ids and checksums."""
    result = {}
    for topic in sorted((store / "topics").iterdir()):
        for directory in sorted(path for path in topic.iterdir() if path.is_dir()):
            partition = reader.read_partition(directory, int(directory.name))
            check(not partition.problems, f"{directory}: {partition.problems}")
            meta = {name: value for name, value in vars(partition.meta).items()
                    if name != "topic_id"}
            segments = []
            for segment in partition.segments:
                segments.append({
                    "name": segment.name,
                    "parts": [list(part) for part in segment.parts],
                    "trailer": segment.trailer and vars(segment.trailer),
                    "index": [list(vars(entry).values()) for entry in segment.index],
                    "batches": [
                        [batch.position, batch.base_offset, batch.end, batch.record_count,
                         reader.CODECS[batch.codec], batch.payload_size, batch.plain_size,
                         batch.durable_end, batch.incarnation, batch.mark]
                        for batch in segment.batches]})
            result[f"{topic.name}/{directory.name}"] = {
                "meta": meta, "start": partition.start, "end": partition.end,
                "segments": segments,
                "records": [record_content(record) for record in partition.records]}
    return result


def to_text(partitions):
    """JSON with one record, batch or part a line."""
    text = json.dumps(partitions, indent=1)
    lines = []
    depth = 0  # of lists within a row
    for line in text.splitlines():
        bare = line.strip()
        if depth:
            lines[-1] += bare + (" " if bare.endswith(",") else "")
            depth += bare.count("[") - bare.count("]") if bare[0] != '"' else (
                bare.endswith("["))
        else:
            lines.append(line)
            depth = int(bare == "[")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def make():
    """Makes both files with the tool."""
    with tempfile.TemporaryDirectory() as name:
        store = Path(name) / "store"
        topics = {"plain": ("--partitions", 2), "packed_lz4": ("--compression", "lz4"),
                  "packed_zstd": ("--compression", "zstd")}
        for topic, options in topics.items():
            tidemark("create", store, topic, "--segment-age", "1ms", *options)
            for run in range(3):
                lines = [b"key %d\tvalue %d of run %d %s\n" % (i % 4, i, run, b"ab" * (9 * i))
                         for i in range(6)]
                lines += [b"NULL\tvalue without key\n", b"key 1\tNULL\n", b"\tempty key\n",
                          b"key 2\t\n", b"\xff\x00\xfe\t\x80\x81\r\n"]
                tidemark("produce", store, topic, "--separator", "\t", "--null", "NULL",
                         stdin=b"".join(lines))
                time.sleep(0.05)
        DATA.mkdir(exist_ok=True)
        HEX.write_text(pack(store))
        JSON.write_text(to_text(content(store)))


def test():
    expected = json.loads(JSON.read_text())
    with tempfile.TemporaryDirectory() as name:
        store = Path(name) / "store"
        unpack(HEX.read_text(), store)
        before = pack(store)
        check(before == HEX.read_text(), f"{HEX.name} does not come out as it went in")
        found = json.loads(json.dumps(content(store)))
        for place in sorted({*expected, *found}):
            for part in ("meta", "start", "end", "segments", "records"):
                left = expected.get(place, {}).get(part)
                right = found.get(place, {}).get(part)
                check(left == right, f"{place}: {part}: expected {left}, the reader has {right}")
        count = 0
        for topic in sorted({place.split("/")[0] for place in expected}):
            printed = consume(store, topic)
            for place in (place for place in expected if place.split("/")[0] == topic):
                number = int(place.split("/")[1])
                records = [json.loads(json.dumps(record_content(record)))
                           for record in printed.get(number, [])]
                check(records == expected[place]["records"],
                      f"{place}: the tool has {records}")
                names = [segment["name"] for segment in expected[place]["segments"]]
                check(sorted(dump(store, topic, number)) == names, f"{place}: dump")
                count += len(records)
        tidemark("verify", store)
        check(pack(store) == before, "reading has changed the store")
        return f"{count} records of version 1"


if sys.argv[1:] == ["--make"]:
    make()
else:
    run_test(test)
