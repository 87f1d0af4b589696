"""Texts of a face in Chinese and English, from its catalogue; and those of the pages. Knows no requests.

A catalogue is a JSON file: key -> [Chinese, English]. Keys that begin with `js.` go to browser modules too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

_PLACE = {"zh": 0, "en": 1}
_SCRIPTS = "js."


class Catalogue:
    """The texts of one file, read when the first is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._for_scripts: dict[str, Mapping[str, str]] = {}

    @cached_property
    def texts(self) -> Mapping[str, tuple[str, str]]:
        """Every text by key: (Chinese, English)."""
        found = json.loads(self.path.read_text(encoding="utf-8"))
        return {key: (zh, en) for key, (zh, en) in found.items()}

    def worded(self, key: str, language: str, **values: object) -> str:
        """A text with its places filled. Raises KeyError for a key that is not in the catalogue."""
        text = self.texts[key][_PLACE[language]]
        return text.format(**values) if values else text

    def for_scripts(self, language: str) -> Mapping[str, str]:
        """The texts that browser modules need, keys without their prefix."""
        if language not in self._for_scripts:
            place = _PLACE[language]
            self._for_scripts[language] = {
                key.removeprefix(_SCRIPTS): texts[place]
                for key, texts in self.texts.items()
                if key.startswith(_SCRIPTS)
            }
        return self._for_scripts[language]


PAGES = Catalogue(Path(__file__).with_name("wording.json"))
