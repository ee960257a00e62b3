import polars as pl
import pytest

from tocsin.enrich.software import software_in


@pytest.mark.parametrize(
    ("user_agent", "software"),
    [
        ("LogiSoins/12.3", "LogiSoins"),
        ("Logiciel Medical 3.2", "Logiciel Medical"),
        ("Hexa-Soins v3.4 (Windows)", "Hexa-Soins"),
        ("Apache-HttpClient/4.5.3 (Java/1.8)", "Apache-HttpClient"),
        ("Soins", "Soins"),
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/127.0", None),
        ("Opera/9.80 (Windows NT 6.1)", None),
        ("12/3", None),
        ("", None),
        (None, None),
    ],
)
def test_software_says_its_name_and_a_browser_none(user_agent, software):
    agents = pl.DataFrame({"user_agent": [user_agent]}, schema={"user_agent": pl.String})
    assert agents.select(software_in("user_agent")).item() == software
