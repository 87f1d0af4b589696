"""JSON as it comes from outside, read within bounds: no nesting that breaks a reader, no sign that nothing can keep.

In: bytes or text. Out: plain data. Raises ValueError; what to answer is the view's affair.
"""

from __future__ import annotations

import json
import re
from typing import Any

_ESCAPES = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
"""Only these escapes can bring in halves of surrogate pairs and NUL."""
_UNKEPT = re.compile("[\x00\ud800-\udfff]")


def read_json(text: bytes | str) -> Any:
    """The data behind a JSON text. Raises ValueError."""
    try:
        if isinstance(text, bytes):
            text = text.decode()
        found = json.loads(text, parse_constant=_refused)
        if _ESCAPES.search(text):
            _judge(found)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def _refused(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def _judge(value: object) -> None:
    """Raise ValueError for a text that cannot be kept, be it a name or a value."""
    if isinstance(value, str) and _UNKEPT.search(value):
        raise ValueError("contains signs that cannot be kept")
    if isinstance(value, dict):
        for name, inner in value.items():
            _judge(name)
            _judge(inner)
    elif isinstance(value, list):
        for inner in value:
            _judge(inner)
