"""Checks of a node's care: folders of copies, when they are made.

In: nodes. Out: problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from engine.checks.subject import Subject, problem
from engine.jobs.periods import fits
from engine.model.system import Node
from engine.problems import Problem


def check_care(subject: Subject, node: Node) -> Iterator[Problem]:
    """What a node file says of its care."""
    seen: set[str] = set()
    periods: set[str] = set()
    for plan in node.backup.all if node.backup is not None else ():
        place = subject.places.value(plan.where, "folders")
        for folder in plan.folders:
            plain = str(PurePosixPath(folder))
            if plain in seen:
                yield problem("SYS050", place, folder=plain)
            seen.add(plain)
        if plan.on and not fits(plan.every, plan.on):
            yield problem("SYS051", subject.places.value(plan.where, "on"), day=plan.on, every=plan.every)
        if plan.every in periods:
            yield problem("SYS053", subject.places.value(plan.where, "every"), every=plan.every)
        periods.add(plan.every)
