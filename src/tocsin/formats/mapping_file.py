"""Reads a mapping file (YAML): checked value by value, every fault with its place, all of them at once."""

from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.errors import MappingError, Place, SettingsError
from tocsin.formats import mapping_values as values
from tocsin.formats.base import READ_EVENTS
from tocsin.formats.mapping_faults import Faults, refuse_unknown_keys, word_of
from tocsin.formats.mapping_parts import USUAL as USUAL_TIMES
from tocsin.formats.mapping_parts import Plan, TimePattern, Value, Words
from tocsin.formats.paths import parse_path
from tocsin.formats.patterned_times import reads
from tocsin.located import Node, did_you_mean, read_located
from tocsin.schema import Kind, Outcome
from tocsin.words import _

CONTAINERS = ("csv", "ndjson", "regex")
ENCODINGS = ("utf-8", "windows-1252", "latin-1")
PATIENT_KINDS = ("nir", "number", "opaque")
KEYS = (
    "format", "title", "container", "separator", "header", "encoding", "pattern", "missing", "time", "columns",
    "kind", "outcome", "patient_kind", "account",
)  # fmt: skip
_APART = ("time", "kind", "outcome", "line", "byte")
COLUMNS = tuple(name for name in READ_EVENTS if name not in _APART)
"""What `columns` may name."""

_TIME_KEYS = ("field", "join", "pattern", "zone", "extract")
_PATTERN_KEYS = ("pattern", "zone")
_TAB = "tab"


def read_mapping(path: Path) -> Plan:
    """Read a mapping; raises MappingError that lists every fault of the file."""
    try:
        located = read_located(path)
    except OSError as error:
        raise MappingError(
            _("{path} cannot be read: {why}").format(path=path, why=error.strerror), hint=_("check --format")
        ) from error
    faults = Faults([MappingError(fault.message, place=fault.place, hint=fault.hint) for fault in located.faults])
    plan = None
    if located.documents:
        plan = _Reader(located.documents[0], path, faults).plan()
    elif not faults:
        faults.add(Place(str(path)), _("there is nothing in this file"), _("`tocsin formats draft LOG` writes one"))
    for more in located.documents[1:]:
        faults.add(more.place, _("a file holds one mapping"), _("put the second one into a file of its own"))
    faults.check()
    assert plan is not None  # noqa: S101 else there was a fault
    return plan


