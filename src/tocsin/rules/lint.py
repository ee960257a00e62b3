"""What can be wrong with a rule: one table of codes, and the list in which the faults of a run are collected."""

from collections.abc import Mapping

from tocsin.errors import Place, RuleError, RuleErrors

CODES: Mapping[str, str] = {
    # files and YAML
    "E001": "the file or folder cannot be read, or holds no rule",
    "E002": "the text is not YAML (tabs, encoding, syntax, impossible dates)",
    "E003": "a key stands twice",
    "E004": "the file is too large, nests too deep or expands its aliases beyond a bound",
    "E005": "a tag or key that is more than plain data",
    # the shape of a document
    "E010": "unknown key",
    "E011": "required key missing",
    "E012": "a value of the wrong kind",
    "E013": "neither a detection nor a correlation",
    "E014": "name or id used twice",
    "E015": "a log source that is not ours",
    # tests on fields
    "E020": "unknown field",
    "E021": "unknown modifier, or modifiers that do not go together",
    "E022": "a value that the field can never have",
    "E023": "regular expression refused",
    "E024": "network address malformed or with host bits set",
    "E025": "a list that a placeholder needs is missing, empty or too long",
    "E026": "more tests in one rule than can be answered",
    # conditions
    "E030": "condition malformed",
    "E031": "the condition names a selection that is not there",
    # correlations
    "E040": "rule referred to not found, or not usable as a step",
    "E041": "group-by missing or not possible",
    "E042": "timespan malformed",
    "E043": "condition of a correlation malformed, or value_count without field",
    "E044": "aliases malformed, or silent about a rule",
    "E045": "rules that refer to each other in a ring",
    "E046": "a correlation built on one that lacks its groups or its field",
    # the mapping tocsin
    "E050": "family unknown or missing on a rule that reports",
    "E051": "the sentence of explain cannot be filled in",
    "E052": "baseline malformed, impossible, or on a rule that can have none",
    "E053": "novel malformed, or used by a rule that does not see whole accounts",
    "E054": "a rule built on a baselined one",
    "E055": "ratio malformed, or of a rule that cannot be counted",
    "E056": "a rule about nights that asks for single events too, or that another rule is built on",
    "E060": "a test inside the rule is malformed",
    "E061": "status test or stable without a positive and a negative test",
    "E062": "a test inside the rule fails",
    # overlays
    "E070": "overlay malformed",
    "E071": "an override of a rule or key that is not there",
    "E072": "two overlays set the same for the same accounts",
    "E073": "a threshold by region where the groups of the rule are not of one region",
    "E074": "an override without a reason",
    # warnings: the rules can be used
    "W022": "other Sigma tools read this value as a number",
    "W023": "a number that YAML reads otherwise than people do",
    "W030": "a selection that the condition never names",
    "W043": "a type of correlation that the official schema does not know yet",
    "W075": "a cap of an overlay above that of the settings",
    "W050": "the rule has no effect: it neither reports nor is it a step of another rule",
}
"""Every lint code; E refuses the rule set, W only says so."""


class Faults:
    """The faults found so far, over all files."""

    def __init__(self) -> None:
        self._found: list[RuleError] = []

    def add(self, code: str, place: Place, message: str, hint: str | None = None) -> None:
        """Note one fault; its code must stand in the table."""
        if code not in CODES:
            raise KeyError(code)
        self._found.append(RuleError(message, place=place, hint=hint, code=code))

    @property
    def errors(self) -> tuple[RuleError, ...]:
        """Faults that refuse the rule set, by place."""
        return self._by_place("E")

    @property
    def warnings(self) -> tuple[RuleError, ...]:
        """Faults that do not, by place."""
        return self._by_place("W")

    def _by_place(self, letter: str) -> tuple[RuleError, ...]:
        chosen = [fault for fault in self._found if fault.code.startswith(letter)]
        return tuple(sorted(chosen, key=lambda fault: (fault.place or Place(""), fault.code, fault.message)))

    def refuse(self) -> None:
        """Raise all errors at once, if there are any."""
        if self.errors:
            raise RuleErrors(self.errors)
