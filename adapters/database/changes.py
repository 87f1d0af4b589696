"""Changes inside history entries: protected values never stand there in plain.

In: a mapping of paths to (before, after). Out: canonical JSON in which every value of an encrypted field is
`{"$sealed": cipher text}`, and back. A path begins with a field, or with a child table and ends with its field; a value
may also be a whole row or table. Where a child table has protected fields and the path does not tell, all is encrypted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from adapters.database.criteria import Layouts
from adapters.database.encoding import decode, dumps, encode
from adapters.database.protection import Protection
from adapters.database.tables import StoredColumn, TableLayout

_SEALED = "$sealed"
_SEALED_TEXT = f'{{"{_SEALED}": '
_STEPS = re.compile(r"[.\[\]]+")


class Changes:
    """Encrypts and opens what histories tell."""

    __slots__ = ("_layouts", "_protection")

    def __init__(self, layouts: Layouts, protection: Protection) -> None:
        self._layouts, self._protection = layouts, protection

    def sealed(self, document: str, changes: Mapping[str, tuple[object, object]]) -> str:
        """The JSON that is kept."""
        return json.dumps(
            {path: [self._cover(document, path, value) for value in pair] for path, pair in changes.items()},
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )

    def opened(self, document: str, text: str) -> dict[str, tuple[object, object]]:
        """What was changed. Raises ValueError when a cipher text was altered."""
        data = json.loads(text)
        return {
            path: cast("tuple[object, object]", tuple(decode(self._uncovered(document, value)) for value in pair))
            for path, pair in data.items()
        }

    def sealed_comment(self, document: str, comment: str) -> str:
        """What is kept of the words that somebody added: opinions quote values, protected ones among them."""
        if not comment or not self._protection.has_cipher:
            return comment
        return json.dumps({_SEALED: self._protection.cipher.encrypt(comment, _comments(document))})

    def opened_comment(self, document: str, text: str) -> str:
        """The words; those kept before they were encrypted stand as they are. Raises ValueError when altered."""
        if not text.startswith(_SEALED_TEXT) or not self._protection.has_cipher:
            return text
        return self._protection.cipher.decrypt(json.loads(text)[_SEALED], _comments(document))

    def _cover(self, document: str, path: str, value: object) -> object:
        layout = None if value is None else self._layouts.get(document)
        if layout is None:
            return encode(value)
        columns = layout.main.columns
        first, *rest = (path,) if path in columns else (step for step in _STEPS.split(path) if step)
        stored = columns.get(first)
        if stored is not None:
            return self._cipher(document, value) if stored.encrypted else encode(value)
        child = layout.children.get(first)
        return encode(value) if child is None else self._cover_child(document, child, rest, value)

    def _cover_child(self, document: str, child: TableLayout, rest: list[str], value: object) -> object:
        secret = {stored.field for stored in child.columns.values() if stored.encrypted}
        if not secret:
            return encode(value)
        last: StoredColumn | None = child.columns.get(rest[-1]) if rest else None
        if last is not None and not last.encrypted:
            return encode(value)
        return self._cipher(document, value)

    def _cipher(self, document: str, value: object) -> object:
        return {_SEALED: self._protection.cipher.encrypt(dumps(value), f"{document}.history")}

    def _uncovered(self, document: str, data: Any) -> Any:
        if isinstance(data, dict) and data.keys() == {_SEALED}:
            return json.loads(self._protection.cipher.decrypt(data[_SEALED], f"{document}.history"))
        return data


def _comments(document: str) -> str:
    return f"{document}.comment"
