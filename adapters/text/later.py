"""Readings of Chinese titles by a dictionary that is loaded when somebody first asks for one: the port `Pinyin`."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module

from engine.ports import Pinyin


class LaterPinyin:
    """Pypinyin, from the first reading on: its dictionaries take half a second of a start."""

    def readings(self, text: str) -> str:
        """First letters and all letters."""
        return self._dictionary.readings(text)

    def characters(self, syllable: str) -> str:
        """The characters that are read so."""
        return self._dictionary.characters(syllable)

    @cached_property
    def _dictionary(self) -> Pinyin:
        made: Pinyin = import_module("adapters.text.pinyin").PypinyinInitials()
        return made
