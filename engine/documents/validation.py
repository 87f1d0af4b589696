"""JSON input held to the types of its fields before anything else is done with it: every fault at once.

In: fields, the code lists, JSON values. Out: findings with the path of each fault, worded as binding words it. Names
that are no fields and values that the engine gives are left to `engine.documents.bind`, which knows who asks and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from engine.documents.json_schema import FILE, FieldSchemas, is_given
from engine.model.documents import Field
from engine.model.system import CodeList
from engine.model.types import Kind
from engine.problems import Finding
from engine.schemas.validator import ValidationError, Validator, compiled

MOST = 1000
Wording = tuple[str, str, str]
_ROWS: Wording = ("rows", "应为多行数据", "must be a list of rows")
_SEVERAL: Wording = ("several", "应为文字的列表", "must be a list of texts")
_FILE: Wording = ("file", "应为上传文件所得的回答", "must be what uploading the file was answered with")
_MISTYPED: Mapping[Kind, Wording] = {
    Kind.INTEGER: ("integer", "应为整数", "must be a whole number"),
    Kind.NUMBER: ("number", '应为写成文字的数字，如 "12.50"', 'must be a number written as text, such as "12.50"'),
    Kind.BOOLEAN: ("boolean", "应为 true 或 false", "must be true or false"),
    Kind.DATE: ("date", "应为日期，如 2026-05-06", "must be a date such as 2026-05-06"),
    Kind.TIME: ("time", "应为时刻，如 15:33", "must be a time of day such as 15:33"),
    Kind.DATETIME: ("datetime", "应为时间，如 2026-05-06T15:33", "must be a time such as 2026-05-06T15:33"),
    Kind.CODES: _SEVERAL,
    Kind.REFS: _SEVERAL,
    Kind.FILE: _FILE,
    Kind.FILES: _FILE,
    Kind.ROWS: _ROWS,
}
_TEXT: Wording = ("text", "应为文字", "must be text")
_CHARACTERS: Wording = ("text", "含有不允许的字符", "contains forbidden characters")
_LIMITS: Mapping[str, Wording] = {
    "maxLength": ("too_long", "最多{limit}个字", "at most {limit} characters"),
    "maxItems": ("rows_max", "最多{limit}行", "at most {limit} rows"),
    "minimum": ("too_small", "不能小于{limit}", "must not be below {limit}"),
    "maximum": ("too_large", "不能大于{limit}", "must not be above {limit}"),
    "enum": ("unknown_choice", "没有这个选项", "no such choice"),
}


@dataclass(frozen=True, slots=True)
class Validation:
    """The check of a set of fields, compiled once."""

    fields: Mapping[str, Field]
    schema: Mapping[str, Any]
    _validator: Validator = field(repr=False)

    @classmethod
    def of(cls, fields: Mapping[str, Field], codes: Mapping[str, CodeList]) -> Validation:
        """The check of values of these fields, as far as people may give them."""
        given = [one for one in fields.values() if is_given(one)]
        schema = FieldSchemas(codes).values(given, closed=False) | {"components": {"schemas": {"file": FILE}}}
        return cls(fields, schema, compiled(schema, formats=True))

    def findings(self, values: object) -> list[Finding]:
        """What is mistyped, in the order of the fields; of very many faults the first ones."""
        try:
            found = [self._finding(error) for error in islice(self._validator.iter_errors(values), MOST)]
        except UnicodeEncodeError:
            return [_finding(_CHARACTERS, ())]
        if len(found) > 1:
            places = {name: place for place, name in enumerate(self.fields)}
            found.sort(key=lambda one: (places.get(one.at[0], 0) if one.at else -1, *_numbers(one.at)))
        return found

    def _finding(self, error: ValidationError) -> Finding:
        at = tuple(str(step) for step in error.instance_path)
        return _finding(self._wording(error, at), at)

    def _wording(self, error: ValidationError, at: tuple[str, ...]) -> Wording:
        limited = _LIMITS.get(error.kind.name)
        if limited is not None:
            code, zh, en = limited
            limit = error.kind.as_dict().get("limit")
            return code, zh.format(limit=limit), en.format(limit=limit)
        declared = self._declared(at)
        if declared is None:
            return "object", "应为对象", "must be an object"
        if declared.is_table:
            return _ROWS
        return _MISTYPED.get(declared.type.kind, _TEXT)

    def _declared(self, at: tuple[str, ...]) -> Field | None:
        """The field that a path leads to, or into."""
        found, fields = None, self.fields
        for step in at:
            if step.isdigit() and found is not None:
                continue
            if step not in fields:
                break
            found = fields[step]
            fields = found.fields
        return found


def _finding(wording: Wording, at: tuple[str, ...]) -> Finding:
    code, zh, en = wording
    return Finding(code, {"zh": zh, "en": en}, at)


def _numbers(at: Iterable[str]) -> Iterator[int]:
    return (int(step) if step.isdigit() else -1 for step in at)
