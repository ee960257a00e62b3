import pytest

from reading_logs import read, read_both_ways
from tocsin.errors import InputError
from tocsin.formats.amelipro import EVENT_KINDS, OUTCOMES, SERVICE_KINDS

CONSULTATIONS = "date_heure;identifiant_ps;profession;departement_ps;id_session;adresse_ip;navigateur;service;nir;resultat;nb_lignes\n"
LOGINS = "date_heure;identifiant_ps;evenement;resultat;adresse_ip;navigateur\n"


def test_reads_a_consultation():
    line = '14/03/2022 10:00:00;PS1;pharmacien;2A;s1;10.0.0.1;"Mozilla; x";CONSULTATION_DROITS;1 85 05 78 006 084 36;OK;3\n'
    row = read_both_ways((CONSULTATIONS + line).encode(), "amelipro").events.row(0, named=True)
    said = {name: value for name, value in row.items() if value is not None}
    assert said["time"].isoformat() == "2022-03-14T09:00:00+00:00"
    del said["time"]
    assert said == {
        "kind": "lookup", "outcome": "success", "account": "PS1", "profession": "pharmacien", "region": "2A", "session": "s1",
        "ip": "10.0.0.1", "user_agent": "Mozilla; x", "service": "CONSULTATION_DROITS", "patient": "1 85 05 78 006 084 36",
        "rows": 3, "line": 2, "byte": len(CONSULTATIONS),
    }  # fmt: skip


def test_reads_the_login_twin():
    lines = LOGINS + "14/03/2022 10:00:00;PS1;Réinitialisation mdp;Échec;10.0.0.1;Mozilla\n"
    reading = read_both_ways(lines.encode(), "amelipro")
    assert (reading.column("kind"), reading.column("outcome")) == (["credential_change"], ["failure"])


@pytest.mark.parametrize(("event", "kind"), EVENT_KINDS.items())
def test_knows_every_event(event, kind):
    reading = read((LOGINS + f"2022-03-14T10:00:00Z;PS1;{event};OK;;\n").encode(), "amelipro")
    assert (reading.column("kind"), reading.unknown_kinds) == ([kind], 0)


@pytest.mark.parametrize(("start", "kind"), SERVICE_KINDS.items())
def test_knows_every_service(start, kind):
    reading = read(
        (CONSULTATIONS + f"2022-03-14T10:00:00Z;PS1;;;;;;{start.lower()} des choses;;OK;\n").encode(), "amelipro"
    )
    assert (reading.column("kind"), reading.unknown_kinds) == ([kind], 0)


@pytest.mark.parametrize(("result", "outcome"), {**OUTCOMES, "": "unknown"}.items())
def test_knows_every_result(result, outcome):
    reading = read((LOGINS + f"2022-03-14T10:00:00Z;PS1;CONNEXION;{result};;\n").encode(), "amelipro")
    assert (reading.column("outcome"), reading.unknown_outcomes) == ([outcome], 0)


def test_an_unlisted_service_is_a_lookup_where_a_person_is_named_and_is_counted():
    lines = (
        CONSULTATIONS
        + "2022-03-14T10:00:00Z;PS1;;;;;;TELESERVICE;1850578006084;OK;\n2022-03-14T10:00:00Z;PS1;;;;;;TELESERVICE;;OK;\n"
    )
    reading = read_both_ways(lines.encode(), "amelipro")
    assert (reading.column("kind"), reading.unknown_kinds) == (["lookup", "other"], 2)


@pytest.mark.parametrize("missing", ["date_heure", "identifiant_ps", "service"])
def test_refuses_a_table_without_a_needed_column(missing):
    with pytest.raises(InputError, match=f"no column '{missing}'"):
        read(CONSULTATIONS.replace(missing, "x").encode(), "amelipro")


def test_refuses_a_file_without_header():
    with pytest.raises(InputError, match="no column 'date_heure'"):
        read(b"1;2;3\n", "amelipro")
