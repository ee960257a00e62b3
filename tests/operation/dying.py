"""Runs tocsin and kills its own process, for good, at the nth moment at which it touches the disk.

`python dying.py N COUNT-FILE scan ...`: each rename is two moments (before and after), each flush to the disk and each
deletion one. With N = 0 nobody dies, and the moments are written to COUNT-FILE by name, a line each.
"""

import os
import signal
import sys


def main(at, told, arguments):
    moments = []

    def pass_by(name):
        moments.append(name)
        if len(moments) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(name, *, before, after):
        real = getattr(os, name)

        def done(*given, **named):
            if before:
                pass_by(f"before {name}")
            answer = real(*given, **named)
            if after:
                pass_by(f"after {name}")
            return answer

        setattr(os, name, done)

    watched("rename", before=True, after=True)
    watched("fsync", before=True, after=False)
    watched("unlink", before=False, after=True)
    from tocsin import cli

    try:
        cli.main(arguments)
    finally:
        with open(told, "w", encoding="ascii") as file:  # noqa: PTH123 a plain file of a test
            file.writelines(f"{name}\n" for name in moments)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
