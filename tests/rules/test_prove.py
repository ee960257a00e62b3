"""The tests inside rules run with the code that runs the rules, and a failing one says what was seen."""

from tocsin.rules.load import load_rules
from tocsin.rules.prove import made_events, prove

HEAD = """\
title: Step
name: step
logsource: {category: record_access}
detection:
  selection: {kind: lookup%s}
  condition: selection
%s
---
title: Many
name: many
level: high
correlation: {type: value_count, rules: [step], group-by: [%s], timespan: 1h, condition: {field: patient, gte: 3}}
tocsin:
  family: volume
  tests:
"""
LOOK = "time: 2022-03-14T09:00:00+01:00, account: A1, kind: lookup"


def rules(tmp_path, *cases, asked="", group="account", step=""):
    path = tmp_path / "r.yml"
    path.write_text(HEAD % (asked, step, group) + "".join(f"    - {case}\n" for case in cases))
    return load_rules([path])


def test_says_which_tests_hold_and_what_was_seen_where_one_does_not(tmp_path):
    block = f"{{repeat: 2, every: 10m, {LOOK}, patient: 'P{{i}}'}}"
    seen = list(
        prove(
            rules(
                tmp_path,
                f"{{name: rings, expect: {{account: A1}}, events: [{block}]}}",
                f"{{name: calm, expect: none, events: [{block}]}}",
                f"{{name: nothing, expect: {{account: A1}}, events: [{{{LOOK.replace('kind: lookup', 'kind: login')}}}]}}",
            )
        )
    )
    assert [proof.passed for proof in seen] == [False, True, False]
    assert seen[0].seen == "expected A1, seen none; 2 of 2 events match; the fullest window of 1h counts 2"
    assert (seen[0].rule, seen[0].test, seen[0].place.line) == ("many", "rings", 17 - 1)
    assert seen[2].seen == "expected A1, seen none; 0 of 1 events match"


def test_expects_addresses_of_a_rule_about_addresses(tmp_path):
    (proof,) = prove(
        rules(
            tmp_path,
            f"{{name: a, expect: {{ip: 10.0.0.1}}, events: [{{repeat: 3, {LOOK}, ip: 10.0.0.1, patient: 'P{{i}}'}}]}}",
            group="ip",
        )
    )
    assert proof.passed


def test_proves_a_detection_that_reports_nothing_by_itself(tmp_path):
    step = f"tocsin: {{tests: [{{name: s, expect: {{account: A1}}, events: [{{{LOOK}}}]}}, {{name: t, expect: {{account: B}}, events: [{{{LOOK}}}]}}]}}"
    one, other = (
        proof
        for proof in prove(rules(tmp_path, f"{{name: a, expect: none, events: [{{{LOOK}}}]}}", step=step))
        if proof.rule == "step"
    )
    assert one.passed
    assert other.seen == "expected B, seen A1; 1 of 1 events match"


def test_fills_in_what_a_test_leaves_out(tmp_path):
    case = f"{{name: a, expect: none, events: [{{repeat: 2, every: 1h, {LOOK}, patient: '{{i}}x{{i}}', rows: 3, automatic: true, ip: null}}, {{{LOOK}, patient: 0x0}}]}}"
    made = made_events(rules(tmp_path, case).by_name["many"].tests[0], rules(tmp_path, case))
    assert made["patient"].to_list() == ["0x0", "1x1", "0x0"]
    assert made["person_id"].to_list() == [1, 2, 1]
    assert made["outcome"].to_list() == ["success"] * 3
    assert made["automatic"].to_list() == [True, True, False]
    assert made["rows"].to_list() == [3, 3, None]
    assert made["line"].to_list() == [1, 2, 3]
    assert made["local_hour"].to_list() == [9, 10, 9]
    assert made["session"].null_count() == 3
    assert made["night"].dtype.is_temporal()


def test_looks_holidays_up_only_for_rules_that_ask_for_them(tmp_path):
    block = "{repeat: 3, time: 2022-05-08T10:00:00+02:00, account: A1, kind: lookup, patient: 'P{i}'}"
    case = f"{{name: a, expect: {{account: A1}}, events: [{block}]}}"
    assert next(prove(rules(tmp_path, case, asked=", holiday: true"))).passed
    assert not next(prove(rules(tmp_path, case, asked=", local_weekday|lt: 6"))).passed
