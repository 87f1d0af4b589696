"""Texts of the kiosk in Chinese and English, from its own catalogue; knows neither requests nor definitions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

CATALOGUE = Path(__file__).with_name("wording.json")
_PLACE = {"zh": 0, "en": 1}
_SCRIPTS = "js."


@cache
def catalogue() -> Mapping[str, tuple[str, str]]:
    """Every text by key: (Chinese, English)."""
    texts = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {key: (zh, en) for key, (zh, en) in texts.items()}


def worded(key: str, language: str, **values: object) -> str:
    """A text with its places filled. Raises KeyError for a key that is not in the catalogue."""
    text = catalogue()[key][_PLACE[language]]
    return text.format(**values) if values else text


@cache
def for_scripts(language: str) -> Mapping[str, str]:
    """The texts that browser modules need, keys without their prefix."""
    place = _PLACE[language]
    found = catalogue().items()
    return {key.removeprefix(_SCRIPTS): texts[place] for key, texts in found if key.startswith(_SCRIPTS)}
