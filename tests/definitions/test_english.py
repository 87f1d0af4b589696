"""Whatever the shipped definitions say to people they say in English too: titles, hints, messages, codes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass

from engine.model.formula import Formula, Title
from tests.definitions.shipped import force

OF_PAPER = ("anchors", "wording")
"""Where places and versions of a printed form are named as the form itself names them."""


def speaks_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def parts(node: object) -> Iterable[object]:
    """What a definition is made of, one level down."""
    if isinstance(node, Mapping):
        return node.values()
    if isinstance(node, tuple | list):
        return node
    if is_dataclass(node) and not isinstance(node, Formula):
        return [getattr(node, one.name) for one in fields(node) if one.name not in OF_PAPER]
    return ()


def untold(node: object, seen: set[int]) -> Iterator[str]:
    """Titles without an English wording, anywhere in a definition."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, Title) and speaks_chinese(node.zh) and not node.en:
        yield node.zh
    for one in parts(node):
        yield from untold(one, seen)


def test_titles_hints_and_refusals_speak_english():
    assert list(untold(force().definitions, set())) == []


def test_rules_speak_english():
    messages = [rule.message for one in force().definitions.documents.values() for rule in one.rules.values()]
    assert [one.text for one in messages if speaks_chinese(one.text) and "en" not in one.others] == []


def test_codes_have_english_titles():
    lists = [one for one in force().definitions.codes.values() if " " not in one.id]  # states are titled by machines
    untitled = [f"{one.id} {row.code}" for one in lists for row in one.entries if not row.columns.get("en")]
    assert untitled == []
