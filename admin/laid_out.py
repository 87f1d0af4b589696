"""The body of a message laid out to be read: XML and JSON with an indent for each level, anything else as it is.

In: bytes. Out: text; None for what is no text. The signs of the message stay as they are, only blanks between them are
changed, and nothing of it is interpreted: whatever a stranger sends, this takes time in its length alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST = 200_000
"""Signs that are shown; more is there to be downloaded."""
# What is not closed goes to the end: no place is looked at twice.
_XML = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[^<>]*>?|[^<]+", re.DOTALL)
_JSON = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_STEP = "  "
_DEEPEST = 60


def text_of(content: bytes) -> str | None:
    """The text of a message: UTF-8, or the encoding of Chinese systems before it; None for what is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            found = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in found else found
    return None


def laid_out(content: bytes) -> tuple[str, str] | None:
    """What it is (xml, json, text) and the text laid out, cut at `MOST`; None for what is no text."""
    text = text_of(content[: 4 * MOST])
    if text is None:
        return None
    head = text.lstrip()[:1]
    if head == "<":
        return "xml", "\n".join(_xml_lines(text[:MOST]))
    if head in ("{", "["):
        return "json", "".join(_json_parts(text[:MOST])).strip()
    return "text", text[:MOST]


def _xml_lines(text: str) -> Iterator[str]:
    depth, line = 0, ""
    for token in _XML.findall(text):
        if not token.startswith("<") or token.startswith("<![CDATA["):
            line += token.strip()
            continue
        closes, opens = token.startswith("</"), not token.startswith(("</", "<?", "<!")) and not token.endswith("/>")
        if closes:
            depth -= 1
        if line and not closes:
            yield line
            line = ""
        if closes and line:  # <a>text</a> stays on its line; so does <a></a>
            yield line + token
            line = ""
        elif opens:
            line = _indent(depth) + token
            depth += 1
        else:
            yield _indent(depth) + token
    if line:
        yield line


def _json_parts(text: str) -> Iterator[str]:
    depth, opened = 0, False
    for token in _JSON.findall(text):
        closes = token in ("}", "]")
        depth -= closes
        if opened != closes:  # what is empty stays on its line
            yield "\n" + _indent(depth)
        opened = token in ("{", "[")
        depth += opened
        yield {",": ",\n" + _indent(depth), ":": ": "}.get(token, token)


def _indent(depth: int) -> str:
    return _STEP * max(0, min(depth, _DEEPEST))
