"""Looks over the HTML of a template: what may stand on paper, and where its anchors are.

In: the text of a template. Out: problems and the names of `data-anchor`. Expressions and statements are blanked first,
so that every place stays where it was. Knows tags and addresses, no variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from engine.problems import Problem, Span

_FORBIDDEN_TAGS = re.compile(
    r"script|iframe|object|embed|applet|link|meta|base|form|input|button|textarea|select|option|audio|video|source"
    r"|track|frame|frameset|noscript|template|slot|portal|foreignobject"
)
_ADDRESSES = re.compile(r"src|href|xlink:href|srcset|data|action|formaction|poster|background|cite|longdesc|ping")
_HOLE = "\ue000"  # stands where an expression was
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_OWN_FILE = re.compile(rf"(?!/)(?!.*\.\.)[^:{_HOLE}]*(?:#.*)?|#.*|data:image/.*|{_HOLE}.*", re.DOTALL)
_STYLE_REACHES_OUT = re.compile(r"url\s*\(|@import|@font-face|image-set\s*\(|expression\s*\(|\\", re.IGNORECASE)
_BARE = re.compile(rf"=\s*[^\s\"'>]*{_HOLE}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


def blanked(text: str) -> str:
    """The text with holes for expressions and blanks for statements, every character in its place."""
    return _JINJA.sub(lambda found: _blank(found.group()), text)


def _blank(text: str) -> str:
    fill = _HOLE if text.startswith("{{") else " "
    return "".join(sign if sign == "\n" else fill for sign in text)


class Markup(HTMLParser):
    """The findings of one template: `problems`, and `anchors` with their places."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(convert_charrefs=True)
        self._file = file
        self._style = False
        self.problems: list[Problem] = []
        self.anchors: dict[str, Span] = {}
        self.feed(blanked(text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge a tag and its attributes."""
        self._style = tag == "style"
        if _FORBIDDEN_TAGS.fullmatch(tag):
            self._report("PRT005", what=f"<{tag}>")
        if _BARE.search(_QUOTED.sub("", self.get_starttag_text() or "")):
            self._report("PRT014")
        for name, value in attrs:
            self._judge(name, value or "")

    def handle_endtag(self, tag: str) -> None:
        """A style sheet ends."""
        self._style = self._style and tag != "style"

    def handle_data(self, data: str) -> None:
        """Judge the text of a style sheet."""
        if self._style:
            self._judge("style", data)

    def _judge(self, name: str, value: str) -> None:
        if name.startswith("on"):
            self._report("PRT005", what=name)
        elif name == "style" and _STYLE_REACHES_OUT.search(value):
            self._report("PRT006", address=_STYLE_REACHES_OUT.findall(value)[0])
        elif name == "style" and _HOLE in value and self._style:
            self._report("PRT014")
        elif _ADDRESSES.fullmatch(name) and not all(map(_OWN_FILE.fullmatch, _addresses(name, value))):
            self._report("PRT006", address=value.strip()[:80])
        elif name == "data-anchor":
            self._anchor(value)

    def _anchor(self, name: str) -> None:
        if _HOLE in name or not name:
            self._report("PRT008", name="{{ … }}" if name else "")
        elif name in self.anchors:
            self._report("PRT016", name=name)
        else:
            self.anchors[name] = self._here()

    def _report(self, code: str, **values: str) -> None:
        self.problems.append(Problem(code, self._here(), values))

    def _here(self) -> Span:
        line, offset = self.getpos()
        return Span(self._file, line, offset + 1, line, offset + 1 + len(self.get_starttag_text() or ""))


def _addresses(name: str, value: str) -> Iterable[str]:
    """Browsers drop white space and controls inside an address, so they are dropped before it is judged."""
    parts = [part.split()[0] for part in value.split(",") if part.strip()] if name == "srcset" else [value]
    return [re.sub(r"[\x00-\x20]", "", part) for part in parts]
