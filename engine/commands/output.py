"""Printing of verbs: lines for people, JSON for programs. The one place of the engine that writes to the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from engine.console import say
from engine.loading.nearest import nearest
from engine.model.crypto import CryptoRefused


def line(text: str = "") -> None:
    """One line to standard output."""
    sys.stdout.write(text + "\n")


def fault(text: str) -> None:
    """One line to standard error."""
    sys.stderr.write(text + "\n")


def keys_refused(refused: CryptoRefused) -> None:
    """Why keys, certificates or their provider refused, to standard error."""
    why = say(f"crypto.fault.{refused.code.value}")
    fault(say("crypto.refused", why=why, about=refused.about).rstrip(" ：:"))


def as_json(value: object) -> None:
    """A value as indented JSON."""
    line(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def meant(word: str, known: Iterable[str]) -> str:
    """What is put behind a word that is not known: the nearest that is; nothing where none is near."""
    near = nearest(word, known)
    return say("near", name=near) if near else ""
