"""A draft of a mapping: what it is sure of, what it guesses, and what it never writes down."""

import io
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import mutated
from fuzzing import examples
from tocsin.cli import main
from tocsin.errors import InputError, MappingError
from tocsin.formats.draft import draft
from tocsin.formats.draft_sample import take_sample
from tocsin.formats.lines import Source
from tocsin.formats.mapping import mapped

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def drafted(log):
    data = log if isinstance(log, bytes) else log.encode()
    return draft(take_sample(Source("logs/portail.csv", io.BytesIO(data))), "Europe/Paris", NOW)


def said(text, start):
    """Give the line that starts so, and its mark."""
    [line] = [line for line in text.splitlines() if line.strip().startswith(start)]
    body, _, mark = line.partition("  #")
    return body.strip(), mark.split(":")[0].strip()


def rows(*lines, header="date;login;action;patient;code"):
    return "\n".join([header, *lines]) + "\n"


def test_a_name_that_says_it_and_values_that_fit_are_certain():
    text = drafted(rows("14/03/2022 10:00:00;A1;Consultation;850;OK", "15/03/2022 10:00:00;A2;Connexion;;KO"))
    assert said(text, "account:") == ("account: login", "certain")
    assert said(text, "pattern:") == ('pattern: "%d/%m/%Y %H:%M:%S"', "certain")
    assert said(text, "zone:") == ("zone: Europe/Paris", "guess")
    assert said(text, "Consultation:") == ("Consultation: lookup", "certain")
    assert said(text, "KO:") == ("KO: failure", "certain")


@pytest.mark.parametrize(
    ("times", "pattern", "mark"),
    [
        (["01/02/2022 10:00:00", "03/02/2022 10:00:00"], "%d/%m/%Y %H:%M:%S", "guess"),
        (["02/14/2022 10:00:00", "02/03/2022 10:00:00"], "%m/%d/%Y %H:%M:%S", "certain"),
        (["14.02.2022 10:00", "03.02.2022 10:00"], "%d.%m.%Y %H:%M", "certain"),
        (["14/02/22 10:00", "15/02/22 10:01", "soon"], "%d/%m/%y %H:%M", "guess"),
    ],
)
def test_day_and_month_that_could_be_swapped_are_a_guess(times, pattern, mark):
    text = drafted(rows(*(f"{time};A1;Consultation;850;OK" for time in times)))
    assert said(text, "pattern:") == (f'pattern: "{pattern}"', mark)


@pytest.mark.parametrize("time", ["2022-03-14T10:00:00+01:00", "1647252003123"])
def test_times_with_an_offset_need_no_zone(time):
    text = drafted(rows(f"{time};A1;Consultation;850;OK"))
    assert said(text, "pattern:") == ("pattern: usual", "certain")
    assert "zone:" not in text


def test_a_date_and_a_clock_in_two_fields_are_joined():
    text = drafted("jour;heure;login;action\n14/03/2022;10:00:00;A1;Lecture\n15/03/2022;10:05:00;A1;Lecture\n")
    assert said(text, "join:") == ("join: [jour, heure]", "certain")
    assert said(text, "pattern:")[0] == 'pattern: "%d/%m/%Y %H:%M:%S"'


def test_objects_are_drafted_by_their_paths(tmp_path):
    log = (
        '{"timestamp":"2022-03-14T10:00:00Z","actor":{"login":"A1"},"action":"read","hits":[{"patient":"850"}],'
        '"peer":"10.0.0.1","a.b":1}\n' * 3
    )
    text = drafted(log)
    assert said(text, "container:")[0] == "container: ndjson"
    assert said(text, "account:")[0] == "account: actor.login"
    assert said(text, "patient:")[0] == 'patient: "hits[0].patient"'
    assert said(text, "ip:") == ("ip: peer", "guess")
    (tmp_path / "p.yml").write_text(text)
    assert mapped(str(tmp_path / "p.yml")).plan.columns["patient"].fields == ("hits[0].patient",)


def test_a_log_without_header_gets_names_for_its_fields(tmp_path):
    text = drafted("14/03/2022 10:00:00|10.0.0.1|read\n14/03/2022 10:00:01|10.0.0.2|read\n")
    assert said(text, "header:") == ("header: [field 1, field 2, field 3]", "guess")
    assert said(text, "separator:")[0] == 'separator: "|"'
    assert said(text, "ip:") == ("ip: field 2", "guess")
    assert said(text, "field: field 3")[1] == "guess"


