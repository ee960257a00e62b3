"""Rule files load whole, or say everything that is wrong with all of them, each fault at its place."""

from datetime import timedelta
from pathlib import Path

import pytest

from rule_texts import LOOKUP, load
from tocsin.errors import RuleErrors
from tocsin.rules.lint import CODES, Faults
from tocsin.rules.load import load_rules
from tocsin.rules.spoken import in_words

HOUR = """\
title: Many people
name: many
level: high
correlation:
  type: value_count
  rules: [lookup]
  group-by: [account]
  timespan: 1h
  condition: {field: patient, gte: 80}
tocsin: {family: volume}
"""


def faults(tmp_path, *texts):
    """Give (file number, line, column, code, message; hint) of every fault."""
    with pytest.raises(RuleErrors) as error:
        load(tmp_path, *texts)
    return [
        (fault.place.line, fault.place.column, fault.code, fault.message + (f"; {fault.hint}" if fault.hint else ""))
        for fault in error.value.faults
    ]


def detection(selection="{kind: lookup}", condition="selection", extra=""):
    return f"title: T\nname: t\nlevel: low\nlogsource: {{category: record_access}}\ntocsin: {{family: volume}}\ndetection:\n  selection: {selection}\n  condition: {condition}\n{extra}"


def correlation(**changes):
    keys = {
        "type": "value_count",
        "rules": "[lookup]",
        "group-by": "[account]",
        "timespan": "1h",
        "condition": "{field: patient, gte: 80}",
    } | {key.replace("_", "-"): value for key, value in changes.items()}
    body = "".join(f"  {key}: {value}\n" for key, value in keys.items() if value is not None)
    return f"{LOOKUP}---\ntitle: Many\nname: many\nlevel: high\ntocsin: {{family: volume}}\ncorrelation:\n{body}"


def narrowed(keys, kind="value_count", field="patient"):
    text = correlation(type=kind, condition=f"{{field: {field}, gte: 80}}")
    return text.replace("family: volume}", f"family: volume, {keys}}}")


def baselined(baseline, by="[account]", operator="gte"):
    text = correlation(group_by=by, condition=f"{{field: patient, {operator}: 80}}")
    return text.replace("family: volume}", f"family: volume, baseline: {baseline}}}")


CHAIN_ON_MANY = """\
---
title: Often
level: high
tocsin: {family: volume}
correlation:
  type: event_count
  rules: [many]
  group-by: [account]
  timespan: 1d
  condition: {gte: 2}
"""


def novel_by_address():
    step = LOOKUP + "tocsin: {novel: {any_of: [ip]}}\n"
    body = "correlation: {type: event_count, timespan: 1h, group-by: [ip], condition: {gte: 2},\n                   rules: [lookup]}\n"
    return f"{step}---\ntitle: Many\nname: many\nlevel: high\nstatus: experimental\ndescription: x\ntocsin: {{family: volume}}\n{body}"


def chained(**changes):
    keys = {
        "type": "event_count",
        "rules": "[many]",
        "group_by": "[account]",
        "timespan": "1d",
        "condition": "{gte: 2}",
    }
    body = "".join(f"  {key.replace('_', '-')}: {value}\n" for key, value in (keys | changes).items())
    return (
        f"{correlation()}---\ntitle: Often\nname: often\nlevel: high\ntocsin: {{family: volume}}\ncorrelation:\n{body}"
    )


def two_groups():
    other = LOOKUP.replace("lookup", "other")
    body = "{type: temporal, rules: [lookup, other], timespan: 1h,\n  group-by: [where],\n  aliases: {where: {lookup: ip, other: network}}}"
    return f"{LOOKUP}---\n{other}---\ntitle: Often\nname: often\nlevel: high\ntocsin: {{family: volume}}\ncorrelation: {body}\n"


def narrowing(*lines):
    inner = "".join(f"  {line}\n" for line in lines) + (
        "" if len(lines) > 1 else "  a: {account: b}\n  condition: not a\n"
    )
    return f"{LOOKUP}---\ntitle: Narrower\nlogsource: {{category: record_access}}\nfilter:\n{inner}"


def with_tests(tests, status="experimental"):
    return f"{LOOKUP}---\n{HOUR.replace('tocsin: {family: volume}', '')}status: {status}\ntocsin:\n  family: volume\n  tests: {tests}\n"


