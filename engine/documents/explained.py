"""How the engine comes by a value, in words: the formula with the titles of its fields, where a copy is taken from.

In: a field and the documents around it. Out: a sentence for people in one language. It says what is declared; it
evaluates nothing and shows no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.expressions.functions import FUNCTIONS
from engine.model.documents import Document, Field

Documents = Mapping[str, Document]
Roots = Mapping[str, Mapping[str, Field]]
"""The fields behind the words that a path may begin with."""
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[^\W\d]\w*(?:\.[^\W\d]\w*)*\(?|[=!<>]=|[*/]")
_SIGNS = {"==": "＝", "!=": "≠", ">=": "≥", "<=": "≤", "*": "×", "/": "÷"}
_WORDS = {
    "zh": {"and": "且", "or": "或", "not": "非", "in": "属于", "null": "空", "true": "是", "false": "否",
           "today": "今天", "now": "现在", "this": "本单", "day": "天", "if": "若", "else": "否则",
           "user": "当前用户", "up": "本单"},
    "en": {"this": "this document", "user": "the user", "up": "the document"},
}  # fmt: skip
_OF_A_RECORD = {
    "zh": {"id": "该记录", "state": "状态", "number": "编号"},
    "en": {"id": "the record", "state": "state", "number": "number"},
}
_AGGREGATES = {
    "sum": "合计",
    "count": "行数",
    "avg": "平均",
    "min": "最小",
    "max": "最大",
    "any": "存在",
    "all": "全部",
}
_COPY = {"zh": "取自：{what}", "en": "Taken from: {what}"}
_FIND = {"zh": "自动查找{title}：{what}", "en": "Looked up among {title}: {what}"}
_NEWEST = {"zh": "，取{what}最近的一条", "en": ", the one with the latest {what}"}
_GIVEN = {"zh": "由系统生成", "en": "Made by the system"}


def explanation(field: Field, around: Mapping[str, Field], documents: Documents, language: str) -> str:
    """A sentence on how a derived or copied field comes by its value; `around` are the fields that it stands among."""
    language = language if language in _WORDS else "zh"
    columns = {name: column for table in around.values() for name, column in table.fields.items()}
    around = {**columns, **around}
    if field.value is not None:
        text = field.value.text
        told = _titled(text, around, documents, language)
        return " ".join([told + ("。" if language == "zh" else "."), *_functions(text, language)]).strip()
    if field.copied is not None:
        return _COPY[language].format(what=_titled(field.copied.text, around, documents, language))
    if field.find is not None:
        return _looked_up(field, around, documents, language)
    return _GIVEN[language]


def _looked_up(field: Field, around: Mapping[str, Field], documents: Documents, language: str) -> str:
    assert field.find is not None
    target = documents.get(field.type.of)
    fields = {} if target is None else target.fields
    what = _titled(field.find.text, {**around, **fields}, documents, language)
    told = _FIND[language].format(title="" if target is None else target.title.worded(language), what=what)
    newest = fields.get(field.newest)
    if field.newest:
        name = field.newest if newest is None else newest.title.worded(language)
        told += _NEWEST[language].format(what=name)
    return told


def condition(text: str, around: Mapping[str, Field], roots: Roots, documents: Documents, language: str) -> str:
    """A condition on a record with the fields `around`, in words; `roots` are the fields behind `this` and the like."""
    language = language if language in _WORDS else "zh"
    return _titled(text, around, documents, language, roots)


def _titled(
    text: str, around: Mapping[str, Field], documents: Documents, language: str, roots: Roots | None = None
) -> str:
    def word(match: re.Match[str]) -> str:
        token = match[0]
        if token[0] in "'\"":
            return f"“{token[1:-1]}”"
        if token in _SIGNS:
            return _SIGNS[token]
        if token.endswith("("):
            name = token[:-1]
            return f"{_AGGREGATES[name]}(" if language == "zh" and name in _AGGREGATES else token
        plain = _WORDS[language].get(token) or (_OF_A_RECORD[language].get(token) if token not in around else "")
        return plain or "·".join(_path(token.split("."), around, documents, language, roots or {}))

    return _TOKEN.sub(word, text)


def _path(
    names: list[str], around: Mapping[str, Field], documents: Documents, language: str, roots: Roots
) -> Iterator[str]:
    """Titles along a dotted path, as far as they are known."""
    fields: Mapping[str, Field] = around
    for place, name in enumerate(names):
        found = fields.get(name)
        if found is not None:
            yield found.title.worded(language)
            target = documents.get(found.type.of)
            fields = found.fields or ({} if target is None else target.fields)
        elif place:
            yield from () if name == "id" else (_OF_A_RECORD[language].get(name, name),)
        else:
            yield _WORDS[language].get(name, name)
            fields = roots.get(name, fields)


def _functions(text: str, language: str) -> Iterator[str]:
    """What the functions in a formula say of themselves."""
    for name in dict.fromkeys(match[0][:-1] for match in _TOKEN.finditer(text) if match[0].endswith("(")):
        found = FUNCTIONS.get(name)
        if found is not None:
            yield f"{name}：{found.zh}。" if language == "zh" else f"{name}: {found.en}."
