import bz2
import gzip
import io
import lzma
from functools import partial

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_logs import read
from tocsin.errors import InputError
from tocsin.formats.base import Head
from tocsin.formats.detect import detect, unrecognised
from tocsin.formats.lines import MAX_LINE_BYTES, Block, Source
from tocsin.formats.units import units

HEADER = b"time,kind,account\n"
ROW = b"2022-03-14T10:00:00Z,login,A1\n"


def noise(rows):
    """Rows that do not pack well."""
    return b"".join(b"2022-03-14T10:00:00Z,login,%x\n" % (number * 2654435761 % 2**64) for number in range(rows))


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lzma.compress, bz2.compress])
def test_unpacks_by_content_also_members_in_a_row(pack):
    reading = read(pack(HEADER + ROW) + pack(ROW * 3))
    assert reading.column("line") == [2, 3, 4, 5]
    assert reading.column("byte")[1] == len(HEADER + ROW)


@pytest.mark.parametrize(
    ("pack", "named"),
    [(gzip.compress, "gzip"), (zstandard.compress, "zstd"), (lzma.compress, "xz"), (bz2.compress, "bzip2")],
)
def test_says_that_an_archive_is_packed_twice(pack, named):
    guess = detect(Head(Source("log", io.BytesIO(gzip.compress(pack(HEADER + noise(500))))).head()))
    refused = str(unrecognised("log.gz", guess))
    assert refused.endswith(f"it is packed twice ({named} inside); unpack it once")


@pytest.mark.no_cover
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, partial(lzma.compress, preset=0), bz2.compress])
def test_what_came_before_the_end_of_a_truncated_archive_counts(pack):
    whole = HEADER + noise(60_000)
    reading = read(pack(whole)[:-50_000])
    assert reading.rejects == [(reading.lines, reading.rejects[0][1], "the archive breaks off here")]
    assert reading.events.height == reading.lines - 2 > 1_000
    assert whole[: reading.rejects[0][1]].endswith(b"\n")
    assert reading.adds_up


def test_a_corrupt_archive_counts_until_there():
    packed = bytearray(gzip.compress(HEADER + noise(50_000)))
    packed[len(packed) // 2] ^= 0xFF
    reading = read(bytes(packed))
    assert [reason for _, _, reason in reading.rejects][-1] == "the archive breaks off here"
    assert reading.events.height > 1_000


def test_zeros_after_an_archive_are_nothing():
    assert read(gzip.compress(HEADER + ROW) + b"\x00" * 1_000).rejects == []


def test_other_bytes_after_an_archive_are_one_reject():
    assert [line for line, _, _ in read(gzip.compress(HEADER + ROW) + b"rest").rejects] == [3]


@pytest.mark.parametrize(
    "data", [b"\x1f\x8b\x08 no archive", b"\x28\xb5\x2f\xfd no archive", gzip.compress(HEADER, mtime=0)[:10]]
)
def test_refuses_an_archive_of_which_nothing_comes_out(data):
    with pytest.raises(InputError, match=r"log cannot be unpacked as (gzip|zstd)"):
        read(data)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_refuses_a_bomb(pack):
    with pytest.raises(InputError, match="unpacks to more than 400 times its size"):
        read(pack(HEADER + ROW + b"a" * (200 << 20)))


def test_a_head_is_there_again_when_the_blocks_are_read():
    source = Source("log", io.BytesIO(b"\xef\xbb\xbf\x00a\n\x00b\n"))
    assert source.head() == source.head()
    with source:
        blocks = list(source.blocks())
    assert b"".join(block.text for block in blocks) == b"\x00a\n\x00b\n"
    assert blocks[0].byte == 3


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(1, 50), st.integers(1, 60))
def test_blocks_hold_every_line_at_its_place(data, size, longest):
    data = b"." + data
    source = Source("log", Slow(data))
    line, lost = 1, 0
    for block in source.blocks(size, longest):
        assert block.line == line + lost
        if block.fault:
            lost += 1
            continue
        assert data[block.byte : block.byte + len(block.text)] == block.text
        line += block.text.count(b"\n") + (not block.text.endswith(b"\n"))
    total = data.count(b"\n") + (not data.endswith(b"\n")) if data else 0
    assert line - 1 + lost == total


class Slow(io.BytesIO):
    """Gives a few bytes at a time, as a pipe may."""

    def read(self, size=-1):
        return super().read(min(7, size) if size > 0 else 7)


def test_the_hash_is_of_the_stored_bytes():
    import hashlib

    packed = gzip.compress(HEADER + ROW)
    source = Source("log", io.BytesIO(packed))
    list(source.blocks())
    assert source.sha256 == hashlib.sha256(packed).hexdigest()
    assert source.position == len(packed)


