"""Judging of shapes: each file against the JSON Schema of its kind.

In: the root piece of a file. Out: problems, all of them, each at the key or value that is wrong, with the nearest name
that would be right. A schema may say which problem a keyword stands for (`x-says`), what a pattern means (`x-form`) and
which builder reads it (`x-shape`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from engine.loading.nearest import nearest, slip
from engine.loading.piece import Piece, is_mapping
from engine.problems import Problem, Span
from engine.schemas.validator import ValidationError, Validator, compiled

SHARED_PIECES = "pieces"
_ROOT = "json-schema:///"
_HALF = frozenset("()'\"=<>+*/")
_HALF_EXPRESSION = "SHP003"
_MISSPELT = frozenset({"SHP001", "SHP041"})
_SHORT = 40

Schema = Mapping[str, object]


@cache
def schema(kind: str) -> Schema:
    """The schema of a kind as data. Raises FileNotFoundError for a kind that there is not."""
    found = json.loads(files("engine.schemas").joinpath(f"{kind}.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def kinds() -> list[str]:
    """All kinds with a schema of their own."""
    names = (file.name for file in files("engine.schemas").iterdir() if file.name.endswith(".json"))
    return sorted(name.removesuffix(".json") for name in names if name != f"{SHARED_PIECES}.json")


@cache
def _validator(kind: str) -> Validator:
    return compiled(schema(kind), {f"{_ROOT}{SHARED_PIECES}.json": schema(SHARED_PIECES)})


def judge(kind: str, root: Piece, problems: list[Problem]) -> None:
    """Note all that is wrong with the shape of one file.

    A misspelt key is told and then read as the key that it is a slip of: nothing is missing because of it, and what
    stands below it is judged.
    """
    found = _judged(kind, root)
    misspelt, values = [], set[Span]()
    for piece, problem in found:
        if problem.code in _MISSPELT and _respelt(piece, problem):
            misspelt.append(problem)
            values.add(piece.entries()[problem.suggestion].where)
    if misspelt:
        found = [one for one in _judged(kind, root) if one[1].where not in values]
    once: dict[object, Problem] = {}
    for problem in (*misspelt, *(problem for _, problem in found)):
        once.setdefault((problem.where, problem.code), problem)
    problems.extend(_without_echoes(list(once.values())))


def _judged(kind: str, root: Piece) -> list[tuple[Piece, Problem]]:
    """Each problem, with the piece in which it was found."""
    return [
        (_piece(root, error.instance_path), problem)
        for error in _validator(kind).iter_errors(root.value)
        for problem in _worded(kind, root, error)
    ]


def _respelt(piece: Piece, problem: Problem) -> bool:
    """Give a misspelt key of a mapping its right name, in its place; False where that stands there as well."""
    said, meant = problem.values["key"], problem.suggestion
    if not meant or not is_mapping(piece.value) or said not in piece.value or meant in piece.value:
        return False
    if slip(said, [meant]) != meant:
        return False
    entries = [(meant if name == said else name, value) for name, value in piece.value.items()]
    piece.value.clear()
    piece.value.update(entries)
    return True


def _without_echoes(found: Sequence[Problem]) -> list[Problem]:
    """One expression that YAML cut is one problem of its line, however many pieces it left there."""
    halves: dict[int, Problem] = {}
    for problem in sorted(found, key=lambda one: one.where):
        if problem.code == _HALF_EXPRESSION:
            halves.setdefault(problem.where.line, problem)
    return [*halves.values(), *(one for one in found if one.where.line not in halves)]


@dataclass(frozen=True, slots=True)
class _Fault:
    """One failed keyword: what failed, the schema object it stands in, the piece and the details of the validator."""

    keyword: str
    rule: Schema
    piece: Piece
    details: Mapping[str, object]

    @property
    def says(self) -> str:
        """The code that the schema gives this keyword."""
        said = self.rule.get("x-says")
        return str(said.get(self.keyword, "")) if isinstance(said, dict) else ""

    def problem(self, code: str, suggestion: str = "", **values: str) -> Problem:
        """The problem at the value."""
        return Problem(code, self.piece.where, values, suggestion)


def _worded(kind: str, root: Piece, error: ValidationError) -> Iterable[Problem]:
    path = list(error.evaluation_path)
    keyword = error.kind.name
    if keyword == "propertyNames":
        path = path[: path.index("propertyNames") + 1]
    rule = _rule(kind, path[:-1])
    details = {key: value for key, value in error.kind.as_dict().items() if key != "context"}
    fault = _Fault(keyword, rule, _piece(root, error.instance_path), details)
    if keyword == "falseSchema":
        return [_not_here(kind, fault, path)]
    word = _WORDED.get(keyword)
    if word is not None:
        return word(fault)
    return [fault.problem(fault.says or "SHP019", detail=error.message)]


def _rule(kind: str, path: Sequence[str | int]) -> Schema:
    """The schema object at the end of an evaluation path, references followed."""
    document, node = kind, schema(kind)
    for step in path:
        if step == "$ref":
            target, _, pointer = str(node["$ref"]).partition("#/")
            document = target.removesuffix(".json") or document
            node = schema(document)
            for inner in pointer.split("/"):
                node = _child(node, inner)
        else:
            node = _child(node, step)
    return node


def _child(node: object, step: str | int) -> Schema:
    if isinstance(node, list):
        node = node[int(step)]
    elif isinstance(node, Mapping):
        node = node[str(step)]
    return node if isinstance(node, Mapping) else {"": node}


def _piece(root: Piece, path: Sequence[str | int]) -> Piece:
    """The piece that a path of keys and indexes leads to."""
    piece = root
    for step in path:
        piece = piece.items()[step] if isinstance(step, int) else piece.entries()[step]
    return piece


def _unknown_keys(fault: _Fault) -> list[Problem]:
    unexpected = fault.details.get("unexpected")
    known = fault.rule.get("properties")
    names = list(known) if isinstance(known, dict) else []
    keys = unexpected if isinstance(unexpected, list) else []
    return [_unknown_key(fault, str(key), names) for key in keys]


def _unknown_key(fault: _Fault, key: str, known: Sequence[str], code: str = "SHP001") -> Problem:
    piece = fault.piece.entries().get(key, fault.piece)
    if piece.value is None and (_HALF & set(key) or " " in key):
        return Problem(_HALF_EXPRESSION, piece.key_where, {"text": _shown(key)})
    values = {"key": _shown(key), "known": ", ".join(known[:12]) + (", …" if len(known) > 12 else "")}
    return Problem(code, piece.key_where, values, nearest(key, known))


def _wrong_name(fault: _Fault) -> list[Problem]:
    """A key that is not among those allowed, or not of the form of a name."""
    inner = fault.details.get("error")
    if not isinstance(inner, ValidationError):
        return [fault.problem("SHP019", detail="propertyNames")]
    key = str(inner.instance)
    options = inner.kind.as_dict().get("options")
    if isinstance(options, list):
        verb = fault.rule.get("x-verb")
        problem = _unknown_key(fault, key, [str(option) for option in options], fault.says or "SHP001")
        return [Problem(problem.code, problem.where, {**problem.values, "verb": str(verb)}, problem.suggestion)]
    piece = fault.piece.entries().get(key, fault.piece)
    if piece.value is None and _HALF & set(key):
        return [Problem(_HALF_EXPRESSION, piece.key_where, {"text": _shown(key)})]
    names = fault.rule.get("propertyNames")
    form = names.get("x-form") if isinstance(names, dict) else None
    return [Problem("SHP004", piece.key_where, {"key": _shown(key), "form": str(form or "@name")})]


def _missing(fault: _Fault) -> list[Problem]:
    if fault.says:
        return [fault.problem(fault.says)]
    return [fault.problem("SHP002", key=str(fault.details.get("property", "")))]


def _wrong_type(fault: _Fault) -> list[Problem]:
    types = fault.details.get("types")
    expected = [str(one) for one in types] if isinstance(types, list) else []
    value = fault.piece.value
    values = {"expected": " ".join(f"@{one}" for one in expected), "found": f"@{_kind_of(value)}"}
    if value is None:
        return [fault.problem("SHP008", **values)]
    if "string" in expected and "boolean" not in expected and isinstance(value, bool | int | Decimal):
        return [fault.problem("SHP018", f'"{fault.piece.raw}"', value=fault.piece.raw)]
    if "string" in expected and is_mapping(value) and all(inner is None for inner in value.values()):
        return [fault.problem("SHP009", text=", ".join(value))]
    return [fault.problem("SHP005", **values)]


def _wrong_value(fault: _Fault) -> list[Problem]:
    options = fault.details.get("options")
    allowed = [str(option) for option in options] if isinstance(options, list) else []
    near = nearest(fault.piece.raw, allowed)
    return [fault.problem("SHP006", near, value=_shown(fault.piece.raw), allowed=", ".join(allowed))]


def _wrong_form(fault: _Fault) -> list[Problem]:
    form = str(fault.rule.get("x-form", "@pattern"))
    return [fault.problem("SHP007", value=_shown(fault.piece.raw), form=form)]


def _empty(fault: _Fault) -> list[Problem]:
    return [fault.problem("SHP008", expected="", found="@empty")]


def _limit(fault: _Fault) -> list[Problem]:
    limit = fault.details.get("limit")
    return [fault.problem("SHP017", limit=str(limit), keyword=f"@{fault.keyword}")]


def _combination(fault: _Fault) -> list[Problem]:
    """What cannot be said by one keyword: the schema says which problem it is."""
    branches = fault.rule.get("oneOf") or fault.rule.get("anyOf")
    wanted = [one["required"][0] for one in branches if "required" in one] if isinstance(branches, list) else []
    keys = list(fault.piece.entries())
    near = next((found for key in keys if key not in wanted and (found := nearest(key, wanted))), "")
    return [fault.problem(fault.says or "SHP019", near, wanted=", ".join(wanted), detail=fault.keyword)]


def _not_here(kind: str, fault: _Fault, path: Sequence[str | int]) -> Problem:
    """A key that is known, but not in this company; the schema that forbids it says why."""
    owner = _rule(kind, path[: max(len(path) - 2, 0)])
    said = owner.get("x-says")
    code = str(said.get("false", "SHP001")) if isinstance(said, dict) else "SHP001"
    return Problem(code, fault.piece.key_where, {"key": str(path[-1])})


def _kind_of(value: object) -> str:
    names = {bool: "boolean", int: "integer", Decimal: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _shown(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


_WORDED: Mapping[str, Callable[[_Fault], list[Problem]]] = {
    "additionalProperties": _unknown_keys,
    "propertyNames": _wrong_name,
    "required": _missing,
    "type": _wrong_type,
    "enum": _wrong_value,
    "constant": _wrong_value,
    "pattern": _wrong_form,
    "minItems": _empty,
    "minProperties": _empty,
    "minLength": _empty,
    "maxItems": _limit,
    "maxProperties": _limit,
    "minimum": _limit,
    "maximum": _limit,
    "oneOfNotValid": _combination,
    "oneOfMultipleValid": _combination,
    "oneOf": _combination,
    "anyOf": _combination,
}
