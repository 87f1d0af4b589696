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
    plan = node.backup
    if plan is None:
        return
    place = subject.places.value(plan.where, "folders")
    plain = [str(PurePosixPath(folder)) for folder in plan.folders]
    for folder in sorted({one for one in plain if plain.count(one) > 1}):
        yield problem("SYS050", place, folder=folder)
    if plan.on and not fits(plan.every, plan.on):
        yield problem("SYS051", subject.places.value(plan.where, "on"), day=plan.on, every=plan.every)
