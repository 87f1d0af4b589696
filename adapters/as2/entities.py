"""MIME entities as bytes (RFC 2045, RFC 2046): head and body apart, parts of a multipart, names of partners.

In: bytes. Out: bytes and heads, or Malformed. Nothing is written anew on reading, since signatures are over bytes as
they came. Heads are small and told once each: what may be read in two ways is not read.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, encodebytes
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message

_MOST_HEAD = 65_536
_MOST_PARTS = 4


class Malformed(ValueError):
    """No entity that can be read in one way alone."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Heads by lower-case name, and the body as it stands."""

    heads: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """`type/subtype`, lower case."""
        return self._typed().get_content_type()

    def parameter(self, name: str) -> str:
        """One of the content type."""
        found = self._typed().get_param(name, "")
        return found if isinstance(found, str) else ""

    def content(self) -> bytes:
        """The body, its transfer encoding taken away. Raises Malformed."""
        encoding = self.heads.get("content-transfer-encoding", "binary").strip().lower()
        if encoding in ("binary", "8bit", "7bit"):
            return self.body
        if encoding != "base64":
            raise Malformed(f"transfer encoding {encoding}")
        try:
            return b64decode(b"".join(self.body.split()), validate=True)
        except binascii.Error:
            raise Malformed("base64 that is none") from None

    def parts(self) -> list[bytes]:
        """The parts of a multipart, each with head and body, as they stand. Raises Malformed."""
        boundary = self.parameter("boundary").encode("latin-1", "replace")
        if not boundary:
            raise Malformed("a multipart without its boundary")
        pieces = (b"\r\n" + self.body).split(b"\r\n--" + boundary)
        if not 2 < len(pieces) <= _MOST_PARTS + 2 or not pieces[-1].startswith(b"--"):
            raise Malformed("a multipart that does not end")
        if any(not one.startswith(b"\r\n") for one in pieces[1:-1]):
            raise Malformed("a boundary that goes on")
        return [one[2:] for one in pieces[1:-1]]

    def _typed(self) -> Message:
        message = Message()
        message["Content-Type"] = self.heads.get("content-type", "application/octet-stream")
        return message


def read(content: bytes) -> Entity:
    """Head and body. Raises Malformed."""
    if content.startswith(b"\r\n"):
        return Entity({}, content[2:])
    head, gap, body = content.partition(b"\r\n\r\n")
    if not gap or len(head) > _MOST_HEAD:
        raise Malformed("an entity without its head")
    return Entity(_heads(head), body)


def _heads(head: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in head.decode("latin-1").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon or name.lower() in found:
            raise Malformed("a head that is none, or told twice")
        found[name.lower()] = value.strip()
    return found


def written(heads: Mapping[str, str], body: bytes) -> bytes:
    """An entity as bytes. Values hold no line ends."""
    return "".join(f"{name}: {value}\r\n" for name, value in heads.items()).encode("ascii") + b"\r\n" + body


def ascii_of(value: str) -> str:
    """A head's value as `written` takes it."""
    return "".join(one if " " <= one <= "~" else "?" for one in value)


def joined(boundary: str, *parts: bytes) -> bytes:
    """The body of a multipart."""
    mark = b"--" + boundary.encode("ascii")
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def base64_of(content: bytes) -> bytes:
    """Lines of base64 as MIME has them."""
    return encodebytes(content).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


def quoted(name: str) -> str:
    """A partner's name as AS2-From has it (RFC 4130, 6.2)."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if escaped != name or " " in name else name


def unquoted(name: str) -> str:
    """The name again."""
    name = name.strip()
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name
    return name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
