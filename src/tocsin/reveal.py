"""Identities put back beside tokens, for listed people only, streaming through the source logs."""

import hashlib
from collections.abc import Iterator, Sequence

import polars as pl

from tocsin.enrich.identifiers import describe
from tocsin.errors import InputError
from tocsin.formats.archives import HEAD_BYTES, PACKED_ENDINGS, DamagedArchiveError, packing, unpacked
from tocsin.formats.inputs import Input, expand
from tocsin.intake import IntakeOptions, Ledger, take_in
from tocsin.nightly import Scan
from tocsin.privacy.tokens import TokenKey, token
from tocsin.verdict.listing import ExposureList
from tocsin.words import _


def matched(logs: Sequence[str], listed: ExposureList) -> tuple[list[str], list[str]]:
    """Find the logs that the list rests on among these files, by their bytes; give them, and the paths not found.

    A log that was packed after it was read is known by what is in it.

    Raises InputError for a file that is none of them, or that has changed since it was read.
    """
    wanted = {one.sha256: one.path for one in listed.inputs}
    paths = set(wanted.values())
    found: dict[str, str] = {}
    for file in expand(sorted(logs)).files:
        digest = next((one for one in _digests(file) if one in wanted), None)
        if digest is not None:
            found.setdefault(digest, file.path)
        elif any(_named_like(file.path, path) for path in paths):
            raise InputError(
                _("{path} is not what it was when it was read: its SHA-256 differs").format(path=file.path),
                hint=_("restore it from a backup; no identity was shown"),
            )
    if not found:
        raise InputError(
            _("none of the logs given holds the people of this list: no SHA-256 is that of a log it rests on"),
            hint=_("`tocsin exposure --breach --json` names the logs to preserve"),
        )
    return sorted(found.values()), sorted(path for digest, path in wanted.items() if digest not in found)


def _digests(file: Input) -> Iterator[str]:
    """Give the SHA-256 of a log as it is stored, then of what is packed in it: logs are packed after they were read."""
    yield file.sha256()
    digest = hashlib.sha256()
    with file.open() as stored:
        if packing(stored.read(HEAD_BYTES)) is None:
            return
        stored.seek(0)
        try:
            for piece in unpacked(stored.read, file.path):
                digest.update(piece)
        except DamagedArchiveError:
            return
    yield digest.hexdigest()


def _named_like(given: str, read: str) -> bool:
    """Say whether two paths end alike, the one given perhaps packed since."""
    names = [given, *(given.removesuffix(end) for end in PACKED_ENDINGS if given.endswith(end))]
    return any(name.endswith(read) or read.endswith(name) for name in names)


def identities(tokens: pl.Series, logs: Sequence[str], asked: Scan, key: TokenKey) -> pl.DataFrame:
    """Give `patient` (token) and `identity` of those of the tokens that the logs name; only they are ever held."""
    portal = asked.settings.portal
    options = IntakeOptions(
        zone=portal.zone,
        now=asked.now,
        format_name=asked.format_name,
        patient_kind=portal.patient_kind,
        urls=asked.settings.urls,
        account_from=asked.account_from,
    )
    wanted = pl.DataFrame({"patient": tokens.unique()}, schema={"patient": pl.String})
    found = pl.DataFrame(schema={"patient": pl.String, "identity": pl.String})
    for portion in take_in(sorted(logs), options, key, Ledger(), raw=True):
        written = portion["patient"].drop_nulls().unique()
        named = describe(written, portal.patient_kind).select(
            patient=token(key.digest(pl.col("identifier"))), identity="identifier"
        )
        found = pl.concat([found, named.join(wanted, on="patient", how="semi")]).unique("patient", maintain_order=True)
    return found
