"""What is wrong with definitions that were changed on disk: the last good ones stay in force until it is mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template

from engine.codes import word
from engine.problems import Problem, Severity
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import language, shell

blueprint = Blueprint("troubles", __name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One problem as the page shows it."""

    problem: Problem
    text: str
    severe: bool


@blueprint.get("/problems")
@signed_in
@administrators_only
def problems() -> str:
    """Located problems, by file."""
    found = tuple(_trouble(one) for one in shell().problems_source())
    severe = any(one.severe for one in found)
    return render_template("problems.html", files=by_file(found), count=len(found), severe=severe)


def by_file(troubles: Iterable[Trouble]) -> dict[str, list[Trouble]]:
    """Troubles grouped by their file, in the order of places."""
    found: dict[str, list[Trouble]] = {}
    for one in troubles:
        found.setdefault(one.problem.where.file, []).append(one)
    return found


def _trouble(problem: Problem) -> Trouble:
    return Trouble(problem, word(problem, language()).message, problem.severity is Severity.ERROR)
