"""Rules over streams of events (`watches`): joined by a key, within a window, in a row, followed or not by another.

Plain values; `engine.watches` says when a rule fires, `engine.usecases` keeps its place and carries out what follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.actions import Act
from engine.model.formula import Formula, Title
from engine.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Absent:
    """An event that does not come within a length of time, after or before."""

    event: str
    within: Formula


@dataclass(frozen=True, slots=True)
class EventRule:
    """One rule. `on` are events in order by the name that expressions know them by; a single one has the name "".

    `same` and `per` are the keys by which events belong together. `times` within `within`, or `in_a_row` with `when`.
    """

    id: str
    title: Title
    system: str
    on: Mapping[str, str]
    same: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    when: Formula | None = None
    times: int = 1
    within: Formula | None = None
    in_a_row: int = 0
    then_not: Absent | None = None
    not_after: Absent | None = None
    do: tuple[Act, ...] = ()
    where: Span = NOWHERE