def test_loads_rules_of_several_documents_and_files(tmp_path):
    rules = load(tmp_path, LOOKUP, HOUR)
    (many,) = rules.correlations
    assert (many.name, many.level, many.family, many.score, many.reports) == ("many", "high", "volume", 35, True)
    assert (many.group_by, many.timespan, many.rules) == (("account",), timedelta(hours=1), ("lookup",))
    assert (many.condition.operator, many.condition.value, many.condition.fields) == ("gte", 80, ("patient",))
    assert (many.limit, many.unit, many.place.line) == (80.0, "people", 1)
    assert [rule.reports for rule in rules.detections] == [False]
    assert rules.groups == ("account",)
    assert rules.by_name["many"] is many
    assert rules.fields("many") == {"account", "patient", "kind"}
    assert rules.columns("account") == (
        "time",
        "kind",
        "account",
        "source",
        "line",
        "byte",
        "night",
        "person_id",
    )


def test_names_the_unit_of_what_is_counted(tmp_path):
    assert (
        load(tmp_path, correlation(condition="{field: [account, service], gte: 2}")).correlations[0].unit
        == "combinations"
    )
    assert load(tmp_path, correlation(condition="{field: service, gte: 2}")).correlations[0].unit == "values"
    assert load(tmp_path, correlation(type="event_count", condition="{gte: 2}")).correlations[0].unit == "events"
    lone = load(tmp_path, detection()).detections[0]
    assert (lone.unit, lone.limit, lone.group) == ("events", None, "account")


def test_names_the_columns_that_a_grouping_needs(tmp_path):
    lone = load(tmp_path, detection("{kind: lookup, local_hour|gte: 22}"))
    assert lone.columns("account") == ("time", "kind", "account", "source", "line", "byte", "night")
    assert lone.columns("ip") == ("time", "account", "source", "line", "byte", "night")
    by_ip = load(tmp_path, correlation(group_by="[ip]", condition="{field: account, gte: 5}"))
    assert by_ip.groups == ("ip",)
    assert by_ip.columns("ip") == ("time", "kind", "account", "ip", "source", "line", "byte", "night")


def test_fills_in_the_sentence(tmp_path):
    rules = load(
        tmp_path,
        LOOKUP,
        HOUR.replace("{family: volume}", "{family: volume, explain: '{count} people of {account} in {timespan}'}"),
    )
    assert rules.correlations[0].explained(93, "A1") == "93 people of A1 in 1 hour"
    assert load(tmp_path, LOOKUP, HOUR).correlations[0].explained(93, "A1") == "Many people"


@pytest.mark.parametrize(
    ("written", "said"),
    [("", ""), ("90s", "90 seconds"), ("1m", "1 minute"), ("1h", "1 hour"), ("7d", "7 days"), ("2w", "2 weeks")],
)
def test_says_a_span_in_words(written, said):
    assert in_words(written) == said


def test_refers_by_id_and_makes_a_name_from_the_title(tmp_path):
    identity = "0c4b7a10-8a0e-4c5e-9d9d-3f1f9bb3a001"
    rules = load(tmp_path, LOOKUP.replace("name: lookup", f"id: {identity}"), HOUR.replace("[lookup]", f"[{identity}]"))
    assert rules.correlations[0].rules == ("record_lookup",)


def test_hashes_what_rules_say_and_not_how_they_are_laid_out(tmp_path):
    one = load(tmp_path, LOOKUP, HOUR).sha256
    assert load(tmp_path, HOUR, LOOKUP).sha256 == one
    assert load(tmp_path, f"# a remark\n{LOOKUP}\n---\n{HOUR}").sha256 == one
    assert load(tmp_path, LOOKUP, HOUR.replace("80", "81")).sha256 != one


def test_a_step_with_a_level_is_silent_unless_it_is_generated(tmp_path):
    step = LOOKUP + "level: low\ntocsin: {family: volume}\n"
    assert [rule.reports for rule in load(tmp_path, step, HOUR).detections] == [False]
    assert [rule.reports for rule in load(tmp_path, step, HOUR + "generate: true\n").detections] == [True]
    inside = HOUR.replace("  timespan", "  generate: true\n  timespan")
    assert [rule.reports for rule in load(tmp_path, step, inside).detections] == [True]
    assert [rule.reports for rule in load(tmp_path, step).detections] == [True]


