import polars as pl
import pytest

from tocsin.enrich.network import networks


@pytest.mark.parametrize(
    ("text", "ip", "network"),
    [
        ("10.1.2.3", "10.1.2.3", "10.1.2.0/24"),
        ("10.1.2.3:443", "10.1.2.3", "10.1.2.0/24"),
        ("10.1.2.3, 192.168.0.1", "10.1.2.3", "10.1.2.0/24"),
        ("2001:db8:aa:bbcc::1", "2001:db8:aa:bbcc::1", "2001:db8:aa:bb00::/56"),
        ("[2001:DB8::1]:443", "2001:db8::1", "2001:db8::/56"),
        ("fe80::1%eth0", "fe80::1", "fe80::/56"),
        ("::ffff:10.1.2.3", "10.1.2.3", "10.1.2.0/24"),
        ("client.example", None, None),
        ("10.1.2.300", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_gives_an_address_in_one_way_and_its_network(text, ip, network):
    assert networks(pl.Series([text, text], dtype=pl.String)).rows() == [(ip, network)] * 2


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),  # whoever asked wrote the first hop himself
        ("10.1.2.3, 192.168.0.1", "10.1.2.3"),
        ("203.0.113.9:1234,[fd00::1]:443", "203.0.113.9"),
        ("2001:db8::5, ::ffff:10.0.0.1", "2001:db8::5"),
        ("unknown, 10.0.0.1", "10.0.0.1"),
        ("203.0.113.9, unknown", None),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_trusted_proxy(hops, client):
    assert networks(pl.Series([hops]))["ip"].to_list() == [client]


def test_only_the_proxies_of_the_settings_are_trusted():
    hops = pl.Series(["203.0.113.9, 192.0.2.7, 192.0.2.200", "203.0.113.9, 10.0.0.1"])
    assert networks(hops, ("192.0.2.0/25", "192.0.2.200/32"))["ip"].to_list() == ["203.0.113.9", "10.0.0.1"]
    assert networks(hops, ())["ip"].to_list() == ["192.0.2.200", "10.0.0.1"]
