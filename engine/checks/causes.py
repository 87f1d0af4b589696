"""One cause is told once: what only follows from another problem is left out.

In: problems and the texts of the files. Out: the problems without echoes. A name that is unknown in several places is
told at its declaration where that is misspelt, else at the first of the places. What is said of a name that is in doubt
by then follows from it. Knows codes and no model.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.problems import Problem, Severity, Span

MISSPELT = "REF023"
_APART = 2
"""How many places are told each for itself."""
_UNKNOWN = frozenset({
    "EXP010", "EXP011", "EXP012", "EXP013", "EXP030", "NAM003", "NAM010", "PRT002", "REF001", "REF002", "REF003",
    "REF004", "REF005", "REF006", "REF007", "REF008", "REF009", "REF010", "REF011", "REF012", "REF013", "REF014",
    "REF015", "REF016", "REF018", "REF020", "REF021", "SHT011", "FLW001", "FLW002", "FLW017", "FLW018",
})  # fmt: skip
"""A name that nothing answers to."""
_FOLLOWS = frozenset({
    "ACC002", "ACC003", "ACC004", "ACC005", "ACC009", "ACC010", "ACC012", "EXP016", "EXP022", "MAC001", "MAC002",
    "MAC003", "MAC004", "MAC005", "MAC006", "MAC007", "MAC008", "MAC009", "MAC010", "PAG001", "PAG004", "PAG006",
    "PAG011", "PRT008", "REF022", "SHT006", "SHT007", "SYS007", "SYS008",
})  # fmt: skip
"""What is said of a name that another one was perhaps meant to be: that nothing uses it, shows it or leads to it."""
_SUBJECTS = ("names", "name", "event", "state", "role", "approval", "system")
_OF_SHAPE = frozenset({"ACC001", "ACC006", "ACC010", "MAC002", "SHT010"})
"""What is said of a document type where a value of its machine or grants that decides it is not as it must be."""
_OF_COURSE = frozenset({
    "FLW001", "FLW005", "FLW006", "FLW007", "FLW008", "FLW009", "FLW011", "FLW012", "FLW013", "FLW015", "FLW018",
    "FLW022", "FLW023", "FLW024", "FLW029", "FLW031",
})  # fmt: skip
"""What is said of the course of a flow: nothing can be, where its file is not as it must be."""
_UNREADABLE = frozenset({"EXP001", "EXP002", "EXP003", "EXP005", "EXP007"})
_OF_ROWS = frozenset({"TAB009", "TAB010", "TAB011", "TAB012", "TAB013", "TAB018", "TAB023"})
_SURROUNDINGS = frozenset({"user", "org", "device", "caller"})


def without_echoes(problems: Iterable[Problem], sources: Mapping[str, str]) -> list[Problem]:
    """Each cause once."""
    found = [one for one in problems if not one.suggestion or one.suggestion != one.values.get("name")]
    found = _without_repeats(found)
    found, misspelt = _declared(found, sources)
    doubted = _doubted(found) | misspelt
    return _gathered([one for one in found if not (one.code in _FOLLOWS and _speaks_of(one, doubted))])


def _without_repeats(found: list[Problem]) -> list[Problem]:
    """Without what repeats another problem of its place or file: of an id with two meanings, of half an expression, of
    a table whose columns are not known, of a document type or of accounts that are not there."""
    several = {one.where for one in found if one.code == "NAM001"}
    halves = {(one.where.file, one.where.line) for one in found if one.code == "SHP003"}
    tables = {one.where.file for one in found if one.code.startswith("SHP") or one.code == "REF003"}
    wrong = {one.where.file for one in found if one.code in ("SHP005", "SHP006", "SHP007")}
    shapes = tuple(f"{file.rpartition('/')[0]}/" for file in wrong if file.endswith(("/access.yaml", "/machine.yaml")))
    lines = {(one.where.file, one.where.line, one.suggestion) for one in found if one.code == "SHP001"}
    guessed = {line[:2] for line in lines if line[2]}
    types = {one.where for one in found if one.code == "SHP012"}
    cut = {one.where.file for one in found if one.code.startswith(("SYN", "SHP")) and not _is_slip(one)}
    absent = {_name(one) for one in found if one.code == "REF001"}
    nodes = any(one.where.file.startswith("nodes/") and one.severity is Severity.ERROR for one in found)
    anchors = {one.suggestion for one in found if one.code == "PRT007"}
    return [
        one
        for one in found
        if not (one.where in several and one.code.startswith("REF"))
        and not ((one.where.file, one.where.line) in halves and one.code.startswith("EXP"))
        and not (one.where.file in tables and one.code in _OF_ROWS)
        and not (one.code in _OF_SHAPE and one.where.file.startswith(shapes))
        and not (one.code in _UNREADABLE and (one.where.file, one.where.line) in guessed)
        and not ((one.where.file, one.where.line, _name(one)) in lines and one.code == "PAG007")
        and not (one.where in types and one.code == "REF001")
        and not (one.code in _OF_COURSE and one.where.file in cut)
        and not (one.values.get("owner") in absent and one.code in _UNKNOWN)
        and not (nodes and one.code == "EXP016" and _name(one) in _SURROUNDINGS)
        and not (one.code == "PRT008" and _name(one) in anchors)
    ]


def _is_slip(problem: Problem) -> bool:
    """Whether all is known of what is meant: a misspelt key is read as the one that it is, a text is one."""
    return problem.code == "SHP018" or (problem.code == "SHP001" and bool(problem.suggestion))


def _declared(found: list[Problem], sources: Mapping[str, str]) -> tuple[list[Problem], set[str]]:
    """Names that several places use alike and one near to them declares, which no place uses: the declaration is
    misspelt. The problems with one in place of those of the uses, and the names declared."""
    uses: dict[tuple[str, str], list[Problem]] = defaultdict(list)
    for one in found:
        if one.code in _UNKNOWN and one.suggestion:
            uses[_name(one), one.suggestion].append(one)
    told: list[Problem] = []
    gone: set[str] = set()
    for (name, declared), places in uses.items():
        where = _only(declared, sources) if len(places) > 1 else None
        if where is not None and all(place.where != where for place in places):
            related = tuple(sorted(place.where for place in places))
            values = {"name": declared, "meant": name, "count": str(len(places))}
            told.append(Problem(MISSPELT, where, values, name, related=related))
            gone.add(name)
    left = [one for one in found if not (one.code in _UNKNOWN and _name(one) in gone)]
    return [*left, *told], {one.values["name"] for one in told} | gone


def _only(word: str, sources: Mapping[str, str]) -> Span | None:
    """The one place where a word stands as a key or value of definitions; None where there are several or none."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    places: list[Span] = []
    for file, text in sources.items():
        for match in pattern.finditer(text) if word in text else ():
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
            places.append(Span(file, line, column, line, column + len(word)))
            if len(places) > 1:
                return None
    return places[0] if places else None


