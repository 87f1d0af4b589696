import re
import zoneinfo
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clock.system import SystemClock, TimeOrderedIds


def test_clock_tells_civil_time_without_offset() -> None:
    now = SystemClock("Asia/Shanghai").now()
    assert now.tzinfo is None
    assert abs(now - (datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=8))) < timedelta(seconds=5)


def test_unknown_zone_is_refused_at_start() -> None:
    with pytest.raises(zoneinfo.ZoneInfoNotFoundError):
        SystemClock("Asia/Nowhere")


def test_ids_are_version_7_in_small_hexadecimal_digits() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", TimeOrderedIds().new())


def test_ids_hold_their_time() -> None:
    assert TimeOrderedIds(lambda: 0x0123_4567_89AB).new().startswith("0123456789ab7")


def test_ids_sort_by_the_order_they_were_made_even_within_a_millisecond() -> None:
    ids = TimeOrderedIds(lambda: 1_000)
    made = [ids.new() for _ in range(10_000)]  # more than the counter holds
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_keep_rising_when_the_clock_is_set_back() -> None:
    moments = iter([5_000, 4_000, 6_000])
    ids = TimeOrderedIds(lambda: next(moments))
    made = [ids.new() for _ in range(3)]
    assert made == sorted(made)


def test_threads_never_share_an_id() -> None:
    ids = TimeOrderedIds()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: ids.new(), range(4_000)))
    assert len(set(made)) == 4_000