def test_what_is_missing_is_asked_for_and_refused_by_the_next_step(tmp_path):
    text = drafted("a\tb\nx\ty\nz\tw\n")
    assert said(text, "separator:")[0] == "separator: tab"
    assert said(text, "account:") == ('account: "?"', "guess")
    assert said(text, "time:") == ('time: {field: "?"}', "guess")
    assert said(text, "kind:") == ("kind: {constant: lookup}", "guess")
    assert said(text, "outcome:") == ("outcome: {constant: success}", "guess")
    assert "# patient:" in text


def test_a_draft_that_asks_is_refused_where_it_asks_until_it_is_answered(tmp_path, capsys):
    for log in (
        '{"ts": "2022-03-14T10:00:00Z", "z": "a"}\n' * 2,
        "when;z\n2022-03-14 10:00:00;a\n2022-03-14 10:00:01;b\n",
        "2022-03-14 10:00:00|z|1\n2022-03-14 10:00:01|y|2\n",
    ):
        text = drafted(log)
        (tmp_path / "p.yml").write_text(text)
        (tmp_path / "p.log").write_text(log)
        line = next(number for number, line in enumerate(text.splitlines(), 1) if "account:" in line)
        assert "ts" not in text.splitlines()[line - 1].partition("#")[2], "it is the time already"
        with pytest.raises(SystemExit) as stop:
            main(["formats", "test", str(tmp_path / "p.yml"), str(tmp_path / "p.log")])
        assert stop.value.code == 2
        assert f"p.yml:{line}:12: there is no field '?'" in capsys.readouterr().err


def test_the_last_part_of_a_path_is_read_with_what_it_belongs_to():
    text = drafted(
        '{"ts": "2022-03-14T10:00:00Z", "actor": {"id": "u1", "name": "Zoé"}, "patient": {"id": "7"}, "op": "READ", "target": [{"type": "Patient"}]}\n'
        * 2
    )
    assert said(text, "account:") == ("account: actor.id", "certain")
    assert said(text, "person:")[0] == "person: actor.name"
    assert said(text, "patient:") == ("patient: patient.id", "certain")
    assert said(text, "field: op") == ("field: op", "certain")
    assert said(drafted('{"ts": "2022-03-14T10:00:00Z", "user": {"name": "u1"}}\n'), "account:") == (
        "account: user.name",
        "guess",
    )


@pytest.mark.parametrize(
    ("patients", "kind", "mark"),
    [
        (["1850578006084", "1 85 05 78 006 085"], "nir", "certain"),
        (["1850578006084", "1850578006085", "x"], "nir", "guess"),
        (["850", "851"], "number", "guess"),
        (["D-850", "D-851"], "opaque", "certain"),
    ],
)
def test_says_what_identifiers_are(patients, kind, mark):
    text = drafted(rows(*(f"14/03/2022 10:00:00;A1;Consultation;{patient};OK" for patient in patients)))
    assert said(text, "patient_kind:") == (f"patient_kind: {kind}", mark)


def test_no_number_of_a_person_is_written_down():
    lines = [f"14/03/2022 10:00:00;A1;Consultation 18505780060{number};1850578006084;OK" for number in (84, 85)]
    text = drafted(rows(*lines))
    assert "185057800" not in text


def test_field_names_that_yaml_would_mistake_are_quoted(tmp_path):
    text = drafted("Date;no;N°\xa0dossier;login: x;action\n14/03/2022 10:00:00;1;850;A1;oui\n")
    (tmp_path / "p.yml").write_text(text)
    plan = mapped(str(tmp_path / "p.yml")).plan
    assert plan.columns["patient"].fields == ("N°\xa0dossier",)
    assert plan.columns["account"].fields == ("login: x",)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("", "holds no line"),
        ("one word\nanother\n", "neither JSON nor separated"),
        ('{"a":\n', "neither JSON nor separated"),
    ],
)
def test_what_cannot_be_drafted_is_said(log, message):
    with pytest.raises(InputError, match=message) as refused:
        drafted(log)
    assert refused.value.hint


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def test_a_file_that_is_there_is_not_overwritten(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(rows("14/03/2022 10:00:00;A1;Consultation;850;OK"))
    (tmp_path / "a.yml").write_text("mine")
    assert run("formats", "draft", tmp_path / "a.csv", "--out", tmp_path / "a.yml") == 2
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "a.yml").read_text() == "mine"
    assert run("formats", "draft", tmp_path / "a.csv", "--out", tmp_path / "nowhere" / "a.yml") == 2
    assert run("formats", "draft", tmp_path / "a.csv") == 0
    assert "account: login" in capsys.readouterr().out


