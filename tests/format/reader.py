"""A reader of tidemark stores that shares no code with the library.

It is written from the pages in docs/format alone, so a difference between it and
the library is an error in the library, in a page, or here. It prefers plain code
to speed, and it reads with all checks: what it returns has passed every rule of
the pages, and every byte of a file is accounted for or named as a problem.
"""

import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path

try:
    import lz4.block
    import xxhash
    import zstandard
except ImportError as error:
    print(f"the second reader needs the Debian packages python3-xxhash, "
          f"python3-lz4 and python3-zstandard: {error}")
    sys.exit(1)

NO_TIME = -(1 << 63)
INT64_MAX = (1 << 63) - 1
BATCH_HEADER = 96
BATCH_SIZE_CAP = 16842752
PADDING_CAP = 4104
OFFSET_SPAN_MAX = (1 << 31) - 1
SEGMENT_BYTES_MAX = 64 << 30
CODECS = {0: "none", 1: "lz4", 2: "zstd"}
ZSTD_MAGIC = bytes.fromhex("28b52ffd")
ZSTD_WINDOW_MAX = 32 << 20


class Damage(Exception):
    """Bytes that break a rule of the format."""


class Newer(Exception):
    """Bytes that a later version of the library has written."""


def require(condition, what):
    if not condition:
        raise Damage(what)


def xxh3(*parts):
    return xxhash.xxh3_64_intdigest(b"".join(parts))


def u64(number):
    return struct.pack("<Q", number)


# --- entries ---------------------------------------------------------------


@dataclass
class Record:
    offset: int
    create_time: int
    append_time: int
    key: bytes | None
    value: bytes | None
    headers: list  # of pairs: name, value or None


