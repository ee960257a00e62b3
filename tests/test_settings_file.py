import re
from dataclasses import replace

import pytest

from tocsin.errors import SettingsError
from tocsin.settings import (
    Baselines,
    Feedback,
    Innocence,
    MissingLogs,
    Outlier,
    Sessions,
    Settings,
    StateSettings,
    UrlPattern,
)
from tocsin.settings_file import read_settings
from tocsin.settings_page import entries


def read(tmp_path, text):
    path = tmp_path / "tocsin.yml"
    path.write_text(text)
    return read_settings(path)


def refused(tmp_path, text):
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_an_empty_file_keeps_every_default(tmp_path):
    assert read(tmp_path, "# nothing yet\n") == Settings()


def test_changes_what_it_names_and_nothing_else(tmp_path):
    settings = read(tmp_path, "portal: {zone: Indian/Reunion}\nalerting: {floor_points: 12, ceiling: 30}\n")
    assert settings.portal.zone == "Indian/Reunion"
    assert settings.alerting.floor_points == 12.0
    assert settings.baselines == Settings().baselines


def test_a_weight_changes_beside_the_others(tmp_path):
    weights = read(tmp_path, "families: {weights: {origin: 40}, data_access: [volume, novelty]}").families
    assert weights.weights == {**Settings().families.weights, "origin": 40}
    assert weights.data_access == ("volume", "novelty")


def test_urls_are_a_list_of_patterns(tmp_path):
    text = "urls:\n  - {method: GET, path: '/p/(?<patient>.*)', kind: lookup, service: file}\n"
    assert read(tmp_path, text).urls == (UrlPattern("GET", "/p/(?<patient>.*)", "lookup", "file"),)


def test_all_faults_are_told_at_once_with_their_places(tmp_path):
    text = "portal:\n  zon: x\nbaselines:\n  nights: many\n  clip_surprise: true\nurls:\n  - {method: GET, way: x}\n"
    assert refused(tmp_path, text).splitlines() == [
        "tocsin.yml:2:3: unknown setting 'zon'; did you mean 'zone'?",
        "tocsin.yml:4:11: 'many' is not a whole number",
        "tocsin.yml:5:18: True is not a number",
        "tocsin.yml:7:5: a url needs 'path'",
        "tocsin.yml:7:5: a url needs 'kind'",
        "tocsin.yml:7:5: a url needs 'service'",
        "tocsin.yml:7:19: unknown key 'way'",
    ]


def test_a_section_must_be_a_mapping(tmp_path):
    assert "tocsin.yml:1:9: keys and values are expected here" in refused(tmp_path, "portal: Paris\n")


def test_a_text_must_be_a_text(tmp_path):
    assert "tocsin.yml:1:16: 3 is not a text" in refused(tmp_path, "portal: {zone: 3}")


def test_refuses_a_zone_that_does_not_exist(tmp_path):
    assert (
        refused(tmp_path, "portal:\n  zone: Europe/Pariss\n")
        == "tocsin.yml:2:9: no time zone is called 'Europe/Pariss'; write it as Europe/Paris"
    )


