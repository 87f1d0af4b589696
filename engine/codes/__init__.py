"""The catalogue of problem codes: what each one says, why it comes, and how it is mended, in Chinese and English.

In: a `Problem`. Out: its wording. One YAML file a family stands beside this module: code to `zh` and `en`, each with
`message`, `cause` and `repair`, filled with the problem's values. A value that begins with `@` is a word of
`words.yaml`, several are joined by "or". Read by the commands, the reports and the manual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from engine.loading.source import read
from engine.problems import Problem

LANGUAGES = ("zh", "en")
_WORDS = "words.yaml"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a problem says in one language."""

    message: str
    cause: str
    repair: str


def word(problem: Problem, language: str = "zh") -> Wording:
    """The wording of a problem. Raises KeyError for a code that no catalogue has."""
    entry = catalogue()[problem.code][language]
    values = _Values({key: _worded(value, language) for key, value in problem.values.items()})
    values.setdefault("suggestion", problem.suggestion)
    return Wording(*(text.format_map(values) for text in (entry.message, entry.cause, entry.repair)))


@cache
def catalogue() -> Mapping[str, Mapping[str, Wording]]:
    """Every code with its unfilled wordings by language. Raises ValueError for a file that is not as it must be."""
    found: dict[str, Mapping[str, Wording]] = {}
    for file in sorted(files("engine.codes").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml") and file.name != _WORDS:
            for code, entry in _mapping(file.name, file.read_bytes()).items():
                if code in found:
                    raise ValueError(f"{file.name}: {code} stands in two files")
                found[code] = {language: _wording(file.name, code, entry, language) for language in LANGUAGES}
    return found


class _Values(dict[str, str]):
    """Values by name; a name without one is shown as it stands."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


def _wording(file: str, code: str, entry: object, language: str) -> Wording:
    texts = entry.get(language) if isinstance(entry, dict) else None
    if not isinstance(texts, dict) or set(texts) != {"message", "cause", "repair"}:
        raise ValueError(f"{file}: {code} lacks message, cause or repair in {language}")
    return Wording(*(str(texts[key]) for key in ("message", "cause", "repair")))


def _worded(value: str, language: str) -> str:
    if not value.startswith("@"):
        return value
    words = _words()
    found = [words.get(one.removeprefix("@"), {}).get(language, one) for one in value.split()]
    return words["or"][language].join(dict.fromkeys(found))


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    content = files("engine.codes").joinpath(_WORDS).read_bytes()
    return {
        name: {str(language): str(text) for language, text in entry.items()}
        for name, entry in _mapping(_WORDS, content).items()
        if isinstance(entry, dict)
    }


def _mapping(name: str, content: bytes) -> dict[str, object]:
    source = read(name, content)
    if source.problems or len(source.documents) != 1 or not isinstance(source.documents[0], dict):
        raise ValueError(f"{name}: {[(problem.code, str(problem.where)) for problem in source.problems]}")
    return source.documents[0]
