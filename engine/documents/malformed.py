"""The fault of one raw value."""

from __future__ import annotations


class Malformed(ValueError):
    """A raw value is not one of its field's type."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        self.code, self.text = code, {"zh": zh, "en": en}
        super().__init__(en)
