import io

import pytest

from reading_logs import NOW, read, read_both_ways
from tocsin.errors import InputError
from tocsin.formats import by_name
from tocsin.formats.base import ReadOptions
from tocsin.formats.lines import Source

HEADER = b"time,kind,account,user_agent,patient\n"
ROW = b"2022-03-14T10:00:00+01:00,lookup,A1,Firefox,1850578006084\n"


def test_reads_columns_in_any_order_and_leaves_extra_ones_out():
    reading = read_both_ways(b"favourite_colour;account;kind;time\nblue;A1;login;2022-03-14T10:00:00Z\n")
    assert reading.column("account") == ["A1"]
    assert reading.column("patient") == [None]
    assert "favourite_colour" not in reading.events.columns


@pytest.mark.parametrize("separator", [b",", b";", b"\t"])
def test_takes_the_separator_from_the_header(separator):
    reading = read_both_ways((HEADER + ROW).replace(b",", separator))
    assert reading.column("user_agent") == ["Firefox"]


@pytest.mark.parametrize("column", ["time", "kind", "account"])
def test_refuses_a_header_without_a_needed_column_and_names_it(column):
    with pytest.raises(InputError, match=f"the header has no column '{column}'"):
        read((HEADER + ROW).replace(column.encode(), b"x"))


def test_refuses_a_file_without_a_header():
    with pytest.raises(InputError, match="no column 'time'"):
        read(b"hello\n")


def test_ignores_blank_lines_and_comments_without_shifting_the_numbers():
    reading = read_both_ways(HEADER + b"\n# a comment, with commas\n   \n" + ROW)
    assert (reading.ignored, reading.column("line"), reading.rejects) == (4, [5], [])
    assert reading.column("byte") == [len(HEADER) + 1 + len(b"# a comment, with commas\n   \n")]


def test_ignores_a_header_repeated_in_the_middle():
    reading = read_both_ways(HEADER + ROW + HEADER + ROW)
    assert (reading.events.height, reading.ignored) == (2, 2)


def test_a_line_that_begins_like_the_header_is_no_header():
    reading = read_both_ways(HEADER + ROW + b"time,lookup,A1,,\n" + ROW)
    assert (reading.column("line"), reading.ignored) == ([2, 4], 1)
    assert reading.rejects == [(3, len(HEADER) + len(ROW), "time not readable")]


def test_rejects_a_line_with_too_few_or_too_many_columns_and_says_how_many():
    reading = read_both_ways(HEADER + b"a,b\n" + ROW + b"1,2,3,4,5,6\n")
    assert reading.rejects == [
        (2, len(HEADER), "2 columns instead of 5"),
        (4, len(HEADER) + 4 + len(ROW), "6 columns instead of 5"),
    ]


def test_a_missing_field_cannot_hide_behind_a_kept_quote():
    reading = read_both_ways(HEADER + ROW + b'2022-03-14T10:00:00Z,lookup,A"1,x\n' + ROW)
    assert [reason for _, _, reason in reading.rejects] == ["4 columns instead of 5"]


def test_an_unclosed_quote_costs_its_first_line_alone():
    reading = read_both_ways(HEADER + ROW + b'2022-03-14T10:00:00Z,lookup,A2,"Fire\n' + ROW * 3)
    assert reading.rejects == [(3, len(HEADER + ROW), "quote never closed")]
    assert reading.column("line") == [2, 4, 5, 6]


def test_an_unclosed_quote_before_a_quoted_field_costs_its_line_alone():
    quoted = ROW.replace(b"Firefox", b'"Fire, fox"')
    reading = read_both_ways(HEADER + b'2022-03-14T10:00:00Z,lookup,A2,"Fire\n' + quoted * 2)
    assert [line for line, _, _ in reading.rejects] == [2]
    assert reading.column("user_agent") == ["Fire, fox"] * 2


def test_a_record_may_run_over_lines_and_counts_as_one_unit():
    reading = read_both_ways(HEADER + ROW.replace(b"Firefox", b'"Fire\n# no comment\n\nfox"') + ROW)
    assert reading.column("user_agent") == ["Fire\n# no comment\n\nfox", "Firefox"]
    assert reading.column("line") == [2, 6]
    assert (reading.lines, reading.ignored) == (3, 1)


def test_a_line_inside_a_quoted_field_is_no_event():
    forged = b'2022-03-14T10:00:00Z,lookup,A2,"\n' + ROW + b'",1850578006084\n'
    reading = read_both_ways(HEADER + forged)
    assert reading.column("account") == ["A2"]