def test_reads_a_folder_but_not_its_regions(tmp_path):
    (tmp_path / "regions").mkdir()
    (tmp_path / "deep").mkdir()
    (tmp_path / "regions" / "x.yml").write_text("overlay: {}\n")
    (tmp_path / "deep" / "lookup.yaml").write_text(LOOKUP)
    (tmp_path / "many.yml").write_text(HOUR)
    assert len(load_rules([tmp_path, tmp_path / "many.yml"]).rules) == 2


def test_warns_without_refusing(tmp_path):
    rules = load(tmp_path, LOOKUP.replace("{kind: lookup}", "{region: 022}\n  spare: {kind: login}"))
    assert [(fault.code, fault.place.line) for fault in rules.warnings] == [("W050", 1), ("W022", 5), ("W030", 7)]


def test_says_what_cannot_be_read(tmp_path):
    with pytest.raises(RuleErrors) as error:
        load_rules([tmp_path, tmp_path / "missing.yml"])
    assert [fault.code for fault in error.value.faults] == ["E001", "E001"]
    assert faults(tmp_path, "# nothing\n") == [(0, 0, "E001", "the file holds no rule")]


def test_collects_the_faults_of_all_files_in_order(tmp_path):
    seen = faults(tmp_path, "a: [", LOOKUP.replace("kind", "knd") + "colour: 1\n", "title: t\ntitle: t\n")
    assert [(line, column, code) for line, column, code, _message in seen] == [
        (1, 5, "E002"),
        (5, 15, "E020"),
        (7, 1, "E010"),
        (1, 1, "E013"),
        (2, 1, "E003"),
    ]


def test_does_not_blame_a_correlation_for_its_broken_step(tmp_path):
    assert [code for _l, _c, code, _m in faults(tmp_path, LOOKUP.replace("kind", "knd"), HOUR)] == ["E020"]


