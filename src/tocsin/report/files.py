"""One file that a command writes: new, or in the place of an earlier one, whole."""

import os
from pathlib import Path

from tocsin.errors import StoreError


def write_file(path: Path, text: str) -> None:
    """Write one new file that only its owner may read; raises StoreError where it is there already or cannot be."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", hint="name a new file") from error


def replace_file(path: Path, text: str) -> None:
    """Write a file whole, in the place of one that may be there; raises StoreError where it cannot be."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", hint="name a folder that can be") from error
