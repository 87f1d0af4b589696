"""What a code is called in the language of who reads it: by the column of that name, where its list has one.

In: a row of a code list, a language. Out: its title there, else its title, else the code. Formulas and paper know
`title` alone.
"""

from __future__ import annotations

from engine.model.system import CodeEntry


def code_title(entry: CodeEntry, language: str) -> str:
    """The title of a code; `en` is a column of lists that are read in English, without a language it is `title`."""
    return str(entry.columns.get(language) or entry.columns.get("title") or entry.code)