@pytest.mark.parametrize("rows", [b'2022-03-14T10:00:00Z,login,"A1\n', b""])
def test_a_record_cut_by_the_end_of_an_archive_is_rejected_too(rows):
    packed = gzip.compress(HEADER + noise(5_000) + rows + b"2022-03-14T10:00:00Z,login,A1", 0)
    reading = read(packed[:-20])
    assert [reason for _, _, reason in reading.rejects] == ["quote never closed"] * bool(rows) + [
        "the archive breaks off here"
    ]
    assert reading.adds_up


def test_json_and_strays_in_a_truncated_archive_are_accounted_for():
    from tocsin.formats.base import ReadOptions
    from tocsin.formats.strays import Stray

    good = b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1"}\n'
    packed = gzip.compress(good * 5_000, 0)[:-20]
    assert [reason for _, _, reason in read(packed).rejects] == ["the archive breaks off here"]
    [sound, broken] = Stray().read(Source("log", io.BytesIO(packed)), ReadOptions("UTC", None))
    assert (sound.lines, broken.rejects["reason"].to_list()) == (4_999, ["the archive breaks off here"])


def test_half_read_inputs_can_be_left():
    source = Source("log", io.BytesIO((HEADER + ROW) * 10_000))
    with source:
        blocks = source.blocks(100)
        assert next(blocks).line == 1
        blocks.close()


LONG = [MAX_LINE_BYTES, MAX_LINE_BYTES + 1, 40_000_000]


def access(text=b""):
    return b'10.0.0.1 - A1 [14/Mar/2022:10:00:00 +0100] "GET /%s HTTP/1.1" 200 512 "-" "M"\n' % text


def record(text=b""):
    return b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1","service":"%s"}\n' % text


def row(text=b""):
    return b"2022-03-14T10:00:00Z,login,A1,%s\n" % text


@pytest.mark.parametrize(
    ("pack", "careful"),
    [(bytes, False), (bytes, True), (lambda text: gzip.compress(text, 1), False)],
    ids=["fast", "careful", "packed"],
)
@pytest.mark.parametrize(
    ("name", "header", "unit"),
    [("combined", b"", access), ("native", b"", record), ("native", b"time,kind,account,service\n", row)],
    ids=["combined", "ndjson", "csv"],
)
@pytest.mark.no_cover
@pytest.mark.parametrize("size", LONG)
def test_loses_no_good_line_around_long_ones(name, header, unit, careful, pack, size):
    filler = b"0123456789abcdefghijklmnopqrstuvwxyz" * (size // 36 + 1)
    long = unit(filler[: size - len(unit())])
    assert len(long) == size
    goods = [unit(b"g%d" % number) for number in range(1_440)]
    text = header + b"".join(goods) + long + goods[0] * 3 + long + long + goods[1]
    reading = read(pack(text), name, careful=careful)
    lost = 3 if size > MAX_LINE_BYTES else 0
    first = len(goods) + bool(header) + 1
    assert reading.adds_up
    assert (reading.lines, reading.events.height) == (1_447 + bool(header), 1_447 - lost)
    assert [(number, reason) for number, _, reason in reading.rejects] == [
        (number, "line too long") for number in (first, first + 4, first + 5)[:lost]
    ]


@pytest.mark.parametrize("row", [ROW, ROW * 2 + b"x" * 40_000 + b"\n", b"\n"])
def test_a_plain_file_is_read_in_pieces_that_end_with_their_lines(monkeypatch, row):
    monkeypatch.setattr("tocsin.formats.archives.PIECE_BYTES", 100_000)
    data = HEADER + row * (400_000 // len(row)) + b"no end"
    pieces = list(Source("log", io.BytesIO(data)).pieces())
    assert b"".join(pieces) == data
    near = [piece.endswith(b"\n") for piece in pieces[1:-1]]
    assert len(near) > 1
    assert all(near) or len(row) > 16 << 10


@pytest.mark.parametrize("far_apart", [0, 1_000_000])
def test_lines_that_are_kept_are_copied_alike_in_runs_and_byte_by_byte(monkeypatch, far_apart):
    monkeypatch.setattr("tocsin.formats.units._FAR_APART", far_apart)
    lines = units(Block(b"a\n#\nbb\nccc\n\nd", np.array([1, 3, 6, 10, 11]), 1, 0))
    assert lines.kept(~lines.ignored) == b"a\nbb\nccc\nd"
    assert lines.stretch(~lines.ignored[1:4], 1, 4) == b"bb\nccc\n"
    assert lines.kept(lines.ignored) == b"#\n\n"
