"""What can go wrong with messages, by code: text, cause and what to do, in Chinese and English, for operators.

In: `incidents.yaml` beside this module. Out: `Told` by code. Devices have a file of their own, problems of definitions
a catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from engine.loading.source import read

_FILE = "incidents.yaml"


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of incident; each mapping is text by language."""

    code: str
    text: Mapping[str, str]
    cause: Mapping[str, str]
    repair: Mapping[str, str]


@cache
def catalogue() -> Mapping[str, Told]:
    """All kinds by code."""
    return catalogue_of(_FILE)


def catalogue_of(file: str) -> Mapping[str, Told]:
    """The kinds that a file beside this module tells, by code."""
    (raw,) = read(file, files(__name__).joinpath(file).read_bytes()).documents
    assert isinstance(raw, dict)
    return {code: _told(code, one) for code, one in raw.items()}


def told(code: str) -> Told | None:
    """One kind; None for a code of somebody else's, such as a rule's."""
    return catalogue().get(code)


def worded(code: str, said: str = "") -> dict[str, str]:
    """The text of a kind by language, with what the other side said behind it."""
    known = told(code)
    texts = known.text if known is not None else {"zh": code, "en": code}
    colon = {"zh": "：", "en": ": "}
    return {language: f"{text}{colon[language]}{said}" if said else text for language, text in texts.items()}


def _told(code: str, raw: Mapping[str, Mapping[str, str]]) -> Told:
    parts = ({language: raw[language][part] for language in ("zh", "en")} for part in ("text", "cause", "repair"))
    return Told(code, *parts)
