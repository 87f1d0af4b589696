"""Rules over events, fed one event at a time, against a reference that looks at the whole history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.event_rules import Absent, EventRule
from engine.model.formula import Formula, Title
from engine.watches.advance import advance, fall_due
from engine.watches.place import EMPTY, Limits, Place, Seen, place_of, plain
from tests.engine.watches.reference import SECOND, Told, fired

BEGIN = datetime(2026, 3, 1, 8)
ABSENCE = Formula("1 minute")
NAMES = ("a", "b", "c")


def rule(on: dict[str, str], *, times: int = 1, row: int = 0, then_not: str = "", not_after: str = "") -> EventRule:
    return EventRule(
        "rule",
        Title("规则"),
        "",
        on,
        times=times,
        in_a_row=row,
        then_not=Absent(then_not, ABSENCE) if then_not else None,
        not_after=Absent(not_after, ABSENCE) if not_after else None,
    )


ABOUT = (
    rule({"": "a"}),
    rule({"": "a"}, times=2),
    rule({"": "a"}, times=3),
    rule({"": "a"}, row=3),
    rule({"x": "a", "y": "b"}),
    rule({"x": "a", "y": "b", "z": "c"}),
    rule({"": "a"}, then_not="b"),
    rule({"": "a"}, then_not="a"),
    rule({"": "a"}, not_after="b"),
    rule({"": "a"}, not_after="a"),
    rule({"x": "a", "y": "b"}, then_not="c"),
    rule({"": "a"}, times=2, then_not="b", not_after="c"),
)
lengths = st.integers(1, 40).map(lambda seconds: seconds * SECOND)
limits = st.builds(Limits, within=lengths, then_not=lengths, not_after=lengths)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    steps = draw(st.lists(st.tuples(st.integers(0, 15), st.sampled_from(NAMES), st.booleans()), max_size=25))
    at, found = BEGIN, []
    for number, (seconds, name, good) in enumerate(steps):
        at += seconds * SECOND
        found.append(Told(at, f"{number:03}", name, good))
    return found


def fed(about: EventRule, bounds: Limits, told: Iterable[Told], until: datetime) -> list[tuple[str, ...]]:
    place, found = EMPTY, []
    good = {one.id: one.good for one in told}
    for one in told:
        seen = Seen(one.at, one.id, content={"n": 1})
        place, matches = advance(about, place, one.name, seen, bounds, lambda chain: good[chain[-1].id])
        found += [tuple(event.id for event in match.events) for match in matches]
        place = kept(place)
    place, due = fall_due(place, until)
    return found + [tuple(event.id for event in one.match.events) for one in due]


def kept(place: Place) -> Place:
    """As a store gives it back."""
    again = place_of(plain(place))
    assert again == place
    return again


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ABOUT), limits, histories())
def test_what_is_fed_in_order_fires_as_the_whole_history_says(
    about: EventRule, bounds: Limits, told: list[Told]
) -> None:
    until = told[-1].at if told else BEGIN
    if about.in_a_row:
        bounds = Limits()
    assert sorted(fed(about, bounds, told, until)) == sorted(fired(about, bounds, told, until))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([one for one in ABOUT if len(one.on) == 1 and one.times == 1 and not one.in_a_row]), st.data())
def test_absences_are_judged_by_when_things_happened_not_by_when_they_were_told(
    about: EventRule, data: st.DataObject
) -> None:
    bounds, told = data.draw(limits), data.draw(histories())
    until = BEGIN + timedelta(minutes=9)
    if about.not_after is not None:  # a cause that comes late cannot call back what has fired
        shuffled = sorted(told, key=lambda one: one.name != about.not_after.event)
    else:
        shuffled = data.draw(st.permutations(told))
    assert sorted(fed(about, bounds, shuffled, until)) == sorted(fired(about, bounds, told, until))


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 4), lengths, histories(), st.randoms(use_true_random=False))
def test_windows_of_late_events_never_overlap_nor_exceed_their_length_nor_leave_one_out(
    times: int, within: timedelta, told: list[Told], chance: Random
) -> None:
    about, shuffled = rule({"": "a"}, times=times), list(told)
    chance.shuffle(shuffled)
    at = {one.id: one.at for one in told}
    found = fed(about, Limits(within=within), shuffled, BEGIN)
    used = [event for match in found for event in match]
    assert len(used) == len(set(used))
    assert all(at[match[-1]] - at[match[0]] <= within for match in found)
    left = sorted(one.at for one in told if one.name == "a" and one.good and one.id not in used)
    assert not any(last - first <= within for first, last in zip(left, left[times - 1 :], strict=False))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ABOUT), limits, histories())
def test_told_twice_counts_once_as_long_as_it_is_kept(about: EventRule, bounds: Limits, told: list[Told]) -> None:
    if about.times == 1 and len(about.on) == 1 and not about.in_a_row:
        return  # nothing is kept of it: the queue knows its key
    if about.in_a_row:
        bounds = Limits()
    place, found = EMPTY, []
    for one in told:
        seen = Seen(one.at, one.id)
        place, matches = advance(about, place, one.name, seen, bounds, lambda _: True)
        found += matches
        if any(held.id == one.id for held in place.kept):
            assert advance(about, place, one.name, seen, bounds, lambda _: True) == (place, ())
