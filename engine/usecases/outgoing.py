"""Bodies of outgoing messages, built from a mapping within the transaction, so that they say what was so at the event.

Flat and nested JSON is written; other formats belong to the mapping engine to come.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from engine.documents.durations import duration_text
from engine.expressions.environment import Env
from engine.model.system import MessageLeaf, MessageMapping
from engine.model.values import Duration, StoredFile


def message_body(mapping: MessageMapping, env: Env) -> str:
    """The message as text. Elements without a value are left out."""
    return json.dumps(_tree(mapping.tree, env), ensure_ascii=False, separators=(",", ":"))


def _tree(leaves: Sequence[MessageLeaf], env: Env) -> dict[str, object]:
    made = {leaf.name: _leaf(leaf, env) for leaf in leaves}
    return {name: value for name, value in made.items() if value is not None}


def _leaf(leaf: MessageLeaf, env: Env) -> object:
    if leaf.each is not None:
        rows = leaf.each(env) or []
        assert isinstance(rows, list | tuple)
        return [_tree(leaf.children, env.inner(row, parent=env.row, index=index)) for index, row in enumerate(rows)]
    if leaf.children:
        return _tree(leaf.children, env)
    return None if leaf.value is None else _scalar(leaf.value(env), leaf.format)


def _scalar(value: object, form: str) -> object:
    if isinstance(value, datetime):
        return value.strftime(form) if form else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.strftime(form) if form else value.isoformat()
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, StoredFile):
        return value.hash
    if isinstance(value, tuple | list):
        return [_scalar(part, form) for part in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
