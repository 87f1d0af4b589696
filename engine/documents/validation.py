"""JSON input held to the types of its fields before anything else is done with it: every fault at once.

In: fields, the code lists, JSON values. Out: findings with the path of each fault, worded as binding words it. Names
that are no fields and values that the engine gives are left to `engine.documents.bind`, which knows who asks and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any

from engine.documents.json_schema import FILE, FieldSchemas, is_given
from engine.model.documents import Field
from engine.model.system import CodeList
from engine.model.types import Kind
from engine.problems import Finding
from engine.schemas.validator import ValidationError, Validator, compiled

MOST = 1000


@dataclass(frozen=True, slots=True)
class _Wording:
    """How a fault is told; one text for all faults of its kind, `{limit}` left open."""

    code: str
    text: Mapping[str, str]

    @classmethod
    def of(cls, code: str, zh: str, en: str) -> _Wording:
        return cls(code, {"zh": zh, "en": en})

    def limited(self, limit: object) -> Mapping[str, str]:
        """The text with its limit told."""
        return {language: text.format(limit=limit) for language, text in self.text.items()}


_ROWS = _Wording.of("rows", "应为多行数据", "must be a list of rows")
_SEVERAL = _Wording.of("several", "应为文字的列表", "must be a list of texts")
_FILE = _Wording.of("file", "应为上传文件所得的回答", "must be what uploading the file was answered with")
_TEXT = _Wording.of("text", "应为文字", "must be text")
_CHARACTERS = _Wording.of("text", "含有不允许的字符", "contains forbidden characters")
_OBJECT = _Wording.of("object", "应为对象", "must be an object")
_NUMBER = 'must be a number written as text, such as "12.50"'
_MISTYPED: Mapping[Kind, _Wording] = {
    Kind.INTEGER: _Wording.of("integer", "应为整数", "must be a whole number"),
    Kind.NUMBER: _Wording.of("number", '应为写成文字的数字，如 "12.50"', _NUMBER),
    Kind.BOOLEAN: _Wording.of("boolean", "应为 true 或 false", "must be true or false"),
    Kind.DATE: _Wording.of("date", "应为日期，如 2026-05-06", "must be a date such as 2026-05-06"),
    Kind.TIME: _Wording.of("time", "应为时刻，如 15:33", "must be a time of day such as 15:33"),
    Kind.DATETIME: _Wording.of("datetime", "应为时间，如 2026-05-06T15:33", "must be a time such as 2026-05-06T15:33"),
    Kind.CODES: _SEVERAL,
    Kind.REFS: _SEVERAL,
    Kind.FILE: _FILE,
    Kind.FILES: _FILE,
    Kind.ROWS: _ROWS,
}
_LIMITS: Mapping[str, _Wording] = {
    "maxLength": _Wording.of("too_long", "最多{limit}个字", "at most {limit} characters"),
    "maxItems": _Wording.of("rows_max", "最多{limit}行", "at most {limit} rows"),
    "minimum": _Wording.of("too_small", "不能小于{limit}", "must not be below {limit}"),
    "maximum": _Wording.of("too_large", "不能大于{limit}", "must not be above {limit}"),
}
_CHOICE = _Wording.of("unknown_choice", "没有这个选项", "no such choice")

Path = tuple[str, ...]
_Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Validation:
    """The check of a set of fields, compiled once. `_told`: of each field and column its place and its wording."""

    fields: Mapping[str, Field]
    schema: Mapping[str, Any]
    _validator: Validator = field(repr=False)
    _told: Mapping[Path, tuple[int, _Wording]] = field(repr=False)

    @classmethod
    def of(cls, fields: Mapping[str, Field], codes: Mapping[str, CodeList]) -> Validation:
        """The check of values of these fields, as far as people may give them."""
        given = [one for one in fields.values() if is_given(one)]
        schema = FieldSchemas(codes).values(given, closed=False) | {"components": {"schemas": {"file": FILE}}}
        told = {path: (place, _wording(one)) for place, (path, one) in enumerate(_paths(fields))}
        return cls(fields, schema, compiled(schema, formats=True), told)

    def findings(self, values: object) -> list[Finding]:
        """What is mistyped, in the order of the fields; of very many faults the first ones."""
        try:
            found = [self._finding(error) for error in islice(self._validator.iter_errors(values), MOST)]
        except UnicodeEncodeError:
            return [Finding(_CHARACTERS.code, _CHARACTERS.text)]
        found.sort(key=itemgetter(0))
        return [finding for _, finding in found]

    def _finding(self, error: ValidationError) -> tuple[_Place, Finding]:
        """A finding and where it stands among the others: its field, its row, its column."""
        path, keyword = error.instance_path, error.kind.name
        at = tuple([str(step) for step in path])
        place, row, column, wording = -1, -1, -1, _OBJECT
        if at[:1] in self._told:
            place, wording = self._told[at[:1]]
        if len(path) > 1 and isinstance(path[1], int):
            row = path[1]
            column, wording = self._told.get((at[0], *at[2:3]), (-1, wording))
        if keyword in _LIMITS:
            limit = _LIMITS[keyword]
            return (place, row, column), Finding(limit.code, limit.limited(error.kind.as_dict()["limit"]), at)
        if keyword == "enum":
            wording = _CHOICE
        return (place, row, column), Finding(wording.code, wording.text, at)


def _paths(fields: Mapping[str, Field]) -> Iterator[tuple[Path, Field]]:
    for name, one in fields.items():
        yield (name,), one
        for column, inner in one.fields.items():
            yield (name, column), inner


def _wording(declared: Field) -> _Wording:
    return _ROWS if declared.is_table else _MISTYPED.get(declared.type.kind, _TEXT)
