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