class Payload:
    """Reads the entries of a plain payload."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        require(size <= len(self.data) - self.at, "an entry passes the payload's end")
        taken = self.data[self.at:self.at + size]
        self.at += size
        return taken

    def u8(self):
        return self.take(1)[0]

    def varint(self):
        value = 0
        for index in range(10):
            byte = self.u8()
            require(index < 9 or byte == 1, "varint above 64 bits")
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                require(byte != 0 or index == 0, "varint not in its shortest form")
                return value
        raise Damage("varint of more than 10 bytes")

    def zigzag(self):
        number = self.varint()
        return (number >> 1) ^ -(number & 1)

    def bytes(self):
        return self.take(self.varint())

    def nullable(self):
        size = self.varint()
        return None if size == 0 else self.take(size - 1)


NULL_VALUE, HAS_KEY, HAS_HEADERS, HAS_TIME_DELTA, HAS_OFFSET_GAP, CONTROL = (
    1, 2, 4, 8, 16, 32)


def wrap_i64(number):
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


def read_entries(plain, base_offset, base_time, append_time):
    """Returns records, control entries (type, bytes) and the expected offset."""
    payload = Payload(plain)
    records = []
    controls = []
    expected = base_offset
    time = base_time
    while payload.at < len(plain):
        flags = payload.u8()
        require(flags & 0xC0 == 0, "flag bits 6 and 7")
        if flags & CONTROL:
            require(flags == CONTROL, "a control entry with other flags")
            kind = payload.varint()
            controls.append((kind, payload.bytes()))
            continue
        if flags & HAS_TIME_DELTA:
            delta = payload.zigzag()
            require(delta != 0, "time delta of 0")
            time = wrap_i64(time + delta)
        if flags & HAS_OFFSET_GAP:
            gap = payload.varint()
            require(1 <= gap <= OFFSET_SPAN_MAX, "offset gap out of range")
            expected += gap
        key = payload.bytes() if flags & HAS_KEY else None
        value = None if flags & NULL_VALUE else payload.bytes()
        headers = []
        if flags & HAS_HEADERS:
            count = payload.varint()
            require(count >= 1, "header count of 0")
            for _ in range(count):
                name = payload.bytes()
                headers.append((name, payload.nullable()))
        records.append(Record(expected, time, append_time, key, value, headers))
        expected += 1
    return records, controls, expected


def decompress(codec, stored, plain_size):
    if codec == 0:
        return stored
    if codec == 1:
        try:
            plain = lz4.block.decompress(stored, uncompressed_size=plain_size)
        except lz4.block.LZ4BlockError as error:
            raise Damage(f"LZ4: {error}") from error
    else:
        require(stored[:4] == ZSTD_MAGIC, "Zstandard: no frame")
        try:
            frame = zstandard.get_frame_parameters(stored)
            require(frame.content_size == plain_size, "Zstandard: declared size")
            require(frame.dict_id == 0, "Zstandard: dictionary")
            decoder = zstandard.ZstdDecompressor(
                max_window_size=ZSTD_WINDOW_MAX).decompressobj()
            plain = decoder.decompress(stored)
            require(decoder.eof, "Zstandard: the frame does not end")
            require(not decoder.unused_data, "Zstandard: bytes behind the frame")
        except zstandard.ZstdError as error:
            raise Damage(f"Zstandard: {error}") from error
    require(len(plain) == plain_size, "decompressed size")
    return plain


# --- batches ---------------------------------------------------------------


@dataclass
class Batch:
    position: int
    size: int
    header_checksum: int
    payload_checksum: int
    payload_size: int
    plain_size: int
    base_offset: int
    durable_end: int
    base_time: int
    max_time: int
    append_time: int
    incarnation: int
    offset_span: int
    record_count: int
    attributes: int
    records: list = field(default_factory=list)
    controls: list = field(default_factory=list)

    @property
    def end(self):
        return self.base_offset + self.offset_span

    @property
    def codec(self):
        return self.attributes & 7

    @property
    def layout(self):
        return self.attributes >> 3 & 7

    @property
    def mark(self):
        return bool(self.attributes & 64)


def read_batch_header(data, position, secret):
    """Checks rules 1 to 10 of a valid batch."""
    require(position % 8 == 0, "batch position is not a multiple of 8")
    header = data[position:position + BATCH_HEADER]
    require(len(header) == BATCH_HEADER, "batch header is cut off")
    require(header[:4] == b"TMB1", "batch magic")
    (size, header_checksum, *rest, reserved) = struct.unpack("<4xIQQIIqqqqqQIIII", header)
    require(header_checksum == xxh3(secret, u64(position), header[:8], header[16:]),
            "batch header checksum")
    batch = Batch(position, size, header_checksum, *rest)
    over = size - BATCH_HEADER - batch.payload_size
    require(size % 8 == 0 and 0 <= over <= PADDING_CAP, "batch size")
    require(max(batch.payload_size, batch.plain_size) <= BATCH_SIZE_CAP, "payload above the cap")
    require(batch.attributes >> 7 == 0 and reserved == 0, "reserved bits of a batch")
    if batch.codec not in CODECS or batch.layout != 0:
        raise Newer(f"batch with codec {batch.codec}, layout {batch.layout}")
    if batch.mark:
        require(batch.attributes == 64, "attributes of a mark")
        require(batch.offset_span == batch.payload_size == batch.plain_size == 0,
                "a mark with a payload or offsets")
    else:
        require(batch.offset_span != 0 or batch.payload_size != 0, "empty batch")
    if batch.codec == 0:
        require(batch.plain_size == batch.payload_size, "plain size without compression")
    else:
        require(batch.plain_size > batch.payload_size, "plain size with compression")
    require(0 <= batch.durable_end <= batch.base_offset, "durable_end of a batch")
    require(batch.offset_span <= OFFSET_SPAN_MAX, "offset span")
    require(batch.end <= INT64_MAX, "end of the offsets")
    require(batch.record_count <= min(batch.offset_span, batch.plain_size), "record count")
    return batch


def read_batch(data, position, secret):
    """Checks all rules of a valid batch."""
    batch = read_batch_header(data, position, secret)
    require(len(data) - position >= batch.size, "batch is cut off")
    begin = position + BATCH_HEADER
    stored = bytes(data[begin:begin + batch.payload_size])
    require(xxh3(stored) == batch.payload_checksum, "payload checksum")
    require(not any(data[begin + batch.payload_size:position + batch.size]), "padding")
    plain = decompress(batch.codec, stored, batch.plain_size)
    batch.records, batch.controls, expected = read_entries(
        plain, batch.base_offset, batch.base_time, batch.append_time)
    require(len(batch.records) == batch.record_count, "record count of the payload")
    require(expected - batch.base_offset <= batch.offset_span, "offsets pass the span")
    return batch


# --- META ------------------------------------------------------------------


@dataclass
class MetaSlot:
    partition: int
    topic_id: bytes
    sequence: int
    start: int
    highest_segment: int
    durable_end: int
    clean_end: int
    clean_incarnation: int
    cut_offset: int
    cut_incarnation: int


def read_meta_slot(data, position, partition=None, topic_id=None):
    slot = data[position:position + 128]
    require(len(slot) == 128, "slot is cut off")
    require(slot[:8] == b"TMTMETA1", "slot magic")
    (version, *values, reserved, checksum) = struct.unpack("<8xII16sQqqqqQqQ24sQ", slot)
    require(checksum == xxh3(u64(position), slot[:120]), "slot checksum")
    if version > 1:
        raise Newer(f"META of version {version}")
    require(version == 1, "slot version")
    meta = MetaSlot(*values)
    require(partition is None or meta.partition == partition, "slot of another partition")
    require(topic_id is None or meta.topic_id == topic_id, "slot of another topic")
    require(meta.start >= 0 and meta.durable_end >= 0, "slot offsets")
    require(min(meta.highest_segment, meta.clean_end, meta.cut_offset) >= -1, "slot offsets")
    require(not any(reserved), "slot reserved bytes")
    return meta


def read_meta(data, partition=None, topic_id=None):
    """Returns the slot that holds, or None, and the problems of the file."""
    problems = []
    valid = []
    if len(data) != 8192:
        problems.append(f"META: {len(data)} bytes")
    for position in (0, 4096):
        page = data[position:position + 4096]
        if not any(page):
            continue  # not written yet
        try:
            valid.append(read_meta_slot(data, position, partition, topic_id))
        except Damage as error:
            problems.append(f"META: slot at {position}: {error}")
        if any(page[128:]):
            problems.append(f"META: bytes behind the slot at {position} are not zero")
    if not valid:
        problems.append("META: no valid slot")
    return max(valid, key=lambda slot: slot.sequence, default=None), problems


# --- segments --------------------------------------------------------------


@dataclass
class SegmentHeader:
    data_position: int
    store_id: bytes
    topic_id: bytes
    partition: int
    base_offset: int
    segment_id: bytes
    secret: bytes
    incarnation: int
    create_time: int


def read_segment_header(data, position):
    header = data[position:position + 128]
    require(len(header) == 128, "header is cut off")
    require(header[:8] == b"TMSEGMT1", "header magic")
    (version, data_position, store_id, topic_id, partition, reserved1, base_offset,
     segment_id, secret, incarnation, create_time, reserved2,
     checksum) = struct.unpack("<8xII16s16sIIq16s16sQqQQ", header)
    require(checksum == xxh3(header[:120]), "header checksum")
    if version > 1:
        raise Newer(f"segment of version {version}")
    require(version == 1, "header version")
    require(data_position in (1024, 4096), "data position")
    require(partition <= (1 << 31) - 1 and base_offset >= 0, "header ranges")
    require(reserved1 == 0 and reserved2 == 0, "header reserved bytes")
    return SegmentHeader(data_position, store_id, topic_id, partition, base_offset,
                         segment_id, secret, incarnation, create_time)


@dataclass
class Trailer:
    index_position: int
    index_size: int
    data_end: int
    base_offset: int
    next_offset: int
    record_count: int
    batch_count: int
    min_time: int
    max_time: int
    min_append_time: int
    max_append_time: int
    durable_end: int
    incarnation: int
    snapshot_position: int
    snapshot_size: int


def read_trailer(data, header):
    require(len(data) % 8 == 0, "file size is not a multiple of 8")
    require(len(data) >= header.data_position + 160, "no place for a trailer")
    require(len(data) <= SEGMENT_BYTES_MAX, "above 64 GiB")
    position = len(data) - 160
    raw = data[position:]
    require(raw[:8] == b"TMTRAIL1", "trailer magic")
    (*values, segment_id, reserved, checksum) = struct.unpack("<8xQQQqqQQqqqqqQQQ16sQQ", raw)
    require(checksum == xxh3(header.secret, u64(position), raw[:152]), "trailer checksum")
    require(segment_id == header.segment_id, "trailer of another segment")
    require(reserved == 0, "trailer reserved bytes")
    t = Trailer(*values)
    require(t.base_offset == header.base_offset <= t.next_offset, "trailer offsets")
    require(0 <= t.durable_end <= t.next_offset, "trailer durable_end")
    require(t.data_end % 8 == 0 and t.data_end >= header.data_position, "trailer data_end")
    require(t.record_count <= t.next_offset - t.base_offset, "trailer record_count")
    require(t.batch_count <= (t.data_end - header.data_position) // 96, "trailer batch_count")
    require((t.batch_count == 0) == (t.data_end == header.data_position), "trailer batch_count")
    require(t.index_position == t.data_end, "trailer index_position")
    entries, rest = divmod(t.index_size - 32, 32)
    require(rest == 0 and 0 <= entries <= t.data_end // 65536 + 1, "trailer index_size")
    index_end = t.index_position + t.index_size
    if t.snapshot_size == 0:
        require(t.snapshot_position == 0 and index_end == position, "trailer index end")
    else:
        require(t.snapshot_position == index_end, "trailer snapshot_position")
        require(t.snapshot_position + t.snapshot_size == position, "trailer snapshot end")
    return t


@dataclass
class IndexEntry:
    base_offset: int
    position: int
    max_time_before: int
    records_before: int


def read_index(data, header, trailer):
    begin = trailer.index_position
    block = data[begin:begin + trailer.index_size]
    require(block[:8] == b"TMGINDX1", "index magic")
    count, entry_size, reserved, checksum = struct.unpack("<8xIIQQ", block[:32])
    require(checksum == xxh3(header.secret, u64(begin), block[:24], block[32:]),
            "index checksum")
    require(entry_size == 32 and reserved == 0, "index entry size")
    require(32 + 32 * count == trailer.index_size, "index size")
    entries = [IndexEntry(*entry) for entry in struct.iter_unpack("<qQqQ", block[32:])]
    if entries:
        require(entries[0] == IndexEntry(header.base_offset, header.data_position, NO_TIME, 0),
                "first index entry")
    for before, entry in zip(entries, entries[1:]):
        require(entry.position % 8 == 0, "index position")
        require(before.position + 65536 <= entry.position < trailer.data_end, "index position")
        require(before.base_offset <= entry.base_offset <= trailer.next_offset, "index offset")
        require(before.max_time_before <= entry.max_time_before <= trailer.max_time,
                "index time")
        require(before.records_before <= entry.records_before <= trailer.record_count,
                "index records")
    return entries


@dataclass
class Segment:
    name: str
    size: int
    header: SegmentHeader | None = None
    trailer: Trailer | None = None
    index: list = field(default_factory=list)
    batches: list = field(default_factory=list)
    data_end: int = 0
    parts: list = field(default_factory=list)  # (begin, end, what), without holes
    problems: list = field(default_factory=list)

    @property
    def records(self):
        return [record for batch in self.batches for record in batch.records]

    @property
    def end(self):
        return self.batches[-1].end if self.batches else self.header.base_offset


def was_cut(batch, meta):
    if meta is None or meta.cut_offset == -1 or batch.incarnation >= meta.cut_incarnation:
        return False
    if batch.base_offset < meta.cut_offset:
        return False
    return not (batch.mark and batch.base_offset == meta.cut_offset)


def is_expected(header, name, meta):
    """Whether a header belongs to this name, and to the partition as far as META is known."""
    if meta and (header.topic_id, header.partition) != (meta.topic_id, meta.partition):
        return False
    return name == f"{header.base_offset:020}.log"


def read_segment(name, data, meta=None):
    """Reads a segment up to the first batch that is not valid."""
    segment = Segment(name, len(data))

    def problem(what):
        segment.problems.append(f"{name}: {what}")

    def part(end, what):
        begin = segment.parts[-1][1] if segment.parts else 0
        if end > begin:
            segment.parts.append((begin, end, what))

    headers = []
    for position in (0, 512):
        try:
            headers.append(read_segment_header(data, position))
        except Damage as error:
            problem(f"header at {position}: {error}")
    if not headers:
        return segment
    header = headers[0]
    if headers[-1] != header:
        problem("the two headers differ")
        if not is_expected(header, name, meta) and is_expected(headers[-1], name, meta):
            header = headers[-1]
    segment.header = header
    if name != f"{header.base_offset:020}.log":
        problem(f"the header says base offset {header.base_offset}")
    part(128, "header")
    part(512, "zeros")
    part(640, "copy of the header")
    part(header.data_position, "zeros")
    for begin, end, what in segment.parts:
        if what == "zeros" and any(data[begin:end]):
            problem(f"bytes {begin} to {end} are not zero")

    try:
        segment.trailer = read_trailer(data, header)
    except Damage as error:
        if data[-160:][:8] == b"TMTRAIL1":
            problem(f"trailer: {error}")
    limit = segment.trailer.data_end if segment.trailer else len(data)

    position = header.data_position
    offset = header.base_offset
    incarnation = 0
    body = data[:limit]
    while position < limit:
        try:
            batch = read_batch(body, position, header.secret)
            require(batch.base_offset == offset, "batch does not begin where the last one ends")
            require(batch.incarnation >= incarnation, "incarnation goes down")
            require(not was_cut(batch, meta), "batch was cut away")
        except Damage as error:
            if segment.trailer or any(data[position:]):
                problem(f"position {position}, offset {offset}: {error}")
            break
        segment.batches.append(batch)
        position += batch.size
        offset = batch.end
        incarnation = batch.incarnation
        part(position, "mark" if batch.mark else "batch")
    segment.data_end = position

    trailer = segment.trailer
    if trailer is None:
        if not any(data[position:]):
            part(len(data), "reserved zeros")
    elif position == limit:
        try:
            segment.index = read_index(data, header, trailer)
            part(trailer.index_position + trailer.index_size, "index")
        except Damage as error:
            problem(f"index: {error}")
        else:
            part(trailer.snapshot_position + trailer.snapshot_size, "snapshot")
            part(len(data), "trailer")
            segment.problems += [f"{name}: {what}" for what in broken_promises(segment)]
    if not segment.parts or segment.parts[-1][1] != len(data):
        problem(f"bytes from {segment.parts[-1][1]} are not accounted for")
    return segment


def broken_promises(segment):
    """Compares trailer and index of a sealed segment with its batches."""
    batches = segment.batches
    timed = [batch for batch in batches if not batch.mark]
    trailer = segment.trailer
    expected = {
        "next_offset": segment.end,
        "record_count": sum(batch.record_count for batch in batches),
        "batch_count": len(batches),
        "min_time": min((batch.base_time for batch in timed), default=NO_TIME),
        "max_time": max((batch.max_time for batch in timed), default=NO_TIME),
        "min_append_time": min((batch.append_time for batch in timed), default=NO_TIME),
        "max_append_time": max((batch.append_time for batch in timed), default=NO_TIME),
        "incarnation": batches[-1].incarnation if batches else segment.header.incarnation,
    }
    for name, value in expected.items():
        if getattr(trailer, name) != value:
            yield f"trailer {name} is {getattr(trailer, name)}, the batches say {value}"
    if batches and trailer.durable_end < max(batch.durable_end for batch in batches):
        yield "trailer durable_end is below that of a batch"
    index = []
    time, records = NO_TIME, 0
    for batch in batches:
        if not index or batch.position >= index[-1].position + 65536:
            index.append(IndexEntry(batch.base_offset, batch.position, time, records))
        if not batch.mark:
            time = max(time, batch.max_time)
        records += batch.record_count
    if index != segment.index:
        yield "index does not describe the batches"
    for batch in timed:
        if any(record.create_time > batch.max_time for record in batch.records):
            yield f"max_time of the batch at {batch.position} is too low"


# --- partitions ------------------------------------------------------------


@dataclass
class Partition:
    meta: MetaSlot | None
    segments: list
    start: int
    end: int
    records: list
    problems: list


def is_segment_name(name):
    digits = name[:-4]
    return (name.endswith(".log") and len(digits) == 20 and digits.isascii()
            and digits.isdigit() and int(digits) <= INT64_MAX)


def read_partition(directory, number=None, topic_id=None, store_id=None):
    """Reads a partition up to its first damage."""
    directory = Path(directory)
    meta, problems = read_meta((directory / "META").read_bytes(), number, topic_id)
    segments = []
    for path in sorted(directory.iterdir()):
        if path.name == "META":
            continue
        if not is_segment_name(path.name) or not path.is_file() or path.is_symlink():
            problems.append(f"{path.name}: does not belong to the partition")
            continue
        segment = read_segment(path.name, path.read_bytes(), meta)
        header = segment.header
        if header is None:
            if meta and int(path.name[:20]) > meta.highest_segment:
                continue  # was being created
        elif ((meta and (header.topic_id, header.partition) != (meta.topic_id, meta.partition))
              or (store_id and header.store_id != store_id)
              or header.base_offset != int(path.name[:20])):
            problems.append(f"{path.name}: stranger")
            continue
        elif (meta and meta.cut_offset != -1 and header.base_offset > meta.cut_offset
              and header.incarnation < meta.cut_incarnation):
            continue  # was removed
        store_id = store_id or (header and header.store_id)
        segments.append(segment)
        problems += segment.problems

    readable = [segment for segment in segments if segment.header]
    start = meta.start if meta else (readable[0].header.base_offset if readable else 0)
    durable = start
    if meta:
        durable = max(meta.start, meta.highest_segment, meta.durable_end, meta.clean_end)
        if meta.highest_segment >= 0 and meta.highest_segment not in [
                segment.header.base_offset for segment in readable]:
            problems.append(f"segment {meta.highest_segment} is missing")
            durable = max(durable, meta.highest_segment + 1)
    records = []
    end = None
    for segment, following in zip(readable, readable[1:] + [None]):
        base = segment.header.base_offset
        if end is None and base > start:
            problems.append(f"gap [{start}, {base})")
        if following and segment.end < following.header.base_offset:
            problems.append(f"gap [{segment.end}, {following.header.base_offset})")
        limit = following.header.base_offset if following else INT64_MAX
        records += [r for r in segment.records if start <= r.offset < limit]
        end = segment.end
        for batch in segment.batches:
            durable = max(durable, batch.durable_end)
        if segment.trailer:
            durable = max(durable, segment.trailer.durable_end)
    end = max(start, end if end is not None else start)
    if end < durable:
        problems.append(f"the log ends at {end}, but was durable up to {durable}")
    if meta and meta.clean_end not in (-1, end):
        problems.append(f"the log ends at {end}, and was closed at {meta.clean_end}")
    return Partition(meta, segments, start, end, records, problems)
