#!/usr/bin/env python3
"""Reads the examples of the format pages with the second reader."""

import re

import reader
from tool import ROOT, check, run_test

TIME = 1700000000000000
SECRET = bytes(range(16))


def example(page, name):
    """The bytes of a golden block, with the positions and without the comments."""
    text = (ROOT / "docs/format" / page).read_text()
    blocks = re.findall(rf"<!-- golden: {name} -->\n+```\n(.*?)```", text, re.DOTALL)
    check(len(blocks) == 1, f"{page}: {len(blocks)} examples of the name {name}")
    data = bytearray()
    for line in blocks[0].splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("@"):
            check(len(data) <= int(line[1:]), f"{page}: {name}: {line} goes back")
            data += bytes(int(line[1:]) - len(data))
        else:
            data += bytes.fromhex(line)
    return bytes(data)


def batch(name):
    """A batch of the batch page; it stands at 4096."""
    return reader.read_batch(bytes(4096) + example("batch.md", name), 4096, SECRET)


def same(what, left, right):
    check(left == right, f"{what}: {left}, not {right}")


def refused(what, call, *arguments):
    try:
        call(*arguments)
    except reader.Damage:
        return
    check(False, f"{what} is not refused")


def test_batches():
    record = reader.Record
    append = TIME + 500
    records = [
        record(41, TIME, append, None, b"hello", []),
        record(42, TIME + 1500, append, b"k", b"", []),
        record(43, TIME + 1250, append, b"k", None,
               [(b"trace", b"7"), (b"a", b""), (b"b", None)]),
        record(46, TIME + 1250, append, b"", b"x", []),
    ]
    plain = batch("plain")
    same("plain: records", plain.records, records)
    same("plain: control entries", plain.controls, [(7, b"\xab\xcd")])
    same("plain: end", plain.end, 47)
    entries = example("batch.md", "entries")
    same("entries", reader.read_entries(entries, 41, TIME, append)[0], records)
    data = example("batch.md", "plain")
    same("payload", data[96:96 + len(entries)], entries)
    for position in range(len(data)):
        flipped = bytearray(data)
        flipped[position] ^= 0x20
        refused(f"plain with a flip at {position}", reader.read_batch,
                bytes(4096) + flipped, 4096, SECRET)
        refused(f"plain cut to {position}", reader.read_batch,
                bytes(4096) + data[:position], 4096, SECRET)
    refused("a batch at another place", reader.read_batch, bytes(4104) + data, 4104, SECRET)
    refused("a batch of another segment", reader.read_batch, bytes(4096) + data, 4096,
            SECRET[::-1])
    mark = batch("mark")
    check(mark.mark and not mark.records and mark.end == 41 and mark.durable_end == 40, "mark")
    same("lz4", batch("lz4").records, [record(41, TIME, append, None, b"z" * 80, [])])
    zstd = example("batch.md", "zstd")
    same("zstd", reader.decompress(2, zstd, 82), b"\0\x50" + b"z" * 80)
    for size in (81, 83):
        refused(f"zstd of {size} bytes", reader.decompress, 2, zstd, size)
        refused(f"lz4 of {size} bytes", reader.decompress, 1,
                example("batch.md", "lz4")[96:109], size)
    refused("zstd with more behind it", reader.decompress, 2, zstd + b"\0", 82)
    for text in ("0800", "1000", "0e", "400161", "21", "040000", "008000", "0280000000",
                 "00ffffffffffffffffffff01", "0002"):
        refused(f"entry {text}", reader.read_entries, bytes.fromhex(text), 0, 0, 0)


def test_segment():
    segment = reader.read_segment(f"{41:020}.log", example("segment.md", "segment"))
    same("segment: problems", segment.problems, [])
    same("segment: values", [(r.offset, r.value) for r in segment.records],
         [(n, b"value %d " % n + b"x" * 11) for n in (41, 42, 43)])
    same("segment: batches", [(b.position, b.base_offset, b.mark) for b in segment.batches],
         [(1024, 41, False), (1168, 43, False), (1288, 44, True)])
    same("segment: index", len(segment.index), 1)
    same("segment: size", segment.size, 1608)
    check(segment.trailer is not None, "segment: no trailer")


def test_meta():
    slot, problems = reader.read_meta(example("partition_meta.md", "meta"), 3, b"\x22" * 16)
    check(problems == ["META: 4224 bytes"], f"meta: {problems}")  # zeros at the end are not shown
    same("meta", slot, reader.MetaSlot(3, b"\x22" * 16, 2, 10, 41, 43, 44, 5, 40, 4))


def test():
    test_batches()
    test_segment()
    test_meta()
    return "the examples of batch, segment and META"


run_test(test)
