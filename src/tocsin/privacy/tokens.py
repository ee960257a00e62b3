"""Turns identifiers into keyed tokens: the same person is the same token, and nobody without the key can go back.

An unkeyed hash of a social security number is reversed in minutes by trying them all; hence HMAC-SHA256 with a secret
of 256 bits, cut to 128 bits.
"""

import hashlib
import hmac
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from polars_hash import CryptographicHashingNameSpace

from tocsin.errors import KeyFileError
from tocsin.words import _

TOKEN_DIGITS = 32
"""Hexadecimal digits of a token: 128 bits."""
ID_DIGITS = 16
"""Hexadecimal digits of the 64-bit id used for counting."""

_SECRET_BYTES = 32
_FINGERPRINT_OF = b"tocsin key fingerprint"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The secret behind the tokens."""

    secret: bytes = field(repr=False)

    @classmethod
    def throwaway(cls) -> "TokenKey":
        """Make a key for one run that nobody keeps."""
        return cls(secrets.token_bytes(_SECRET_BYTES))

    @classmethod
    def create(cls, path: Path) -> "TokenKey":
        """Write a new key to a file that only its owner may read; raises KeyFileError if the file is there."""
        key = cls.throwaway()
        key.write(path)
        return key

    def write(self, path: Path) -> None:
        """Write the key to a new file that only its owner may read; raises KeyFileError if the file is there."""
        self.check_place(path)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(self.secret.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise KeyFileError(
                _("the key file {path} cannot be written: {why}").format(path=path, why=error.strerror)
            ) from error

    @staticmethod
    def check_place(path: Path) -> None:
        """Refuse to write a key over another file; raises KeyFileError."""
        if path.exists():
            raise KeyFileError(
                _("the key file {path} is already there").format(path=path), hint=_("name a file that is not there yet")
            )

    @classmethod
    def load(cls, path: Path) -> "TokenKey":
        """Read a key; raises KeyFileError if it is missing, malformed or open to others."""
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_text(encoding="ascii", errors="replace").strip()
        except OSError as error:
            raise KeyFileError(
                _("the key file {path} cannot be read: {why}").format(path=path, why=error.strerror)
            ) from error
        if mode & 0o077:
            raise KeyFileError(
                _("the key file {path} may be read by others (mode {mode})").format(path=path, mode=f"{mode:04o}"),
                hint=f"chmod 600 {path}",
            )
        try:
            secret = bytes.fromhex(text)
        except ValueError:
            secret = b""
        if len(secret) != _SECRET_BYTES:
            raise KeyFileError(_("the key file {path} does not hold a key of 64 hexadecimal digits").format(path=path))
        return cls(secret)

    @property
    def fingerprint(self) -> str:
        """What a store may keep to know the key again; it tells nothing about the secret."""
        return hmac.new(self.secret, _FINGERPRINT_OF, hashlib.sha256).hexdigest()[:ID_DIGITS]

    def digest(self, texts: pl.Expr) -> pl.Expr:
        """HMAC-SHA256 of texts as 64 hexadecimal digits; null stays null. The key is the secret's hexadecimal text."""
        digests: pl.Expr = CryptographicHashingNameSpace(texts).hmac_sha256(key=self.secret.hex())
        return digests


def token(digest: pl.Expr) -> pl.Expr:
    """Cut a digest to a token."""
    return digest.str.slice(0, TOKEN_DIGITS)


def token_id(token: pl.Expr) -> pl.Expr:
    """Give the first 64 bits of a token as a number."""
    return token.str.slice(0, ID_DIGITS).str.to_integer(base=16, dtype=pl.UInt64())
