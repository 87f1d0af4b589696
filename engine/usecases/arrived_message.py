"""What a message that came in says of itself, to the mapping that reads it and to what follows from it.

In: its names, its bytes, by which channel and under which topic it came. Out: `Came`, a row of these names. The file of
the whole message (`raw`) and that of one document of it (`part`) are made when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.mappings.compiled import CompiledMapping
from engine.model.values import StoredFile
from engine.model.xml_shapes import local_name
from engine.usecases.runtime import Runtime

RAW, PART, CHANNEL, TOPIC = "raw", "part", "channel", "topic"
_MEDIA = {"xml": "application/xml", "json": "application/json"}
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Whole:
    """A message as it came: what it is read by, its bytes, how many documents are in it."""

    runtime: Runtime
    compiled: CompiledMapping
    content: bytes
    documents: int = 1

    def file(self, content: bytes, name: str) -> StoredFile:
        """Bytes as a file."""
        media = _MEDIA.get(self.compiled.mapping.format, "application/octet-stream")
        return self.runtime.files.put(content, f"{name}.{self.compiled.mapping.format}", media)

    def alone(self, at: int) -> bytes:
        """The message with one of its documents alone: what is beside them stays, a signature over all does not."""
        xml = self.runtime.xml
        if xml is None or self.documents < 2 or self.compiled.mapping.format != "xml":
            return self.content
        return xml.alone(self.content, self.compiled.each_tags, at)


class Came(dict[str, object]):
    """The names of a message, by which `message.NAME` is read."""

    def __init__(self, names: Row, whole: Whole, at: int = 0) -> None:
        super().__init__(names)
        self._whole, self._at = whole, at

    def get(self, name: str, default: object = None) -> object:
        """The value of a name; a file is made when it is first asked for."""
        if name in (RAW, PART) and name not in self:
            content = self._whole.content if name == RAW else self._whole.alone(self._at)
            self[name] = self._whole.file(content, str(super().get("kind") or name))
        return super().get(name, default)

    def of(self, at: int) -> Came:
        """The same for another document of the message."""
        return Came(self, self._whole, at)

    def saying(self, more: Row) -> Came:
        """The same with more names."""
        return Came({**self, **more}, self._whole, self._at)


def came(
    runtime: Runtime, compiled: CompiledMapping, content: bytes, names: Row, *, documents: int, root: str = ""
) -> Came:
    """What a message says: `names` are its own and its envelope's, `root` its root element where its mapping reads
    several: the kind of message that it is."""
    about = {"id": "", "kind": compiled.mapping.kind or compiled.mapping.id, **names}
    about |= {"kind": local_name(root)} if root else {}
    return Came({**about, "at": runtime.clock.now()}, Whole(runtime, compiled, content, documents))