def test_refuses_what_is_not_yaml(tmp_path):
    assert refused(tmp_path, "portal: {zone\n").startswith("tocsin.yml:2:1: ")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"none.yml cannot be read: No such file or directory; check --config"):
        read_settings(tmp_path / "none.yml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("alerting: {floor_points: .nan}", "tocsin.yml:1:26: nan is out of range"),
        ("alerting: {floor_points: -1}", "tocsin.yml:1:26: -1 is out of range; write 0 to 1,000,000"),
        ("reading: {repeat_minutes: 99999999999999}", "is out of range"),
        ("baselines: {nights: 0}", "nights is 0; write 1 or more"),
        ("baselines: {own_nights: 0, dispersion_nights: 0}", "dispersion_nights is 0"),
        ("portal: {patient_kind: NIR}", "tocsin.yml:1:24: 'NIR' is not known; did you mean 'nir'?"),
        ("portal: {patient_kind: banana}", "choose from nir, number, opaque"),
        ("families: {data_access: [volum]}", "tocsin.yml:1:26: 'volum' is not known; did you mean 'volume'?"),
        ("families: {weights: {volum: 100}}", "unknown key 'volum'; did you mean 'volume'?"),
        ("reading: {least: {peple: 5}}", "unknown key 'peple'; did you mean 'people'?"),
        ("families: {data_access: []}", "tocsin.yml:1:25: no family shows reading; name one or more"),
        ("portal: {zone: 7}", "no time zone is called 7"),
        ("feedback: {near: -0.5}", "tocsin.yml:1:18: -0.5 is out of range; write 0 to 1,000,000"),
        ("missing_logs: {always: .nan}", "tocsin.yml:1:24: nan is out of range"),
        ("innocent: {way_out: 2.5}", "tocsin.yml:1:21: 2.5 is not a whole number"),
        ("outlier: {trees: 0}", "tocsin.yml:1:18: trees is 0; write 1 or more"),
        ("baselines: {prior_shape: 0}", "tocsin.yml:1:26: prior_shape is 0.0; write 0.01 or more"),
        ("baselines: {shift_trimmed: 0.5}", "tocsin.yml:1:28: shift_trimmed is 0.5; write 0.4 or less"),
        ("alerting: {calm_nights: 1}", "tocsin.yml:1:25: calm_nights is 1; write 2 or more"),
        ("sessions: {habit_nights: 900000}", "tocsin.yml:1:26: habit_nights is 900000; write 3,650 or less"),
        ("older: {block_days: 0}", "tocsin.yml:1:21: block_days is 0; write 7 or more"),
        ("older: {weight: 1.5}", "tocsin.yml:1:17: weight is 1.5; write 1 or less"),
    ],
)
def test_values_that_would_switch_detection_off_are_refused(tmp_path, text, message):
    assert message in refused(tmp_path, text)


def test_every_number_is_checked_against_nonsense(tmp_path):
    for entry in entries():
        if len(entry.path) == 2 and isinstance(entry.default, int | float):
            for wrong in ("-1", ".nan", "many"):
                message = refused(tmp_path, f"{entry.path[0]}:\n  {entry.path[1]}: {wrong}\n")
                assert re.match(rf"tocsin.yml:2:{len(entry.path[1]) + 5}: .* is (out of range|not a)", message), entry


def test_a_setting_of_a_verdict_changes_the_hash_and_one_of_the_store_does_not():
    usual = Settings().sha256
    assert replace(Settings(), state=StateSettings(late_days=3)).sha256 == usual
    for changed in (
        {"feedback": Feedback(near=0.4)},
        {"innocent": Innocence(much=2.0)},
        {"missing_logs": MissingLogs(silent=0.1)},
        {"outlier": Outlier(trees=50)},
        {"baselines": Baselines(clip_peers=6.0)},
        {"sessions": Sessions(known_nights=3)},
    ):
        assert replace(Settings(), **changed).sha256 != usual


def test_files_are_looked_for_beside_the_settings(tmp_path):
    path = tmp_path / "tocsin.yml"
    path.write_text("directory: accounts.csv\n")
    assert read_settings(path).directory == str(tmp_path / "accounts.csv")
    path.write_text("directory: /etc/accounts.csv\n")
    assert read_settings(path).directory == "/etc/accounts.csv"


def test_networks_of_proxies_are_networks(tmp_path):
    settings = read(tmp_path, "network: {trusted_proxies: [192.0.2.0/24, 2001:db8::1], database: a.mmdb}")
    assert settings.network.trusted_proxies == ("192.0.2.0/24", "2001:db8::1/128")
    assert settings.network.database == str(tmp_path / "a.mmdb")
    assert refused(tmp_path, "network:\n  trusted_proxies: [192.0.2.1/24]") == (
        "tocsin.yml:2:21: '192.0.2.1/24' is no network: 192.0.2.1/24 has host bits set; write it as 192.0.2.0/24"
    )
    assert refused(tmp_path, "network:\n  forwarded_for: last") == (
        "tocsin.yml:2:18: 'last' is not known; choose from none, last_field"
    )
