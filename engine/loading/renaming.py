"""Names that a part took, replaced by what its user gave, inside expressions.

In: the text of an expression and the given names. Out: the text with those names replaced. Strings, names behind a dot
and names of arguments are left alone. Knows nothing of types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKENS = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\.\s*[^\W\d]\w*|[^\W\d]\w*(?=\s*=(?!=))|(?P<name>[^\W\d]\w*)"""
)


def renamed(text: str, given: Mapping[str, str]) -> str:
    """The expression with every taken name replaced."""
    if not given:
        return text
    return _TOKENS.sub(lambda token: given.get(token["name"] or "", token.group()), text)
