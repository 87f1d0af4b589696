"""Numbers of documents: a text with formulas, one of which may be `seq`, gap-free for each text around it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.documents.wording import plain
from engine.expressions.environment import Env, World
from engine.model.documents import Document
from engine.ports import Unit

_RUNNING = "\x1f"  # stands for the running number in a sequence's name; no line of text holds it


def number_of(document: Document, values: Mapping[str, object], world: World, unit: Unit) -> str:
    """The number of a new record. The sequence is kept per document type and the text without the running number."""
    assert document.number is not None
    env = Env(values, world, this=values, names={"uuid": world.new_id()})
    pieces: list[tuple[str, str] | None] = []
    form = ""
    for piece in document.number.pieces:
        if isinstance(piece, str):
            pieces.append((piece, ""))
        elif piece[0].text.strip() == "seq":
            pieces.append(None)
            form = piece[1]
        else:
            pieces.append((plain(piece[0](env), piece[1]), ""))
    if None not in pieces:
        return "".join(piece[0] for piece in pieces if piece is not None)
    around = "".join(_RUNNING if piece is None else piece[0] for piece in pieces)
    running = plain(unit.next_number(f"{document.id}:{around}"), form)
    return "".join(running if piece is None else piece[0] for piece in pieces)
