#!/usr/bin/env python3
"""Compares the second reader with the command-line tool.

Stores of each kind are made with the tool. Then every file is read with
reader.py, and records and batches are compared with what the tool prints. After
that bytes are flipped, and both have to notice.
"""

import random
import subprocess
import tempfile
import time
from pathlib import Path

import reader
from tool import TIDEMARK, check, consume, copy_store, dump, run_test, tidemark


def batch_facts(batch):
    return (batch.position, batch.size, batch.base_offset, batch.end, batch.mark,
            batch.record_count, reader.CODECS[batch.codec], batch.payload_size,
            batch.plain_size, batch.durable_end, batch.incarnation, batch.append_time,
            batch.payload_checksum)


def compare(store, topic, partitions):
    """Reads a whole topic twice; returns the partitions as reader.py sees them."""
    printed = consume(store, topic)
    result = []
    for number in range(partitions):
        place = f"{topic}/{number}"
        mine = reader.read_partition(store / "topics" / topic / str(number), number)
        check(not mine.problems, f"{place}: {mine.problems}")
        theirs = printed.get(number, [])
        for left, right in zip(mine.records, theirs):
            check(left == right, f"{place}: the reader has {left}, the tool {right}")
        check(len(mine.records) == len(theirs),
              f"{place}: the reader has {len(mine.records)} records, the tool {len(theirs)}")
        dumped = dump(store, topic, number)
        check([segment.name for segment in mine.segments] == sorted(dumped),
              f"{place}: segments {sorted(dumped)}")
        for segment in mine.segments:
            facts, batches = dumped[segment.name]
            check(facts == [segment.header.base_offset, segment.end, len(segment.records),
                            len(segment.batches), "sealed" if segment.trailer else "open",
                            segment.data_end, segment.size],
                  f"{place}/{segment.name}: the tool says {facts}")
            for left, right in zip(map(batch_facts, segment.batches), batches):
                check(left == right, f"{place}/{segment.name}: batch: reader {left}, tool {right}")
            check(len(segment.batches) == len(batches), f"{place}/{segment.name}: batch count")
            covered = [0] + [end for _, end, _ in segment.parts]
            check(covered[:-1] == [begin for begin, _, _ in segment.parts]
                  and covered[-1] == segment.size, f"{place}/{segment.name}: {segment.parts}")
        result.append(mine)
    check(not set(printed) - set(range(partitions)), f"{topic}: partitions {set(printed)}")
    return result


def many_lines(count, seed):
    random_bytes = random.Random(seed)
    lines = []
    for number in range(count):
        key = b"NULL" if number % 11 == 0 else b"" if number % 13 == 0 else b"k%d" % (number % 97)
        value = (b"NULL" if number % 17 == 0 else b"" if number % 19 == 0 else
                 b"record %d %d " % (number, random_bytes.getrandbits(90)) * (number % 6))
        if number % 101 == 0:
            value = bytes(byte for byte in random_bytes.randbytes(300) if byte != 10)
        lines.append(key + b"\t" + value + b"\n")
    return lines