def _doubted(found: Iterable[Problem]) -> set[str]:
    """Names that are unknown, and those that they perhaps mean."""
    unknown = [one for one in found if one.code in _UNKNOWN or one.code == MISSPELT]
    return {name for one in unknown for name in (_name(one), one.suggestion) if name}


def _speaks_of(problem: Problem, doubted: set[str]) -> bool:
    """Whether all that a problem names in one of its values is in doubt."""
    said = (problem.values[key].split(", ") for key in _SUBJECTS if problem.values.get(key))
    return any({name.rpartition(".")[2] for name in names} <= doubted for names in said)


def _gathered(found: list[Problem]) -> list[Problem]:
    """What is unknown in several places alike, told at the first of them with the others beside it."""
    alike: dict[object, list[Problem]] = defaultdict(list)
    for one in found:
        values = tuple(sorted(one.values.items()))
        key = (
            (one.code, one.suggestion, values)
            if one.code in _UNKNOWN and one.where.file
            else (one.where, one.code, values)
        )
        alike[key].append(one)
    told = (sorted(group, key=lambda one: one.where) for group in alike.values())
    return [one for group in told for one in ([_one(group)] if len(group) > _APART else group)]


def _one(group: list[Problem]) -> Problem:
    first, others = group[0], {one.where: None for one in group[1:] if one.where != group[0].where}
    return replace(first, related=(*first.related, *others)) if others else first


def _name(problem: Problem) -> str:
    return problem.values.get("name") or problem.values.get("value", "")
