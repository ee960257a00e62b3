"""The page: what is remarkable, and the pictures."""

import re

from tuned_log import FEW, RULE


def page_of(tune, folder, *arguments, **asked):
    code, _out, err = tune(*arguments, "--report", "page.html", **asked)
    assert (code, err) == (0, "page written to page.html\n")
    return (folder / "page.html").read_text()


def test_today_and_the_suggestion_are_marked_in_the_picture(tune, tmp_path):
    page = page_of(tune, tmp_path, *RULE, "--values", "98,120,150", "--alerts-per-night", "0.25")
    assert page.count("<svg") == 1
    (today,) = re.findall(r'class="today" x1="([\d.]+)"', page)
    (suggested,) = re.findall(r'class="suggested" x1="([\d.]+)"', page)
    assert float(today) == 52 < float(suggested)
    assert "take 98 in place of 80" in page
    assert "<script" not in page
    lines = re.findall(r'points="([^"]+)"', page)
    assert [len(line.split()) for line in lines] == [4, 4]


def test_all_regions_are_looked_at_and_silent_rules_named(tocsin, log, tmp_path):
    asked = ("--no-model", "--config", "tocsin.yml", "--now", "2026-11-25", "--quiet", "--values", "120")
    code, out, _err = tocsin("tune", log, "--rules", FEW, *asked, "--rule", "distinct_people_1h", "--report", "p.html")
    assert (code, "Replayed for all regions" in out) == (0, True)
    page = (tmp_path / "p.html").read_text()
    assert re.search(r'<td>29</td><td class="number">4</td><td class="number">0.33</td>', page)
    assert re.search(r'<td>75</td><td class="number">2</td><td class="number">0.11</td>', page)
    assert "Noisy, more than one account-night in fifty: distinct_people_1h (0.44 hits a night)" in page
    assert "Silent, no hit on any night: none" in page


def test_a_rule_whose_factor_is_tried_too_is_named_once(tune, tmp_path):
    page = page_of(tune, tmp_path, "--rule", "distinct_people_1d")
    assert "Silent, no hit on any night: distinct_people_1d</li>" in page
    assert "<small>distinct_people_1d.factor</small>" in page


def test_a_rule_without_a_hit_is_silent(tune, tmp_path):
    page = page_of(tune, tmp_path, "--rule", "distinct_people_1d", "--values", "700")
    assert "Silent, no hit on any night: distinct_people_1d" in page


def test_a_page_that_is_there_is_not_replaced(tune, tmp_path):
    (tmp_path / "page.html").write_text("mine")
    code, _out, err = tune(*RULE, "--report", "page.html")
    assert (code, "page.html is there already" in err) == (2, True)
    assert (tmp_path / "page.html").read_text() == "mine"
