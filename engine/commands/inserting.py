"""Lines put into files that stand: a field, an entry of a menu, a system of a node. The rest of a file stays as it is.

In: the text of a file. Out: the text with a line more, and which line that is. Knows no file system.
"""

from __future__ import annotations

import re

_SYSTEMS = re.compile(r"^(systems:\s*\[)([^\]\n]*)(\].*)$", re.MULTILINE)


def under(text: str, section: str, line: str) -> tuple[str, int]:
    """A line at the end of a section, which is made where there is none; the text and the number of the line."""
    lines = text.splitlines()
    start = next((index for index, one in enumerate(lines) if one.startswith(f"{section}:")), None)
    if start is None:
        lines += [f"{section}:"]
        start = len(lines) - 1
    later = range(start + 1, len(lines))
    end = next((at for at in later if lines[at].strip() and not lines[at].startswith((" ", "-"))), len(lines))
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    lines.insert(end, line)
    return "\n".join(lines) + "\n", end + 1


def system_into_node(text: str, system: str) -> str:
    """The node with a system more; the text as it is where its systems do not stand in one line."""
    found = _SYSTEMS.search(text)
    if found is None:
        return text
    names = [name.strip() for name in found[2].split(",") if name.strip()]
    if system in names:
        return text
    return text[: found.start()] + found[1] + ", ".join([*names, system]) + found[3] + text[found.end() :]
