"""What the tests of readers do to a sound log: cut pieces out, double it, put odd bytes in."""

from hypothesis import strategies as st

SPICE = st.sampled_from(
    [b'"', b'""', b",", b";", b" ", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xc3\xa9", b"#", b"\\", b'\\"', b"[", b"]", b"{", b"}",
     b"\xef\xbb\xbf", b"\t", b":", b"2022", b"-", b"\\ud800", b"\xc2\x85", b"\xe2\x80\xa8", b"\x0b",
     b"\n#Fields: time c-ip cs-username cs-uri-stem sc-status\n"]
)  # fmt: skip

BLOCKS = st.tuples(st.tuples(st.booleans(), st.integers(60, 600)))
"""Whether to read carefully, and bytes read at once: a block may end anywhere in a unit."""


@st.composite
def mutated(draw, log):
    """A sound log with pieces cut out, doubled, and odd bytes put in."""
    data = draw(st.sampled_from([log, log * 3]))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.one_of(st.just(0), st.integers(0, 40)))
        data = data[:at] + draw(st.one_of(SPICE, st.binary(max_size=3), st.just(b""))) + data[at + cut :]
    return data
