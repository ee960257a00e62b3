import polars as pl
import pytest

from tiny_mmdb import mmdb
from tocsin.enrich.address_database import AddressDatabases, placed
from tocsin.errors import SettingsError
from tocsin.schema import NETWORK_TYPE


def events(*addresses, **said):
    frame = pl.DataFrame({"ip": addresses}, schema={"ip": pl.String})
    return frame.with_columns(
        country=pl.lit(said.get("country"), pl.String),
        asn=pl.lit(said.get("asn"), pl.UInt32),
        network_type=pl.lit(said.get("network_type"), NETWORK_TYPE),
    )


@pytest.fixture
def database(tmp_path):
    def database(records, name="addresses.mmdb", **options):
        path = tmp_path / name
        path.write_bytes(mmdb(records, **options))
        return path

    return database


def said(path, address):
    with AddressDatabases([path]) as databases:
        return placed(events(address), databases).row(0)[1:]


def test_fills_in_what_the_databases_say_and_the_log_does_not(database):
    places = database(
        {"203.0.113.0/24": {"country": {"iso_code": "fr"}}, "2001:db8::/32": {"country": {"iso_code": "DE"}}}
    )
    operators = database(
        {"203.0.113.0/24": {"autonomous_system_number": 16276, "autonomous_system_organization": "OVH SAS"}}, "asn.mmdb"
    )
    with AddressDatabases([places, operators]) as databases:
        table = placed(
            events("203.0.113.9", "2001:db8::1", "198.51.100.1", None, "no address", "203.0.113.9"), databases
        )
        kept = placed(events("203.0.113.9", country="BE", asn=1, network_type="isp"), databases)
    assert table.rows() == [
        ("203.0.113.9", "FR", 16276, "hosting"),
        ("2001:db8::1", "DE", None, None),
        ("198.51.100.1", None, None, None),
        (None, None, None, None),
        ("no address", None, None, None),
        ("203.0.113.9", "FR", 16276, "hosting"),
    ]  # fmt: skip
    assert kept.row(0) == ("203.0.113.9", "BE", 1, "isp")


def test_asks_for_each_address_once(database, monkeypatch):
    with AddressDatabases([database({"203.0.113.0/24": {"country_code": "FR"}})]) as databases:
        placed(events(*["203.0.113.9"] * 50), databases)
        placed(events(*["203.0.113.9"] * 50), databases)
        assert databases.said.cache_info().misses == 1


def test_without_a_database_events_stay_as_they_are():
    frame = events("203.0.113.9")
    assert placed(frame, AddressDatabases()) is frame


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"country": "FR", "asn": "AS3215", "as_name": "Orange"}, ("FR", 3215, None)),
        ({"registered_country": {"iso_code": "CH"}, "traits": {"autonomous_system_number": 7, "user_type": "residential"}}, ("CH", 7, "isp")),
        ({"connection_type": "Cellular"}, (None, None, "mobile")),
        ({"is_anonymous": True, "is_hosting_provider": True, "is_anonymous_vpn": True}, (None, None, "vpn")),
        ({"traits": {"is_tor_exit_node": True}}, (None, None, "proxy")),
        ({"traits": {"is_hosting_provider": False, "user_type": "business"}}, (None, None, None)),
        ({"type": "education"}, (None, None, "edu")),
        ({"autonomous_system_organization": "Universite de Rennes"}, (None, None, "edu")),
        ({"autonomous_system_organization": "Free SAS"}, (None, None, None)),
        ({"country": {"iso_code": "FRA"}, "asn": 2**40, "is_vpn": "yes", "traits": "x"}, (None, None, None)),
        ({"country": ["FR"], "asn": "AS", "type": 7.5}, (None, None, None)),
        ("only text", (None, None, None)),
    ],
)  # fmt: skip
def test_understands_the_ways_in_which_databases_say_it(database, record, expected):
    assert said(database({"203.0.113.0/24": record}), "203.0.113.9") == expected


def test_an_ipv6_address_is_not_in_a_database_of_ipv4(database):
    path = database({"203.0.113.0/24": {"country": "FR"}}, version=4)
    assert said(path, "203.0.113.9")[0] == "FR"
    assert said(path, "2001:db8::1") == (None, None, None)


def test_says_what_is_wrong_with_a_database(database, tmp_path):
    with pytest.raises(SettingsError, match=r"none.mmdb cannot be read: .*; check `network` in the settings"):
        AddressDatabases([tmp_path / "none.mmdb"])
    text = tmp_path / "text.mmdb"
    text.write_text("no database")
    with pytest.raises(SettingsError, match=r"text.mmdb is no address database of MaxMind's format"):
        AddressDatabases([text])
    path = database({"203.0.113.0/24": {"country": "FR"}})
    broken = path.read_bytes().replace(b"\x42FR", b"\x5eFR")  # a text longer than the file
    path.write_bytes(broken)
    with pytest.raises(SettingsError, match="is damaged; fetch it again"):
        said(path, "203.0.113.9")