def test_trying_a_mapping_says_what_is_rejected_empty_and_not_listed(tmp_path, capsys):
    (tmp_path / "a.csv").write_text(
        "t;login;action;nir\n14/03/2022 10:00:00;A1;LIRE;1850578006084\n"
        "14/03/2022 10:00:01;A1;LIRE 1850578006084;\nnever;A1;LIRE;\n14/03/2022 10:00:02;;LIRE;\n"
    )
    (tmp_path / "a.yml").write_text(
        'container: csv\nseparator: ";"\ntime: {field: t, pattern: "%d/%m/%Y %H:%M:%S"}\n'
        "columns: {account: login, patient: nir, ip: adresse}\nkind: {field: action, values: {LIRE: lookup}}\n"
        "patient_kind: opaque\n"
    )
    assert run("formats", "test", tmp_path / "a.yml", tmp_path / "a.csv") == 0
    out = capsys.readouterr().out
    assert "always empty: ip" in out
    assert "rejected: time not readable: 1, the first on line 4" in out
    assert "rejected: no account: 1, the first on line 5" in out
    assert "not listed under kind: LIRE" in out
    assert "patient_valid" not in out, "the mapping says opaque"
    assert "1850578006084" not in out


def test_shows_the_columns_of_a_format_and_what_it_lacks(tmp_path, capsys):
    assert run("formats", "show", "amelipro") == 0
    out = capsys.readouterr().out
    assert "  patient     nir (consultations)" in out
    assert "it cannot say: " in out
    assert run("formats", "show", "excel") == 2


def test_actions_that_are_all_numbers_of_something_leave_no_values_and_a_draft_that_can_be_read(tmp_path):
    text = drafted(rows('14/03/2022 10:00:00;A1;"15/03/20Conn;x";;KO').encode())
    assert "  values: {}\n  otherwise: other\n" in text
    (tmp_path / "p.yml").write_text(text)
    mapped(str(tmp_path / "p.yml"))


@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bytes_are_drafted_as_a_mapping_that_can_be_read_or_refused(data, tmp_path):
    sound = rows("14/03/2022 10:00:00;A1;Consultation;850;OK", '15/03/2022 10:00:00;A2;"Conn;x";;KO').encode()
    objects = b'{"at":"2022-03-14T10:00:00Z","actor":{"login":"A1"},"action":["read"],"n":[{"p":1}]}\n'
    log = data.draw(st.one_of(mutated(sound), mutated(objects * 3), st.binary(max_size=300)))
    try:
        text = drafted(log)
    except InputError:
        return
    (tmp_path / "p.yml").write_text(text)
    asks = any(mark in text for mark in ("? ", "?}", '"?"'))
    with pytest.raises(MappingError) if asks else nullcontext():
        mapped(str(tmp_path / "p.yml"))


def test_short_words_count_where_they_stand_alone_in_a_value():
    header = "date;login;action;patient;code"
    actions = ("DEFI_MFA", "CHANGEMENT_MDP", "SMFAX")
    text = drafted(rows(*(f"14/03/2022 10:00:00;A1;{action};850;OK" for action in actions), header=header))
    assert said(text, "DEFI_MFA:") == ("DEFI_MFA: mfa", "certain")
    assert said(text, "CHANGEMENT_MDP:") == ("CHANGEMENT_MDP: credential_change", "certain")
    assert said(text, "SMFAX:") == ("SMFAX: other", "guess")


def test_practice_software_beside_browsers_is_a_user_agent():
    agents = ("Mozilla/5.0 (Windows NT 10.0)", "LogiSoins/12.3", "Hexa-Med v3.4", "Weda-Desk/5.8.1")
    header = "date;login;action;patient;poste2"
    text = drafted(rows(*(f"14/03/2022 10:00:00;A1;Consultation;850;{agent}" for agent in agents), header=header))
    assert said(text, "user_agent:") == ("user_agent: poste2", "guess")
    pages = rows(*(f"14/03/2022 10:00:00;A1;Consultation;850;droits/{page}" for page in range(4)), header=header)
    assert "user_agent" not in drafted(pages).split("# not used")[0]