def test_a_quoted_field_of_more_than_a_thousand_lines_is_an_unclosed_quote():
    reading = read(HEADER + b'2022-03-14T10:00:00Z,lookup,A2,"' + b"x\n" * 1500 + b'",1\n' + ROW)
    assert reading.rejects[0] == (2, len(HEADER), "quote never closed")
    assert reading.column("account") == ["A1"]
    assert reading.adds_up


def test_text_after_a_closing_quote_is_rejected():
    reading = read_both_ways(HEADER + ROW.replace(b"Firefox", b'"Fire"fox') + ROW)
    assert [reason for _, _, reason in reading.rejects] == ["text after a closing quote"]


def test_survives_a_byte_order_mark_and_windows_line_ends():
    reading = read_both_ways(b"\xef\xbb\xbf" + (HEADER + ROW).replace(b"\n", b"\r\n"))
    assert reading.column("patient") == ["1850578006084"]
    assert reading.column("byte") == [3 + len(HEADER) + 1]


def test_only_line_feeds_end_lines():
    reading = read_both_ways(HEADER + ROW.replace(b"Firefox", b"Fire\rfox\xe2\x80\xa8\x0b") + ROW)
    assert reading.column("line") == [2, 3]
    assert reading.column("user_agent")[0].startswith("Fire\rfox")


def test_reads_lines_of_invalid_utf8_as_windows_1252_and_counts_them():
    reading = read_both_ways(HEADER + ROW.replace(b"A1", b"Ren\xe9e") + ROW)
    assert (reading.column("account"), reading.repaired) == (["Renée", "A1"], 1)
    assert reading.column("byte") == [len(HEADER), len(HEADER + ROW) + 3]


def test_drops_the_nul_bytes_that_a_cut_log_begins_with():
    reading = read_both_ways(b"\x00" * 100_000 + HEADER + ROW + b"\x00")
    assert (reading.column("account"), reading.ignored) == (["A1"], 2)
    assert reading.adds_up


def test_reads_a_last_line_without_an_end():
    assert read_both_ways(HEADER + ROW.rstrip()).column("patient") == ["1850578006084"]


def test_a_header_alone_is_one_ignored_line():
    reading = read_both_ways(HEADER)
    assert (reading.lines, reading.ignored, reading.events.height) == (1, 1, 0)


def test_rejects_what_has_no_time_no_account_or_an_impossible_time():
    rows = [b",lookup,A1,,", b"yesterday,lookup,A1,,", b"1970-01-01T00:00:00Z,lookup,A1,,", b"2026-01-02T00:00:01Z,lookup,A1,,",
            b"2022-03-14T10:00:00Z,lookup,,,", b"2022-03-14T10:00:00Z,lookup, - ,,"]  # fmt: skip
    reading = read_both_ways(HEADER + b"\n".join(rows) + b"\n" + ROW)
    assert [reason for _, _, reason in reading.rejects] == [
        "no time", "time not readable", "undated", "undated", "no account", "no account",
    ]  # fmt: skip


def test_takes_an_unknown_kind_as_other_and_counts_it():
    reading = read_both_ways(
        b"time,kind,outcome,account\n2022-03-14T10:00:00Z,Fly,Maybe,A1\n2022-03-14T10:00:00Z, LOGIN ,,A1\n"
    )
    assert reading.column("kind") == ["other", "login"]
    assert reading.column("outcome") == ["unknown", "unknown"]
    assert (reading.unknown_kinds, reading.unknown_outcomes) == (1, 1)


def test_reads_numbers_and_truths_as_people_write_them():
    header = b"time,kind,account,rows,asn,bytes,break_glass,network_type,offset_minutes\n"
    rows = [b" 5,AS3215,-1,Oui,ISP,60", b"5.0,3215,12,0,moon,", b"5.5,x,12,perhaps,vpn,x"]
    reading = read_both_ways(header + b"".join(b"2022-03-14T10:00:00,other,A1," + row + b"\n" for row in rows))
    assert reading.column("rows") == [5, 5, None]
    assert reading.column("asn") == [3215, 3215, None]
    assert reading.column("bytes") == [None, 12, 12]
    assert reading.column("break_glass") == [True, False, None]
    assert reading.column("network_type") == ["isp", None, "vpn"]
    assert reading.column("offset_minutes") == [60, None, None]


def test_keeps_what_the_log_says_itself_of_region_and_automatism():
    reading = read_both_ways(b"time,kind,account,automatic,patient_region\n2022-03-14T10:00:00Z,lookup,A1,true,35\n")
    assert (reading.column("automatic"), reading.column("patient_region")) == ([True], ["35"])


