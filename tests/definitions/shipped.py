"""The definitions that are shipped, loaded and checked once for all tests of a process."""

from functools import cache
from pathlib import Path

from engine.checks import CheckedDefinitions, check
from engine.loading import DiskTree, load
from engine.usecases.runtime import InForce, in_force

FOLDER = Path(__file__).parents[2] / "definitions"


@cache
def checked() -> CheckedDefinitions:
    return check(load(DiskTree(FOLDER)))


@cache
def force() -> InForce:
    return in_force(checked())
