"""Passwords as fields of documents: which are strong enough, and which values a store must only see as digests. Pure.

In: a document type and values that a person gave. Out: findings; names of fields to digest before they are stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.model.documents import Document
from engine.problems import Finding

KIND = "password"
LONGEST = 500
"""More characters are no password; digests are slow on purpose."""
_WANTED = (r"[A-Z]", r"[a-z]", r"\d", r"[^A-Za-z0-9]")
_WEAK = {
    "zh": "密码至少8位，含大写、小写字母、数字和符号",
    "en": "at least 8 characters with upper and lower case, digit and symbol",
}


def strong(password: str) -> bool:
    """At least eight characters with upper and lower case letters, digits and symbols."""
    return 8 <= len(password) <= LONGEST and all(re.search(pattern, password) for pattern in _WANTED)


def given_passwords(document: Document, given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Fields of passwords that were given, with what was given."""
    for name, value in given.items():
        field = document.fields.get(name)
        if field is not None and field.kind == KIND and isinstance(value, str):
            yield name, value


def weak_passwords(document: Document, given: Mapping[str, object]) -> Iterator[Finding]:
    """A finding for each password that is not strong."""
    for name, value in given_passwords(document, given):
        if not strong(value):
            yield Finding("weak", _WEAK, (name,))