def test_a_json_line_that_is_no_object_is_rejected_by_its_place():
    good = b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1"}\n'
    bad = [b"[1]\n", b'"x"\n', b"{oops\n", b'{"account": NaN}\n', b'{"rows": 1e999}\n', b"[" * 100_000 + b"\n"]
    reading = read_both_ways(good + b"".join(bad) + b"\n" + good)
    assert [reason for _, _, reason in reading.rejects] == [
        "not a JSON object", "not a JSON object", "not JSON", "not JSON", "not JSON", "JSON nested too deeply",
    ]  # fmt: skip
    assert reading.column("line") == [1, 9]
    assert reading.ignored == 1


def test_json_values_of_other_types_become_text():
    line = b'{"time":1647252000.5,"kind":"login","account":42,"rows":"7","user_agent":{"a":[1,true]},"service":1.50,"break_glass":true}\n'
    reading = read_both_ways(line)
    row = reading.events.row(0, named=True)
    assert (row["account"], row["rows"], row["user_agent"], row["service"], row["break_glass"]) == (
        "42",
        7,
        '{"a": [1, true]}',
        "1.5",
        True,
    )
    assert row["time"].isoformat() == "2022-03-14T10:00:00.500000+00:00"


def test_of_a_json_key_that_comes_twice_the_first_counts():
    reading = read_both_ways(b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1","account":"A2"}\n')
    assert reading.column("account") == ["A1"]


def test_half_a_surrogate_pair_is_replaced():
    reading = read_both_ways(
        b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A\\ud800","service":"\\ud83d\\ude00"}\n'
    )
    assert (reading.column("account"), reading.column("service")) == (["A?"], ["😀"])


def test_a_line_of_more_than_16_mib_is_rejected_without_being_kept():
    long = b"x" * (17 << 20)
    reading = read(HEADER + ROW + long + b"\n" + ROW + b'"' + long + b"\n" + ROW)
    assert [(line, reason) for line, _, reason in reading.rejects] == [(3, "line too long"), (5, "line too long")]
    assert reading.column("line") == [2, 4, 6]
    assert reading.adds_up


def test_a_line_of_100_mb_leaves_memory_alone():
    import resource

    class Long(io.RawIOBase):
        """A header, one line of 100 MB and a row, made while it is read."""

        def __init__(self):
            self.pieces = iter([HEADER, *[b"x" * (1 << 20)] * 100, b"\n" + ROW])

        def read(self, size=-1):
            return next(self.pieces, b"")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    options = ReadOptions("Europe/Paris", NOW)
    batches = list(by_name("native").read(Source("log", Long()), options))
    assert sum(batch.events.height for batch in batches) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_bad_json_lines_among_many_sound_ones_cost_only_themselves():
    good = b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1"}\n'
    lines = [good] * 3_000
    for place in (0, 1_234, 2_999):
        lines[place] = b"{oops\n"
    reading = read(b"".join(lines))
    assert [line for line, _, _ in reading.rejects] == [1, 1_235, 3_000]
    assert reading.events.height == 2_997
    assert reading.events["line"].is_sorted()


def test_json_lines_that_polars_would_merge_are_told_apart():
    good = b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1"}'
    reading = read_both_ways(good + b"\n" + good + good + b"\n" + b"\x0b\n" + good + b"\n")
    assert [line for line, _, _ in reading.rejects] == [2, 3]


def test_too_long_a_json_line_is_rejected():
    good = b'{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1"}\n'
    reading = read(good + b'{"x":"' + b"y" * (17 << 20) + b'"}\n' + good)
    assert [reason for _, _, reason in reading.rejects] == ["line too long"]
    assert reading.column("line") == [1, 3]


def test_a_record_cut_by_the_end_of_the_input_is_an_unclosed_quote():
    reading = read_both_ways(HEADER + ROW + b'2022-03-14T10:00:00Z,lookup,A2,"Fire\nfox')
    assert reading.rejects == [
        (3, len(HEADER + ROW), "quote never closed"),
        (4, len(HEADER + ROW) + 37, "1 columns instead of 5"),
    ]


def test_objects_inside_a_json_value_keep_their_order_and_their_escapes():
    inner = r'{"b": "x\\y", "a": [1e-7, "\"q\""], "k\"": "\n"}'
    line = '{"time":"2022-03-14T10:00:00Z","kind":"login","account":"A1","user_agent":' + inner + "}\n"
    reading = read_both_ways(line.encode())
    assert reading.column("user_agent") == [inner.replace("1e-7", "1e-07")]


def test_a_lone_carriage_return_makes_up_for_no_missing_separator():
    log = b"time,kind,outcome,account,patient\n2022-03-14T10:00:00Z,search,\r,A1\n2022-03-14T10:00:01Z,search,,A2,P\n"
    assert read_both_ways(log).rejects == [(2, 34, "4 columns instead of 5")]
