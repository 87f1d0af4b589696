"""Functions on texts. No pattern of a user is run by a backtracking engine; every text made is bounded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from engine.expressions.functions.patterns import matches
from engine.expressions.functions.registry import function
from engine.expressions.limits import MAX_TEXT, Exhausted
from engine.expressions.showing import filled, shown

_DOTS = str.maketrans({"•": "·", "・": "·", "‧": "·", "∙": "·", "⋅": "·", "･": "·", ".": "·", "．": "·", "。": "·"})

_NUMBERS, _PLACES = re.compile(r"\d+", re.ASCII), 12


def bounded(text: str) -> str:
    """The text. Raises Exhausted when it is longer than an expression may make."""
    if len(text) > MAX_TEXT:
        raise Exhausted("text")
    return text


@function(
    "text(value: any?, *values: any?) -> text",
    "变成文本；第一个参数带 {} 时，后面的值依次填入，如 text('L{:06}', number)",
    "A value as text; with several, the first is a pattern whose braces take the others: text('L{:06}', number)",
)
def text(value: object, *values: object) -> str | None:
    if values:
        return bounded(filled(str(value), values))
    return None if value is None else shown(value)


@function("upper(value: text) -> text", "变成大写", "In capital letters")
def upper(value: str) -> str:
    return value.upper()


@function("lower(value: text) -> text", "变成小写", "In small letters")
def lower(value: str) -> str:
    return value.lower()


@function("trim(value: text) -> text", "去掉两端空白", "Without space at both ends")
def trim(value: str) -> str:
    return value.strip()


@function(
    "cut(value: text, length: integer, start: integer = 1) -> text",
    "从第几个字起取几个字",
    "So many characters from a place on, the first being 1",
)
def cut(value: str, length: int, start: int) -> str:
    first = max(int(start) - 1, 0)
    return value[first : first + max(int(length), 0)]


@function("len(value: text) -> integer", "字数", "The number of characters")
def length(value: str) -> int:
    return len(value)


@function("contains(value: text, part: text) -> boolean", "含有另一文本", "Whether the text has another one in it")
def contains(value: str, part: str) -> bool:
    return part in value


@function("starts(value: text, part: text) -> boolean", "以另一文本开头", "Whether the text begins with another one")
def starts(value: str, part: str) -> bool:
    return value.startswith(part)


@function("ends(value: text, part: text) -> boolean", "以另一文本结尾", "Whether the text ends with another one")
def ends(value: str, part: str) -> bool:
    return value.endswith(part)


@function(
    "replace(value: text, old: text, new: text) -> text", "把其中的文本换成另一个", "With every occurrence replaced"
)
def replace(value: str, old: str, new: str) -> str:
    if not old:
        return value
    if len(value) + value.count(old) * (len(new) - len(old)) > MAX_TEXT:
        raise Exhausted("text")
    return value.replace(old, new)


@function(
    "pad(value: text, width: integer, fill: text = '0') -> text", "左边补足到几个字", "Filled up on the left to a width"
)
def pad(value: str, width: int, fill: str) -> str:
    missing = int(width) - len(value)
    if missing <= 0 or not fill:
        return value
    if width > MAX_TEXT:
        raise Exhausted("text")
    return (fill * (missing // len(fill) + 1))[:missing] + value


@function(
    "natural(value: text) -> text",
    "按数字大小排序的写法：1.10 在 1.9 之后",
    "The text as it sorts by the size of its numbers: 1.10 comes after 1.9",
    browser=False,
)
def natural(value: str) -> str:
    if len(value) > MAX_TEXT // _PLACES:
        raise Exhausted("text")
    return _NUMBERS.sub(lambda found: found[0].lstrip("0").rjust(_PLACES, "0"), value)


@function(
    "clean_name(value: text) -> text",
    "整理姓名：全角变半角，去空白，间隔号统一为“·”",
    "A name in one spelling: full-width letters folded, no space, the middle dot always the same",
)
def clean_name(value: str) -> str:
    dotted = value.translate(_DOTS)
    return "".join(unicodedata.normalize("NFKC", dotted).translate(_DOTS).split())


@function(
    "join(values: list, between: text = '、') -> text", "把多个值连成文本", "Several values as one text, nulls left out"
)
def join(values: Collection[object], between: str) -> str:
    return bounded(between.join(shown(value) for value in values if value is not None))


@function(
    "match(value: text, pattern: text) -> boolean",
    "整个文本是否合于模式：字符、.、[a-z]、\\d、\\w，后可加 ? * + {n,m}；没有括号和或",
    "Whether the whole text fits a pattern of characters, ., [a-z], \\d, \\w, each with ? * + {n,m}; no groups",
)
def match(value: str, pattern: str) -> bool:
    return matches(pattern, value)