@pytest.mark.parametrize(
    ("text", "line", "column", "code", "said"),
    [
        ("- a\n", 1, 1, "E013", "a rule is a mapping"),
        ("title: T\n", 1, 1, "E013", "either 'detection' or 'correlation'"),
        ("title: T\noverlay: {}\n", 2, 10, "E013", "name that by --regions"),
        ("a: !!python/name:os.x y\n", 1, 4, "E005", "tag"),
        ("[" * 60 + "]" * 60, 1, 51, "E004", "nests deeper"),
        (detection(extra="titel: x\n"), 9, 1, "E010", "did you mean 'title'?"),
        (detection(extra="status: tset\n"), 9, 9, "E012", "did you mean 'test'?"),
        (detection(extra="id: 12\n"), 9, 5, "E012", "'id' is a text"),
        (detection(extra="id: abc\n"), 9, 5, "E012", "no UUID"),
        (detection(extra="date: yesterday\n"), 9, 7, "E012", "written as 2026-01-31"),
        (detection(extra="tags: attack\n"), 9, 7, "E012", "list of texts"),
        (detection(extra="tags: [a.b, a.b]\n"), 9, 7, "E012", "twice"),
        (detection(extra="description: 3\n"), 9, 14, "E012", "'description' is a text"),
        (detection().replace("title: T\n", ""), 1, 1, "E011", "'title' is missing"),
        (detection().replace("name: t", "title: again"), 2, 1, "E003", "the first one is on line 1"),
        (detection().replace("logsource: {category: record_access}\n", ""), 1, 1, "E011", "'logsource' is missing"),
        (detection().replace("record_access", "webserver"), 4, 23, "E015", "record_access"),
        (detection().replace("category: record_access", "product: x"), 4, 12, "E015", "record_access"),
        (detection().replace("level: low", "level: hihg"), 3, 8, "E012", "did you mean 'high'?"),
        (detection().replace("{family: volume}", "volume"), 5, 9, "E012", "tocsin is a mapping"),
        (detection().replace("family: volume", "family: volumes"), 5, 18, "E050", "did you mean 'volume'?"),
        (detection().replace("family: volume", "score: 1"), 1, 1, "E050", "feeds a family"),
        (detection().replace("volume}", "volume, score: 101}"), 5, 33, "E012", "from 0 to 100"),
        (detection().replace("volume}", "volume, novel: {}}"), 5, 33, "E053", "any_of lists the columns"),
        (detection().replace("volume}", "volume, novel: x}"), 5, 33, "E053", "novel is a mapping"),
        (detection().replace("volume}", "volume, novel: {any_of: [ipp]}}"), 5, 43, "E053", "did you mean 'ip'?"),
        (detection().replace("volume}", "volume, novel: {any_of: [ip], per: x}}"), 5, 53, "E053", "one of account"),
        (detection().replace("volume}", "volume, novel: {any_of: [ip], over: 1d}}"), 5, 54, "E053", "longer than that"),
        (detection().replace("volume}", "volume, ratio: {of: t, gte: 1}}"), 5, 26, "E012", "belongs to a correlation"),
        (baselined("x"), 11, 36, "E052", "list of comparisons"),
        (baselined("[{against: self, statistic: p95}]"), 11, 37, "E052", "'over' is missing"),
        (baselined("[{against: us, statistic: p95, over: 30d}]"), 11, 47, "E052", "cannot be 'us'"),
        (baselined("[{against: self, statistic: p95, over: 36h}]"), 11, 75, "E052", "number of days"),
        (baselined("[{against: self, statistic: p95, over: 5d}]"), 11, 75, "E052", "can never hold 7 nights"),
        (
            baselined("[{against: self, statistic: p95, over: 9d, min_history: 20d}]"),
            11,
            92,
            "E052",
            "can never hold 20 nights",
        ),
        (baselined("[{against: self, statistic: p95, over: 9d, factor: 0}]"), 11, 87, "E052", "above 0"),
        (
            baselined("[{against: peers, statistic: p95, over: 9d, otherwise: peers}]"),
            11,
            91,
            "E052",
            "stand in for peers",
        ),
        (
            baselined("[{against: peers, statistic: p95, over: 9d, by: [proffession]}]"),
            11,
            85,
            "E052",
            "did you mean 'profession'?",
        ),
        (baselined("[{against: self, statistic: p95, over: 9d}]", by="[ip]"), 8, 1, "E052", "grouped by account"),
        (baselined("[{against: self, statistic: p95, over: 9d}]", operator="lt"), 8, 1, "E052", "gte or gt"),
        (
            baselined("[{against: self, statistic: p95, over: 9d}]") + CHAIN_ON_MANY,
            24,
            11,
            "E054",
            "nothing can be built on it",
        ),
        (narrowed("combine: any"), 11, 35, "E052", "joins the comparisons"),
        (narrowed("novel: {any_of: [ip]}"), 11, 26, "E012", "belongs to a detection"),
        (narrowed("ratio: x"), 11, 33, "E055", "ratio is a mapping"),
        (narrowed("ratio: {of: lookup}"), 11, 33, "E055", "one of gte"),
        (narrowed("ratio: {of: lookup, gte: x}"), 11, 51, "E055", "no share"),
        (narrowed("ratio: {of: lokup, gte: 1}"), 11, 38, "E040", "did you mean 'lookup'?"),
        (narrowed("ratio: {of: lookup, gte: 1}", "value_sum", "rows"), 11, 38, "E055", "one of counts"),
        (novel_by_address(), 16, 28, "E053", "does not see whole accounts"),
        (detection().replace("volume}", "volume, ratios: {}}"), 5, 26, "E010", "did you mean 'ratio'?"),
        (detection().replace("volume}", "volume, entity: {account: each}}"), 5, 26, "E012", "belongs to a correlation"),
        (
            detection().replace("volume}", "volume, explain: '{timespan}'}"),
            5,
            35,
            "E051",
            "it knows {count}, {account}",
        ),
        (detection().replace("volume}", "volume, explain: '{count'}"), 5, 35, "E051", "not closed"),
        (detection().replace("volume}", "volume, explain: '{count.__class__}'}"), 5, 35, "E051", "cannot fill in"),
        (detection().replace("volume}", "volume, runbook: [1]}"), 5, 35, "E012", "list of texts"),
        (
            "title: T\nlogsource: {category: record_access}\ndetection: x\n",
            3,
            12,
            "E012",
            "this is a mapping of selections",
        ),
        (
            "title: T\nlogsource: {category: record_access}\ndetection: {a: {kind: lookup}}\n",
            3,
            12,
            "E011",
            "'condition'",
        ),
        # fields, modifiers, values
        (detection("{patient_regoin: '22'}"), 7, 15, "E020", "did you mean 'patient_region'?"),
        (detection("{kind|contain: x}"), 7, 15, "E021", "did you mean 'contains'?"),
        (detection("{account|base64: x*}"), 7, 31, "E022", "no Base64"),
        (detection("{account|wide: é}"), 7, 29, "E022", "follow it by base64"),
        (detection("{account|windash: ' -a -b -c -d'}"), 7, 32, "E022", "at most 3 dashes"),
        (detection("{account|base64|windash: x}"), 7, 15, "E021", "do not go together"),
        (detection("{account|base64|wide: x}"), 7, 15, "E021", "do not go together"),
        (detection("{account|base64|expand: x}"), 7, 15, "E021", "do not go together"),
        (detection("{account|fieldref|cased: ip}"), 7, 15, "E021", "do not go together"),
        (detection("{account|fieldref: ipp}"), 7, 33, "E020", "did you mean 'ip'?"),
        (detection("{account|fieldref: rows}"), 7, 33, "E021", "cannot be the same"),
        (detection("{rows|fieldref|contains: bytes}"), 7, 39, "E021", "holds no text"),
        (detection("{rows|base64: 1}"), 7, 28, "E021", "holds no text"),
        (detection("{time|hour: 24}"), 7, 26, "E022", "from 0 to 23"),
        (detection("{rows|hour: 2}"), 7, 26, "E021", "holds no times"),
        (detection("{time|hour|gte: 2}"), 7, 15, "E021", "do not go together"),
        (detection("{account|re|i|ignorecase: x}"), 7, 15, "E021", "do not go together"),
        (detection("{account|expand: '%staff%'}"), 7, 31, "E025", "no list lists/staff.txt"),
        (detection("{'|gte': 3}"), 7, 15, "E021", "needs a field"),
        (detection("{'': word}"), 7, 15, "E020", "unknown field ''"),
        (detection("[[word]]"), 7, 15, "E012", "fields or keywords"),
        (detection("[null]"), 7, 15, "E022", "put the value in quotes"),
        (detection("{account|contains|startswith: x}"), 7, 15, "E021", "do not go together"),
        (detection("{account|i|re: x}"), 7, 15, "E021", "do not go together"),
        (detection("{rows|gte|cased: 1}"), 7, 15, "E021", "do not go together"),
        (detection("{kind: {a: b}}"), 7, 21, "E012", "a value or a list"),
        (detection("{kind: []}"), 7, 21, "E012", "empty"),
        (detection("{}"), 7, 14, "E012", "at least one field"),
        (detection("null"), 7, 14, "E012", "at least one field"),
        (detection("{kind: lokup}"), 7, 21, "E022", "did you mean 'lookup'?"),
        (detection("{kind|startswith: zzz}"), 7, 32, "E022", "it is one of login"),
        (detection("{account: yes}"), 7, 24, "E022", "put the value in quotes"),
        (detection("{account|cased: null}"), 7, 30, "E022", "put the value in quotes"),
        (detection("{rows: '5'}"), 7, 21, "E022", "remove the quotes"),
        (detection("{rows: many}"), 7, 21, "E022", "holds numbers"),
        (detection("{rows: .inf}"), 7, 21, "E022", "beyond any number"),
        (detection("{rows|contains: 5}"), 7, 30, "E021", "holds no text"),
        (detection("{account|gte: 5}"), 7, 28, "E021", "no numbers to compare"),
        (detection("{automatic: maybe}"), 7, 26, "E022", "true or false"),
        (detection("{automatic|exists: maybe}"), 7, 33, "E022", "true or false"),
        (detection("{time: 2022-03-14}"), 7, 21, "E022", "only be asked for with exists"),
        (detection("{account|re: '(?=a)'}"), 7, 27, "E023", "look-around"),
        (detection("{account|re: 'a{999999}{9999}'}"), 7, 27, "E023", "size limit"),
        (detection("{rows|re: a}"), 7, 24, "E021", "holds no text"),
        (detection("{account|cidr: 10.0.0.0/8}"), 7, 29, "E021", "holds no addresses"),
        (detection("{ip|cidr: 10.0.0.1/8}"), 7, 24, "E024", "did you mean '10.0.0.0/8'?"),
        (detection("{ip|cidr: 10.0.0/8}"), 7, 24, "E024", "no network address"),
        # conditions
        (detection(condition="selction"), 8, 14, "E031", "did you mean 'selection'?"),
        (detection(condition="selection and"), 8, 26, "E030", "ends too early"),
        (detection(condition="selection AND selection"), 8, 24, "E030", "did you mean 'and'?"),
        (detection(condition="(selection"), 8, 14, "E030", "never closed"),
        (detection(condition="selection)"), 8, 23, "E030", "cannot follow"),
        (detection(condition="and"), 8, 14, "E030", "where a selection is due"),
        (detection(condition="1 of nothing*"), 8, 19, "E031", "no selection is called 'nothing*'"),
        (detection(condition="1 of"), 8, 17, "E030", "ends too early"),
        (detection(condition="selection | count() > 3"), 8, 24, "E030", "may not hold '|'"),
        (detection(condition="'" + "(" * 60 + "selection" + ")" * 60 + "'"), 8, 65, "E030", "nested brackets"),
        (detection(condition="[selection]"), 8, 14, "E030", "one line of text"),
        # correlations
        ("title: T\ncorrelation: x\n", 2, 14, "E012", "correlation is a mapping"),
        (correlation(rules="[lokup]"), 14, 11, "E040", "did you mean 'lookup'?"),
        (correlation(rules="[many]"), 14, 11, "E045", "refers back to 'many'"),
        (correlation(rules="[lookup, lookup]"), 14, 19, "E040", "stands here twice"),
        (correlation(rules="[]"), 14, 10, "E040", "list of names"),
        (correlation(rules=None), 13, 3, "E011", "'rules' is missing"),
        (correlation(type="temporal"), 17, 22, "E043", "temporal takes no field"),
        (correlation(type="temporal", condition="{gte: 2}"), 17, 15, "E043", "1 rules can never be 2"),
        (correlation(type="temporal", condition="lookup and"), 17, 23, "E043", "ends too early"),
        (correlation(type="temporal", condition="lookup or many"), 17, 24, "E043", "called 'many'"),
        (
            correlation(type="temporal", rules="[lookup, many]", condition="lookup"),
            17,
            14,
            "E043",
            "never names the rule",
        ),
        (correlation(type="temporal", condition="1 of lookup"), 17, 14, "E043", "called '1'"),
        (correlation(type="temporal", rules=None, condition="lookup and nobody"), 16, 25, "E040", "'nobody'"),
        (
            correlation(type="temporal_ordered", condition="lookup"),
            17,
            14,
            "E043",
            "only a correlation of type temporal",
        ),
        (correlation(type="value_sum", condition="{field: patient, gte: 80}"), 17, 22, "E043", "holds no numbers"),
        (correlation(type="value_sum", condition="{gte: 80}"), 17, 14, "E043", "value_sum needs a field"),
        (correlation(type="value_avg", condition="{field: [rows], gte: 80}"), 17, 22, "E043", "name of a field"),
        (correlation(type="value_avg", condition="{field: rows, gte: 1.00000005}"), 17, 33, "E043", "no count"),
        (correlation(type="value_percentile", condition="{field: rows, gte: 8}"), 17, 14, "E043", "percentile: 95"),
        (
            correlation(type="value_percentile", condition="{field: rows, gte: 8, percentile: 101}"),
            17,
            48,
            "E012",
            "from 0 to 100",
        ),
        (correlation(aliases="x"), 18, 12, "E044", "aliases is a mapping"),
        (correlation(aliases="{who: x}"), 18, 18, "E044", "field of each rule"),
        (correlation(aliases="{ip: {lookup: ip}}"), 18, 13, "E044", "a field already"),
        (correlation(aliases="{who: {lokup: ip}}"), 18, 19, "E044", "did you mean 'lookup'?"),
        (correlation(aliases="{who: {lookup: service}}"), 18, 27, "E041", "cannot be grouped"),
        (correlation(aliases="{who: {}}"), 18, 13, "E044", "nothing of the rule 'lookup'"),
        (chained(group_by="[ip]"), 25, 11, "E046", "have no 'ip'"),
        (chained(condition="{field: patient, gte: 2}", type="value_count"), 25, 11, "E046", "have no 'patient'"),
        (two_groups(), 20, 13, "E041", "not the same field"),
        (correlation(type="value_cuont"), 13, 9, "E012", "did you mean 'value_count'?"),
        (correlation(type=None), 13, 3, "E011", "'type' is missing"),
        (correlation(group_by=None), 13, 3, "E041", "write 'group-by: [account]'"),
        (correlation(group_by="{a: b}"), 15, 13, "E041", "list of fields"),
        (correlation(group_by="[acount]"), 15, 14, "E041", "did you mean 'account'?"),
        (correlation(group_by="[service]"), 15, 14, "E041", "cannot be grouped"),
        (correlation(timespan="1hour"), 16, 13, "E042", "no span of time"),
        (correlation(timespan="0s"), 16, 13, "E042", "no span of time"),
        (correlation(timespan="99999999w"), 16, 13, "E042", "no span of time"),
        (correlation(timespan="400d"), 16, 13, "E042", "no span of time"),
        (correlation(timespan=None), 13, 3, "E011", "'timespan' is missing"),
        (correlation(condition="3"), 17, 14, "E043", "is a mapping such as"),
        (correlation(condition=None), 13, 3, "E011", "'condition' is missing"),
        (correlation(condition="{gte: 80}"), 17, 14, "E043", "value_count needs a field"),
        (correlation(condition="{field: patient}"), 17, 14, "E043", "exactly one of gte"),
        (correlation(condition="{field: patient, gte: 1.5}"), 17, 36, "E043", "no count"),
        (correlation(condition="{field: patient, gte: 0}"), 17, 31, "E043", "says nothing"),
        (correlation(condition="{field: patiente, gte: 8}"), 17, 22, "E020", "did you mean 'patient'?"),
        (correlation(condition="{field: {a: b}, gte: 8}"), 17, 22, "E043", "name of a field"),
        (correlation(type="event_count"), 17, 22, "E043", "event_count takes no field"),
        (correlation(generate="maybe"), 18, 13, "E012", "true or false"),
        (correlation().replace("volume}", "volume, entity: {ip: each}}"), 11, 34, "E012", "{account: each}"),
        # filters
        (narrowing("rules: [nobody]"), 11, 11, "E040", "no rule is called 'nobody'"),
        (narrowing("rules: {a: b}"), 11, 10, "E040", "rules is any"),
        (narrowing("rules: any", "selection: x"), 11, 3, "E011", "'condition' is missing"),
        (narrowing("x: {account: a}"), 11, 3, "E011", "'rules' is missing"),
        ("title: T\nlogsource: {category: record_access}\nfilter: x\n", 3, 9, "E012", "mapping of selections"),
        # tests inside rules
        (with_tests("x"), 21, 10, "E060", "tests is a list"),
        (with_tests("[x]"), 21, 11, "E060", "a test has name"),
        (with_tests("[{name: a, expect: none}]"), 21, 11, "E011", "'events' is missing"),
        (
            with_tests("[{name: a, expect: some, events: [{time: 2022-03-14T09:00:00Z, account: A, kind: lookup}]}]"),
            21,
            29,
            "E060",
            "expect is none",
        ),
        (with_tests("[{name: a, expect: none, events: []}]"), 21, 43, "E060", "list of mappings"),
        (
            with_tests("[{name: a, expect: none, events: [{time: 2022-03-14T09:00:00, account: A, kind: lookup}]}]"),
            21,
            51,
            "E060",
            "no time with an offset",
        ),
        (
            with_tests("[{name: a, expect: none, events: [{time: tomorrow, account: A, kind: lookup}]}]"),
            21,
            51,
            "E060",
            "no time with an offset",
        ),
        (
            with_tests(
                "[{name: a, expect: none, events: [{time: 9999-12-31T23:00:00-05:00, account: A, kind: lookup}]}]"
            ),
            21,
            51,
            "E060",
            "no time",
        ),
        (
            with_tests("[{name: a, expect: none, events: [{account: A, kind: lookup}]}]"),
            21,
            44,
            "E011",
            "'time' is missing",
        ),
        (
            with_tests("[{name: a, expect: none, events: [{time: 2022-03-14T09:00:00Z, kind: lookup}]}]"),
            21,
            44,
            "E011",
            "'account' is missing",
        ),
        (
            with_tests("[{name: a, expect: none, events: [{time: 2022-03-14T09:00:00Z, account: A, kind: lokup}]}]"),
            21,
            91,
            "E060",
            "did you mean 'lookup'?",
        ),
        (
            with_tests("[{name: a, expect: none, events: [{time: 2022-03-14T09:00:00Z, account: , kind: lookup}]}]"),
            21,
            82,
            "E060",
            "cannot be",
        ),
        (
            with_tests(
                "[{name: a, expect: none, events: [{time: 2022-03-14T09:00:00Z, account: A, kind: lookup, rows: -1}]}]"
            ),
            21,
            105,
            "E060",
            "cannot be '-1'",
        ),
        (
            with_tests(
                "[{name: a, expect: none, events: [{time: 2022-03-14T09:00:00Z, account: A, kind: lookup, colour: 1}]}]"
            ),
            21,
            99,
            "E010",
            "colour",
        ),
        (
            with_tests(
                "[{name: a, expect: none, events: [{repeat: 0, time: 2022-03-14T09:00:00Z, account: A, kind: lookup}]}]"
            ),
            21,
            53,
            "E060",
            "repeat is a number",
        ),
        (
            with_tests(
                "[{name: a, expect: none, events: [{repeat: 9, every: x, time: 2022-03-14T09:00:00Z, account: A, kind: lookup}]}]"
            ),
            21,
            63,
            "E060",
            "no span",
        ),
        (
            with_tests(
                "[{name: a, expect: none, events: [{repeat: 9, every: 300d, time: 2022-03-14T09:00:00Z, account: A, kind: lookup}]}]"
            ),
            21,
            44,
            "E060",
            "two years",
        ),
        (with_tests("[]", "test"), 8, 1, "E061", "one that must not"),
    ],
)
def test_places_and_names_each_fault(tmp_path, text, line, column, code, said):
    seen = faults(tmp_path, text)
    assert (line, column, code) in [fault[:3] for fault in seen]
    assert any(said in fault[3] for fault in seen if fault[:3] == (line, column, code)), seen


