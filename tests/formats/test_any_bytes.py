"""Whatever bytes come: nothing raised, nothing lost, and the fast path says what the careful one says."""

import inspect

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import BLOCKS, mutated
from fuzzing import examples
from reading_logs import READ_ONE_WAY, read_both_ways
from sound_logs import LOGS, format_of
from tocsin.errors import InputError
from tocsin.formats import by_name


@pytest.mark.parametrize("name", LOGS)
@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), tiny=BLOCKS)
def test_a_mutated_log_is_accounted_for_and_read_the_same_way_fast_and_carefully(name, data, tiny):
    log = data.draw(mutated(LOGS[name]))
    try:
        read_both_ways(log, format_of(name), tiny)
    except InputError as refused:
        message = refused.message
    else:
        return
    assert "cannot be" in message


@pytest.mark.parametrize("name", LOGS)
@settings(max_examples=examples(6), deadline=None)
@given(tail=st.binary(max_size=400), tiny=BLOCKS)
def test_random_bytes_after_a_sound_start_are_accounted_for(name, tail, tiny):
    reading = read_both_ways(LOGS[name] + tail, format_of(name), tiny)
    assert reading.events.height >= 2


@pytest.mark.parametrize("name", READ_ONE_WAY)
def test_formats_that_are_read_in_one_way_ask_for_no_other(name):
    assert "options.careful" not in inspect.getsource(inspect.getmodule(type(by_name(name))))


@pytest.mark.parametrize("name", LOGS)
def test_every_line_of_the_sound_logs_is_read(name):
    log = LOGS[name]
    reading = read_both_ways(log, format_of(name))
    assert reading.rejects == []
    if not log.startswith(b"["):
        assert reading.events["line"].to_list() == list(range(1 + reading.ignored, log.count(b"\n") + 1))
