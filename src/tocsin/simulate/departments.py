"""The departments of France: how many live there, and which touch."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# code  thousand inhabitants (rounded, INSEE 2021)  neighbours
_TABLE = """
01 663 38 39 69 71 73 74
02 527 08 51 59 60 77 80
03 335 18 23 42 58 63 71
04 166 05 06 13 26 83 84
05 141 04 26 38 73
06 1104 04 83
07 332 26 30 38 42 43 48 84
08 268 02 51 55
09 155 11 31 66
10 311 21 51 52 77 89
11 378 09 31 34 66 81
12 280 15 30 34 46 48 81 82
13 2057 04 30 83 84
14 699 27 50 61 76
15 144 12 19 43 46 48 63
16 351 17 24 79 86 87
17 661 16 24 33 79 85
18 301 03 23 36 41 45 58
19 239 15 23 24 46 63 87
2A 162 2B
2B 184 2A
21 536 10 39 52 58 70 71 89
22 609 29 35 56
23 115 03 18 19 36 63 87
24 414 16 17 19 33 46 47 87
25 548 39 70 90
26 521 04 05 07 38 84
27 601 14 28 60 61 76 78 95
28 431 27 41 45 61 72 78 91
29 921 22 56
30 756 07 12 13 34 48 84
31 1434 09 11 32 65 81 82
32 192 31 40 47 64 65 82
33 1655 17 24 40 47
34 1201 11 12 30 81
35 1099 22 44 49 50 53 56
36 217 18 23 37 41 86 87
37 614 36 41 49 72 86
38 1284 01 05 07 26 42 69 73
39 259 01 21 25 70 71
40 423 32 33 47 64
41 328 18 28 36 37 45 72
42 769 03 07 38 43 63 69 71
43 228 07 15 42 48 63
44 1457 35 49 56 85
45 682 18 28 41 58 77 89 91
46 175 12 15 19 24 47 82
47 331 24 32 33 40 46 82
48 77 07 12 15 30 43
49 821 35 37 44 53 72 79 85 86
50 495 14 35 53 61
51 563 02 08 10 52 55 77
52 169 10 21 51 55 70 88
53 306 35 49 50 61 72
54 732 55 57 67 88
55 181 08 51 52 54 88
56 771 22 29 35 44
57 1049 54 67
58 202 03 18 21 45 71 89
59 2611 02 62 80
60 830 02 27 76 77 80 95
61 276 14 27 28 50 53 72
62 1461 59 80
63 662 03 15 19 23 42 43
64 693 32 40 65
65 231 31 32 64
66 487 09 11
67 1152 54 57 68 88
68 767 67 88 90
69 1895 01 38 42 71
70 233 21 25 39 52 88 90
71 549 01 03 21 39 42 58 69
72 566 28 37 41 49 53 61
73 443 01 05 38 74
74 842 01 73
75 2134 92 93 94
76 1256 14 27 60 80
77 1438 02 10 45 51 60 89 91 93 94 95
78 1456 27 28 91 92 95
79 375 16 17 49 85 86
80 566 02 59 60 62 76
81 393 11 12 31 34 82
82 264 12 31 32 46 47 81
83 1095 04 06 13 84
84 563 04 07 13 26 30 83
85 693 17 44 49 79
86 439 16 36 37 49 79 87
87 372 16 19 23 24 36 86
88 360 52 54 55 67 68 70 90
89 334 10 21 45 58 77
90 139 25 68 70 88
91 1313 28 45 77 78 92 94
92 1635 75 78 91 93 94 95
93 1668 75 77 92 94 95
94 1415 75 77 91 92 93
95 1256 27 60 77 78 92 93
971 384 972
972 361 971
973 287 971 972
974 871 976
976 300 974
"""

# Hours that a wall clock there is ahead of Paris in winter (no summer time overseas).
_AHEAD = {"971": -5, "972": -5, "973": -4, "974": 3, "976": 2}

_CAPITAL = ("75", "77", "78", "91", "92", "93", "94", "95")


@dataclass(frozen=True, slots=True)
class Departments:
    """Columns of the table, one element a department in the table's order."""

    codes: tuple[str, ...]
    inhabitants: NDArray[np.int64]
    neighbours: NDArray[np.int64]  # a row a department: places in the table, repeated to fill the row
    neighbour_counts: NDArray[np.int64]
    born_place: NDArray[np.int64]  # the department's part of the five place digits of a NIR
    letter: NDArray[np.bool_]  # Corsica: 2A and 2B
    overseas: NDArray[np.bool_]  # three-digit code, two-digit town
    hours_ahead: NDArray[np.int64]
    capital: NDArray[np.bool_]

    def index(self, code: str) -> int:
        """Say where a department stands in the table; ValueError for one that is not there."""
        return self.codes.index(code)


def _read() -> Departments:
    rows = [line.split() for line in _TABLE.split("\n") if line]
    codes = tuple(row[0] for row in rows)
    widest = max(len(row) - 2 for row in rows)
    touching = [[codes.index(code) for code in row[2:]] for row in rows]
    filled = [(near * widest)[:widest] for near in touching]
    # The key of a Corsican NIR counts 2A as 19 and 2B as 18 (arrete of 3 March 1980); the letter is kept apart.
    digits = [{"2A": 19, "2B": 18}.get(code) or int(code) for code in codes]
    return Departments(
        codes=codes,
        inhabitants=np.array([int(row[1]) * 1000 for row in rows], np.int64),
        neighbours=np.array(filled, np.int64),
        neighbour_counts=np.array([len(near) for near in touching], np.int64),
        born_place=np.array(
            [number * (100 if len(code) == 3 else 1000) for number, code in zip(digits, codes, strict=True)], np.int64
        ),
        letter=np.array([code in {"2A", "2B"} for code in codes]),
        overseas=np.array([len(code) == 3 for code in codes]),
        hours_ahead=np.array([_AHEAD.get(code, 0) for code in codes], np.int64),
        capital=np.array([code in _CAPITAL for code in codes]),
    )


DEPARTMENTS = _read()