def test_refuses_more_test_events_than_a_proof_can_run(tmp_path):
    block = "{repeat: 150000, time: 2022-03-14T09:00:00Z, account: A, kind: lookup}"
    seen = faults(tmp_path, with_tests(f"[{{name: a, expect: none, events: [{block}, {block}]}}]"))
    assert [fault[2] for fault in seen] == ["E060"]


@pytest.mark.parametrize(
    ("kind", "condition", "word"),
    [
        ("value_median", "{field: rows, gte: 8}", "value_median"),
        ("value_percentile", "{field: rows, gte: 8, percentile: 95}", "percentile"),
    ],
)
def test_warns_of_what_the_official_schema_does_not_know(tmp_path, kind, condition, word):
    (warning,) = load(tmp_path, correlation(type=kind, condition=condition)).warnings
    assert (warning.code, warning.place.line) == ("W043", 17)
    assert warning.message == f"the official schema of Sigma does not know '{word}'"
    assert load(tmp_path, correlation(type="value_avg", condition="{field: rows, gte: 8}")).warnings == ()


def test_reads_a_file_once_however_often_it_is_named(tmp_path, monkeypatch):
    load(tmp_path, LOOKUP)
    (tmp_path / "link.yml").symlink_to(tmp_path / "r0.yml")
    monkeypatch.chdir(tmp_path)
    rules = load_rules([Path("r0.yml"), tmp_path / "r0.yml", Path("link.yml"), tmp_path])
    assert [rule.name for rule in rules.rules] == ["lookup"]
    assert rules.by_name["lookup"].place.file == "r0.yml"


def test_refuses_two_rules_or_two_tests_of_one_name(tmp_path):
    assert [fault[2] for fault in faults(tmp_path, LOOKUP, LOOKUP)] == ["E014"]
    one = "{name: a, expect: {account: A}, events: [{time: 2022-03-14T09:00:00Z, account: A, kind: lookup}]}"
    assert [fault[2] for fault in faults(tmp_path, with_tests(f"[{one}, {one}]"))] == ["E060"]


def test_knows_every_code_it_gives():
    with pytest.raises(KeyError):
        Faults().add("E999", Path(), "x")
    assert all(code[0] in "EW" and text for code, text in CODES.items())


def test_prints_a_fault_with_place_code_and_hint(tmp_path):
    with pytest.raises(RuleErrors) as error:
        load(tmp_path, detection("{kind: lokup}"))
    assert str(error.value) == f"{tmp_path / 'r0.yml'}:7:21: E022 'kind' is never 'lokup'; did you mean 'lookup'?"