def make_topic(store, name, partitions, count, *options):
    """Fills a topic in several runs; returns what went in."""
    tidemark("create", store, name, "--partitions", partitions, *options)
    lines = many_lines(count, name)
    for part in (lines[:count // 3], lines[count // 3:-5], lines[-5:]):
        tidemark("produce", store, name, "--separator", "\t", "--null", "NULL",
                 stdin=b"".join(part))
    pairs = [line[:-1].split(b"\t", 1) for line in lines]
    return sorted(tuple(b"" if part is None else part + b"." for part in (
        None if key == b"NULL" else key, None if value == b"NULL" else value))
        for key, value in pairs)


def whole_topics(store):
    """Topics of every compression with several sealed segments."""
    records = segments = entries = 0
    for name, options in {
            "none": ("--compression", "none", "--segment-bytes", "256K",
                     "--batch-bytes", "1K"),
            "lz4": ("--compression", "lz4", "--segment-bytes", "64K", "--batch-bytes", "4K"),
            "zstd": ("--compression", "zstd", "--segment-bytes", "128K"),
            }.items():
        put = make_topic(store, name, 3, 12000, *options)
        read = compare(store, name, 3)
        got = [record for partition in read for record in partition.records]
        check(sorted(tuple(b"" if part is None else part + b"." for part in (r.key, r.value))
                     for r in got) == put, f"{name}: other records than were put in")
        every = [segment for partition in read for segment in partition.segments]
        batches = [batch for segment in every for batch in segment.batches]
        check(any(batch.mark for batch in batches), f"{name}: no mark")
        check(any(segment.trailer for segment in every), f"{name}: no sealed segment")
        check(len({batch.incarnation for batch in batches}) == 3, f"{name}: incarnations")
        if name != "none":
            check(any(batch.codec for batch in batches), f"{name}: nothing is compressed")
        records += len(got)
        segments += len(every)
        entries = max([entries] + [len(segment.index) for segment in every])
    check(entries > 2, "no index with several entries")
    return records, segments


def running_writer(folder):
    """A store that has a writer: reserved space, and no clean end in META."""
    store = folder / "running"
    tidemark("create", store, "t", "--partitions", 2)
    lines = many_lines(500, "running")
    with subprocess.Popen([TIDEMARK, "produce", store, "t", "--separator", "\t"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as writer:
        try:
            writer.stdin.write(b"".join(lines))
            writer.stdin.flush()
            for _ in range(200):
                if sum(map(len, consume(store, "t").values())) == len(lines):
                    break
                time.sleep(0.05)
            copy = copy_store(store, folder / "copied")
        finally:
            writer.kill()
    read = compare(copy, "t", 2)
    check(sum(len(partition.records) for partition in read) == len(lines),
          "not all records of the running writer are there")
    check(all(partition.meta.clean_end == -1 for partition in read), "clean_end is set")
    check(any(what == "reserved zeros" for partition in read for segment in partition.segments
              for _, _, what in segment.parts), "no reserved space behind the data")


def small_sealed(folder, compression):
    """A store of one small sealed segment and one open one."""
    store = folder / f"small_{compression}"
    tidemark("create", store, "t", "--compression", compression, "--segment-bytes", "2048")
    for number in range(20):
        text = b"".join(b"k%d\tvalue %d %s\n" % (i, number, b"x" * 60) for i in range(3))
        tidemark("produce", store, "t", "--separator", "\t", stdin=text)
        if number >= 2 and len(dump(store, "t", 0)) >= 2:
            break
        time.sleep(0.05)
    whole = compare(store, "t", 1)[0]
    check(whole.segments[0].trailer, "no segment is sealed for its size")
    codecs = {reader.CODECS[batch.codec] for segment in whole.segments
              for batch in segment.batches if not batch.mark}
    check(codecs == {compression}, f"batches of codec {codecs}, not {compression}")
    return store, whole


def part_at(segment, position):
    for begin, end, what in segment.parts:
        if begin <= position < end:
            if what == "batch" and position - begin >= reader.BATCH_HEADER:
                return "payload"
            return what
    raise AssertionError(position)


def flips(folder, compression):
    """Flips bytes of each structure of a segment and of META."""
    store, whole = small_sealed(folder, compression)
    directory = store / "topics/t/0"
    original = {record.offset: record for record in whole.records}
    seen = set()
    quiet = set()
    choose = random.Random(compression)
    for segment in whole.segments:
        path = directory / segment.name
        data = path.read_bytes()
        for position in range(len(data)):
            flipped = bytearray(data)
            flipped[position] ^= 1 << choose.randrange(8)
            part = part_at(segment, position)
            if part not in ("zeros",) or position % 16 == 0:
                again = reader.read_segment(segment.name, bytes(flipped), whole.meta)
                check(again.problems, f"{segment.name}: flip at {position}: {part}: no problem")
                for record in again.records:
                    check(record == original[record.offset], f"flip at {position}: {record}")
                seen.add(part)
            if position % 97 == 0 or position in [begin for begin, _, _ in segment.parts]:
                path.write_bytes(flipped)
                report = tidemark("verify", store, status=(0, 1)).decode()
                if "DAMAGE" not in report and "note" not in report:
                    quiet.add(part)
                for record in consume(store, "t", "--skip-damage", status=(0, 1)).get(0, []):
                    check(record == original[record.offset], f"tool, flip at {position}: {record}")
                path.write_bytes(data)
    meta = (directory / "META").read_bytes()
    for position in [*range(0, 160), *range(4096, 4096 + 160)]:
        flipped = bytearray(meta)
        flipped[position] ^= 1 << choose.randrange(8)
        slot, problems = reader.read_meta(bytes(flipped))
        check(slot and problems, f"META: no problem with a flip at {position}")
    wanted = {"header", "zeros", "copy of the header", "batch", "payload", "mark", "index",
              "trailer"}
    check(seen == wanted, f"flips: {seen}")
    check(not quiet, f"verify does not notice a flip in: {quiet}")


def lost_tail(folder):
    """Where the last records are cut off cleanly only META tells of them."""
    store, whole = small_sealed(folder, "none")
    segment, batch = [(segment, batch) for segment in whole.segments
                      for batch in segment.batches if batch.records][-1]
    path = store / "topics/t/0" / segment.name
    path.write_bytes(path.read_bytes()[:batch.position])
    check(reader.read_partition(path.parent, 0).problems, "a lost batch is not noticed")
    check(b"DAMAGE" in tidemark("verify", store, status=(1,)), "verify: a lost batch")


def test():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        records, segments = whole_topics(folder / "whole")
        running_writer(folder)
        for compression in ("none", "lz4", "zstd"):
            part = folder / compression
            part.mkdir()
            flips(part, compression)
        lost_tail(folder)
        return f"{records} records in {segments} segments are the same for both readers"


run_test(test)
