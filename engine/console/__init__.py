"""What the console says to people, in Chinese and English; and in which of them it speaks.

In: the language that was asked for, by `--lang` or the environment. Out: sentences of the catalogue `sentences.yaml`,
filled with their values: a sentence of each language by its key. Chinese where nobody asks for another. What programs
read (`--json`) is not worded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

from engine.loading.source import read

LANGUAGES = ("zh", "en")
SETTING = "GUIJU_LANG"
_FILE = "sentences.yaml"
_spoken: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])


def speak(language: str) -> None:
    """From now on the console speaks this language. Raises ValueError for one that there is not."""
    if language not in LANGUAGES:
        raise ValueError(language)
    _spoken.set(language)


def spoken() -> str:
    """The language that the console speaks."""
    return _spoken.get()


def chosen(asked: str, environment: Mapping[str, str]) -> str:
    """The language asked for; else that of GUIJU_LANG, else that of the terminal where it is one of them."""
    told = (asked, environment.get(SETTING, ""), *(environment.get(name, "") for name in ("LC_ALL", "LANG")))
    return next((text[:2] for text in told if text[:2] in LANGUAGES), LANGUAGES[0])


def say(key: str, /, **values: object) -> str:
    """The sentence of a key. Raises KeyError for one that there is not."""
    return catalogue()[key][spoken()].format_map(values)


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every sentence by key and language. Raises ValueError where the file is not as it must be."""
    source = read(_FILE, files(__name__).joinpath(_FILE).read_bytes())
    entries = source.documents[0] if source.documents else None
    if source.problems or not isinstance(entries, dict):
        raise ValueError(f"{_FILE}: {[(problem.code, str(problem.where)) for problem in source.problems]}")
    return {key: _both(key, entry) for key, entry in entries.items()}


def _both(key: str, entry: object) -> Mapping[str, str]:
    if not isinstance(entry, dict) or tuple(entry) != LANGUAGES:
        raise ValueError(f"{_FILE}: {key} is not said in {', '.join(LANGUAGES)}")
    return {language: str(text) for language, text in entry.items()}
