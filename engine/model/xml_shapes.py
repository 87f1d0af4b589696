"""What a schema allows: the elements of an XML message with their order, number, kinds and lengths.

Plain data worked out from an XML schema (W3C XML Schema 1.0); `engine.mappings` and the checks compare mappings to it.
Names are `{namespace}local`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facets:
    """What the text of an element or attribute may be. `kind`: text, integer, decimal, boolean, date, datetime, base64.

    Lengths count characters; `total_digits` and `fraction_digits` those of a decimal; None is no bound.
    """

    kind: str = "text"
    least: int | None = None
    most: int | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None
    allowed: tuple[str, ...] = ()

    @property
    def may_be_empty(self) -> bool:
        """Whether an element without text is right."""
        return self.kind == "text" and not self.least and (not self.allowed or "" in self.allowed)


@dataclass(frozen=True, slots=True)
class XmlAttribute:
    """An attribute; `required` says that it may not be left out."""

    name: str
    facets: Facets = Facets()
    required: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class XmlShape:
    """An element: between `least` and `most` of it (None: any number), its text or its children in order.

    `open` elements hold what the schema does not name. `title` is the schema's own note.
    """

    name: str
    least: int = 1
    most: int | None = 1
    facets: Facets = Facets()
    children: tuple[XmlShape, ...] = ()
    attributes: tuple[XmlAttribute, ...] = field(default=())
    open: bool = False
    title: str = ""

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return local_name(self.name)

    def child(self, name: str) -> XmlShape | None:
        """The child of a name."""
        return next((one for one in self.children if one.name == name), None)

    def within(self) -> Iterator[XmlShape]:
        """The element itself and all that stand in it."""
        yield self
        for one in self.children:
            yield from one.within()


def local_name(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
