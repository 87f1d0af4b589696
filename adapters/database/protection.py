"""Encrypted fields: plain values to cipher text with a blind index, and back.

In: values and a `FieldCipher`. Out: what stands in the column and in `<column>__bi` beside it. The plain text of a
value is its own text, or the JSON of the way it is kept in SQLite, so that equal values have equal blind indexes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapters.database.convert import Codec, codec
from engine.model.storage import Column
from engine.model.types import Kind
from engine.ports import FieldCipher

_TEXTS = {Kind.TEXT, Kind.CODE, Kind.REF}
_MISSING = "encrypted fields need a cipher"


class Protection:
    """The cipher of a store; without one, storages with encrypted fields are refused."""

    def __init__(self, cipher: FieldCipher | None, *, postgres: bool) -> None:
        self._cipher = cipher
        self._type: sa.types.TypeEngine[Any] = postgresql.TEXT(collation="C") if postgres else sa.Text()
        self._declared = "text" if postgres else "TEXT"

    @property
    def has_cipher(self) -> bool:
        return self._cipher is not None

    @property
    def cipher(self) -> FieldCipher:
        """The cipher. Raises ValueError where there is none."""
        if self._cipher is None:
            raise ValueError(_MISSING)
        return self._cipher

    def codec(self, column: Column, context: str) -> Codec:
        """The codec of an encrypted column: `write` and `read` turn values into plain text and back, `operand` gives
        the blind index. Raises ValueError where there is no cipher or the comparison needs the plain value."""
        cipher = self.cipher
        text, value = _plain(column)

        def operand(operator: str, wanted: Any) -> tuple[str, Any]:
            if operator not in {"==", "!="}:
                raise ValueError(f"{context} is encrypted: it can only be asked for equality")
            return operator, cipher.blind_index(text(wanted), context)

        return Codec(self._declared, self._type, sa.Text(), text, value, operand, ordered=False)

    def sealed(self, codec: Codec, value: Any, context: str) -> tuple[str | None, str | None]:
        """Cipher text and blind index of a value."""
        if value is None or codec.write is None:
            return None, None
        text = codec.write(value)
        return self.cipher.encrypt(text, context), self.cipher.blind_index(text, context)

    def opened(self, codec: Codec, cipher_text: str, context: str) -> Any:
        """The value behind a cipher text. Raises ValueError when it was altered."""
        text = self.cipher.decrypt(cipher_text, context)
        return text if codec.read is None else codec.read(text)


def _plain(column: Column) -> tuple[Callable[[Any], str], Callable[[str], Any]]:
    if column.type.kind in _TEXTS:
        return str, str
    inner = codec(column, postgres=False)
    write, read = inner.write, inner.read

    def text(value: Any) -> str:
        return json.dumps(value if write is None else write(value), ensure_ascii=False)

    def value(plain: str) -> Any:
        data = json.loads(plain)
        return data if read is None else read(data)

    return text, value
