"""Accounts that have a new name since the last run: their past is held under the former one, and that is said."""

from tocsin.nightly import Scan, directory_of
from tocsin.privacy.tokens import TokenKey
from tocsin.store.files import Kept
from tocsin.store.manifest import Manifest
from tocsin.store.state import State
from tocsin.words import _, ngettext

NAMED = 5
"""Accounts that are named one by one."""


def renamed_since(asked: Scan, key: TokenKey, state: State, taken: Manifest) -> list[str]:
    """Say which accounts first came under a new name in this run, though the state knows them by a former one.

    A past is not carried over (docs/decisions/0081): what was written is never changed, and marks of who read whom
    cannot be translated.
    """
    if state.manifest.accounts is None or taken.accounts == state.manifest.accounts:
        return []
    renames = directory_of(asked, key).renames
    if renames.is_empty():
        return []
    before, now = _accounts(state.manifest.accounts, state), _accounts(taken.accounts, state)
    found = [
        (former, account)
        for former, account in renames.select("former", "account").iter_rows()
        if former in before and account in now - before
    ]
    if not found:
        return []
    one = "{n} account has a new name, its past is held under the former one and it is judged as new: {names}"
    many = "{n} accounts have new names, their past is held under the former ones and they are judged as new: {names}"
    names = ", ".join(f"{former} > {account}" for former, account in found[:NAMED])
    names = names if len(found) <= NAMED else f"{names}, …"
    hint = _("`init --backfill` with the directory joins them")
    return [ngettext(one, many, len(found)).format(n=len(found), names=names) + "; " + hint]


def _accounts(kept: Kept | None, state: State) -> set[str]:
    return set(state.files.read_frame(kept)["account"]) if kept else set()
