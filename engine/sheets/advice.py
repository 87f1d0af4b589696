"""What a cell of a template takes, in a few words.

In: a field. Out: a text in one language. What is wrong with a cell that was filled in is told elsewhere.
"""

from __future__ import annotations

from decimal import Decimal

from engine.model.documents import Field
from engine.model.types import Kind

_KINDS = {
    Kind.DATE: ("日期", "a day"),
    Kind.DATETIME: ("日期时间", "day and time"),
    Kind.TIME: ("时刻", "a time"),
    Kind.INTEGER: ("整数", "a whole number"),
    Kind.NUMBER: ("数", "a number"),
    Kind.BOOLEAN: ("是或否", "yes or no"),
    Kind.CODE: ("代码或名称", "a code or its title"),
    Kind.REF: ("编号或名称", "a number or name"),
}
_TEXT = ("文本", "text")


def rule_of(field: Field, language: str, *, needed: bool) -> str:
    """Whether a value is needed, its kind, its length."""
    en = language == "en"
    words = [("needed" if en else "必填") if needed else ("may be empty" if en else "选填")]
    words.append(_KINDS.get(field.type.kind, _TEXT)[en])
    if field.type.kind is Kind.TEXT and isinstance(field.maximum, Decimal):
        words.append(f"at most {field.maximum} signs" if en else f"最多{field.maximum}字")
    if field.scale:
        words.append(f"{field.scale} decimals" if en else f"{field.scale}位小数")
    return (", " if en else "，").join(words)
