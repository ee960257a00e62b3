"""The program as a user calls it."""

from tocsin import cli


def calling(capture):
    """Give a function that runs the program with some arguments: exit code, stdout, stderr."""

    def run(*arguments):
        capture.readouterr()
        try:
            cli.main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        seen = capture.readouterr()
        return code, seen.out, seen.err

    return run
