"""How many examples a test makes up: few on every run, many more where somebody asks (`make fuzz`)."""

import os

TIMES = float(os.environ.get("FUZZ", "1"))


def examples(usual):
    """Give the number of examples: the usual one, times what the environment variable FUZZ says."""
    return max(1, round(usual * TIMES))