class _Reader:
    """One reading of one document."""

    def __init__(self, node: Node, path: Path, faults: Faults) -> None:
        self._node = node
        self._path = path
        self._faults = faults

    def plan(self) -> Plan | None:
        """Read everything; None where the document is no mapping of keys and values."""
        if not self._node.is_mapping:
            self._faults.add(self._node.place, _("keys and values are expected here"))
            return None
        refuse_unknown_keys(self._node, KEYS, self._faults)
        time, patterns, zone = self._time()
        columns = self._columns()
        by_ip = self._account(columns)
        kind, is_sure = self._kind()
        container = self._choice("container", CONTAINERS) or "csv"
        plan = Plan(
            name=self._name(),
            path=str(self._path),
            time=time,
            patterns=patterns,
            zone=zone,
            columns=columns,
            kind=kind,
            kind_is_sure=is_sure,
            outcome=self._outcome(),
            container=container,  # type: ignore[arg-type]  # one of CONTAINERS
            separator=self._separator(container),
            header=tuple(word_of(item, self._faults) for item in self._node.get("header") or ()),
            pattern=self._pattern(container),
            windows_1252=self._choice("encoding", ENCODINGS) in ENCODINGS[1:],
            missing=tuple(item.text for item in self._node.get("missing") or ()),
            patient_kind=self._choice("patient_kind", PATIENT_KINDS),
            account_is_ip=by_ip,
        )
        self._check_fields(plan)
        return plan

    def _name(self) -> str:
        node = self._node.get("format")
        return word_of(node, self._faults) if node else self._path.stem

    def _choice(self, key: str, choices: tuple[str, ...]) -> str | None:
        node = self._node.get(key)
        return values.choice(node, key, choices, self._faults) if node else None

    def _required(self, key: str) -> Node | None:
        node = self._node.get(key)
        if node is None:
            self._faults.add(self._node.place, _("the key '{key}' is missing").format(key=key))
        return node

    def _time(self) -> tuple[Value, tuple[TimePattern, ...], str | None]:
        node = self._required("time")
        usual = (TimePattern(USUAL_TIMES),)
        if node is None:
            return Value(), usual, None
        if not node.is_mapping:
            return values.read_value(node, self._faults), usual, None
        refuse_unknown_keys(node, _TIME_KEYS, self._faults)
        patterns = tuple(pattern for item in _items(node.get("pattern")) for pattern in self._time_pattern(item))
        return values.read_source(node, self._faults), patterns or usual, self._zone(node)

    def _time_pattern(self, node: Node) -> Iterable[TimePattern]:
        inner = node.get("pattern") if node.is_mapping else node
        if node.is_mapping:
            refuse_unknown_keys(node, _PATTERN_KEYS, self._faults)
        if inner is None:
            self._faults.add(node.place, _("the key '{key}' is missing").format(key="pattern"))
            return
        text = word_of(inner, self._faults)
        if text and not reads(text):
            message = _("'{pattern}' does not read a whole time").format(pattern=text)
            hint = _("it needs day, month, hour and minute, such as %d/%m/%Y %H:%M:%S; epoch and usual are known too")
            self._faults.add(inner.place, message, hint)
        yield TimePattern(text, self._zone(node))

    def _zone(self, node: Node) -> str | None:
        zone = node.get("zone")
        if zone is None:
            return None
        try:
            ZoneInfo(zone.text)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = _("no time zone is called '{zone}'").format(zone=zone.text)
            self._faults.add(zone.place, message, _("write it as Europe/Paris or UTC"))
            return None
        return zone.text

    def _columns(self) -> dict[str, Value]:
        node = self._node.get("columns")
        if node is None:
            return {}
        if not node.is_mapping:
            self._faults.add(node.place, _("columns are keys and values: the column, then the field it comes from"))
        for key, place, _child in node.items():
            if key in _APART:
                message = _("'{key}' is no column of its own here").format(key=key)
                self._faults.add(place, message, _("write it at the left margin: {key}: ...").format(key=key))
            elif key not in COLUMNS:
                message = _("there is no column '{key}'").format(key=key)
                self._faults.add(place, message, did_you_mean(key, COLUMNS) or values.one_of(COLUMNS))
        return {key: values.read_value(child, self._faults) for key, _place, child in node.items() if key in COLUMNS}

    def _account(self, columns: dict[str, Value]) -> bool:
        node = self._node.get("account")
        if node is None:
            if "account" not in columns:
                message = _("no field is named for the account")
                self._faults.add(self._place_of("columns"), message, _("write columns: {account: FIELD}"))
            return False
        if node.text != "ip":
            message = _("'account' can only be ip here: the address where no account is logged")
            self._faults.add(node.place, message, _("the field of the account goes under columns:"))
        elif "ip" not in columns:
            self._faults.add(node.place, _("no field is named for the address"), _("write columns: {ip: FIELD}"))
        return True

    def _kind(self) -> tuple[Value, bool]:
        node = self._required("kind")
        if node is None:
            return Value(), False
        value = values.read_words(node, tuple(Kind), self._faults)
        listed = value.words or Words({})
        return value, listed.otherwise not in {None, Kind.OTHER.value}

    def _outcome(self) -> Value | None:
        node = self._node.get("outcome")
        return values.read_words(node, tuple(Outcome), self._faults) if node else None

    def _separator(self, container: str) -> str:
        node = self._node.get("separator")
        if node is None:
            return ","
        text = "\t" if node.text == _TAB else node.text
        if container != "csv":
            self._faults.add(node.place, _("only csv has a separator"))
        elif len(text) != 1 or not text.isascii() or text.isalnum() or text in '"\r\n\x00':
            message = _("a separator is one character that is no letter, digit or quote")
            self._faults.add(node.place, message, _('write it in quotes: ";", "|" or tab'))
            return ","
        return text

    def _pattern(self, container: str) -> str:
        node = self._node.get("pattern")
        if (node is None) is (container != "regex"):
            return values.regex(node, self._faults) if node else ""
        if node is None:
            self._faults.add(self._node.place, _("the container regex needs the key 'pattern'"))
        else:
            self._faults.add(node.place, _("only the container regex has a pattern"))
        return ""

    def _check_fields(self, plan: Plan) -> None:
        """Check names of fields where this file itself says which there are."""
        if plan.container == "ndjson":
            self._check_paths()
        known = values.groups(plan.pattern) if plan.container == "regex" else plan.header
        if not known:
            self._check_answered()
            return
        for name, place in values.named_fields(self._node):
            if name not in known:
                message = _("there is no field '{name}'").format(name=name)
                self._faults.add(place, message, did_you_mean(name, known) or values.one_of(known))

    def _check_answered(self) -> None:
        """Refuse the `?` that a draft writes where it knows no field."""
        for name, place in values.named_fields(self._node):
            if name == "?":
                self._faults.add(place, _("there is no field '{name}'").format(name=name), _("write which one it is"))

    def _check_paths(self) -> None:
        for name, place in values.named_fields(self._node):
            try:
                parse_path(name)
            except SettingsError as error:
                self._faults.add(place, error.message, error.hint)

    def _place_of(self, key: str) -> Place:
        node = self._node.get(key)
        return node.place if node else self._node.place


def _items(node: Node | None) -> Iterable[Node]:
    if node is None:
        return ()
    return (node,) if node.is_mapping else node
