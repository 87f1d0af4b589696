"""Rate limits: windows that slide, keys of their own, and a memory that cannot be filled."""

import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from engine.web.rates import RateLimit

NOW = datetime(2026, 5, 6, 9)


def test_knocks_are_counted_per_key_and_forgotten_after_the_window():
    limit = RateLimit(2)
    assert [limit.allows("a", NOW) for _ in range(3)] == [True, True, False]
    assert limit.allows("b", NOW)
    assert not limit.allows("a", NOW + timedelta(seconds=59))
    assert limit.allows("a", NOW + timedelta(seconds=60))


def test_looking_does_not_count():
    limit = RateLimit(1)
    assert not limit.is_full("a", NOW)
    assert limit.allows("a", NOW)
    assert limit.is_full("a", NOW)


def test_threads_may_ask_at_once():
    limit, before = RateLimit(3), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    def knock(number):
        for turn in range(400):
            limit.is_full("a", NOW + timedelta(seconds=turn * 61))
            limit.allows("a", NOW + timedelta(seconds=turn * 61 + number))

    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(knock, range(8)))
    finally:
        sys.setswitchinterval(before)
    assert len(limit._knocks["a"]) <= 3


def test_strangers_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("engine.web.rates._MOST_KEYS", 10)
    limit = RateLimit(1)
    for number in range(100):
        limit.count(str(number), NOW)
    assert len(limit._knocks) <= 10
