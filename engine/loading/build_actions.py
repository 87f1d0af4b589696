"""Building of actions: one verb each, the same in every place where something is done.

In: entries judged by the schema. Out: `engine.model.actions`. Names of documents, notices and named actions become
registry keys here; names of events and fields stay as written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.loading.entry import Entry, given_of, sort_of, template_of, text_of
from engine.loading.names import Names
from engine.loading.piece import Piece
from engine.model.actions import (
    Act,
    Block,
    Call,
    Care,
    Choose,
    Create,
    Do,
    Drop,
    Notify,
    Post,
    Print,
    Put,
    Raise,
    Repeat,
    Send,
    Set,
    Side,
    Spread,
)  # fmt: skip
from engine.model.formula import Formula, Given, Template

VERBS = ("set", "put", "drop", "create", "raise", "post", "print", "send", "call", "notify", "care", "choose", "do")
# Keys that any verb may carry, and `post`'s own; what else stands in a `post` are its amounts.
_CARRIED = ("when", "each", "where", "sort", "most", "per", "spread")
POSTED = (*_CARRIED, "post", "entry", "account", "from", "to", "of")


@dataclass(slots=True)
class ActionBuilder:
    """Builds actions; `local` are the named actions of the machine at hand: name to registry key."""

    names: Names
    local: Mapping[str, str]

    def actions(self, entry: Entry, key: str = "do") -> tuple[Act, ...]:
        """The actions under a key: a list of them, one, or the name of one."""
        found = (self.action(piece) for piece in entry.several(key))
        return tuple(act for act in found if act is not None)

    def action(self, piece: Piece) -> Act | None:
        """One action; a bare word is the name of an action."""
        if isinstance(piece.value, str):
            return Do(action=self._action_key(piece), where=piece.where)
        entry = Entry.of(piece, "action")
        verb = next((verb for verb in VERBS if verb in entry), "")
        build = self._builders().get(verb)
        if build is None:
            return None
        act = build(entry)
        return replace(act, when=entry.formula("when"), repeat=_repeat(entry), spread=_spread(entry), where=entry.where)

    def _builders(self) -> Mapping[str, Callable[[Entry], Act]]:
        return {
            "set": self._set, "put": self._put, "drop": self._drop, "create": self._create, "raise": self._raise,
            "post": self._post, "print": self._print, "send": self._send, "call": self._call,
            "notify": self._notify, "care": self._care, "choose": self._choose, "do": self._do,
        }  # fmt: skip

    def _key(self, kind: str, entry: Entry, key: str) -> str:
        piece = entry.piece(key)
        if piece is None or piece.value is None:
            return ""
        return self.names.resolve(kind, text_of(piece), piece.origin.system, piece.where, piece.origin.problems)

    def _action_key(self, piece: Piece) -> str:
        name = text_of(piece)
        if name in self.local:
            return self.local[name]
        return self.names.resolve("action", name, piece.origin.system, piece.where, piece.origin.problems)

    def _set(self, entry: Entry) -> Act:
        return Set(values=entry.givens("set"), copy=entry.copied("set"))

    def _put(self, entry: Entry) -> Act:
        return Put(table=entry.text("put"), by=entry.names("by"), find=_find(entry), values=entry.givens("with"))

    def _drop(self, entry: Entry) -> Act:
        return Drop(table=entry.text("drop"), find=_find(entry))

    def _create(self, entry: Entry) -> Act:
        return Create(
            document=self._key("document", entry, "create"),
            event=entry.text("event"),
            values=entry.givens("with"),
            name=entry.text("as", "created"),
            copy=entry.copied("with"),
        )

    def _raise(self, entry: Entry) -> Act:
        return Raise(
            event=entry.text("raise"),
            on=entry.formula("on"),
            find=_find(entry),
            values=entry.givens("with"),
            skip=entry.text("skip"),
        )

    def _post(self, entry: Entry) -> Act:
        amounts = {name: piece for name, piece in entry.pieces.items() if name not in POSTED}
        sides = {"": _side(entry, "account"), "from": _side(entry, "from"), "to": _side(entry, "to")}
        return Post(
            ledger=self._key("ledger", entry, "post"),
            entry=entry.text("entry"),
            sides={name: side for name, side in sides.items() if side is not None},
            amounts={name: given_of(piece) for name, piece in amounts.items()},
            of=entry.text("of"),
        )

    def _print(self, entry: Entry) -> Act:
        return Print(print=self._key("print", entry, "print"), to=entry.asked("to"), again=entry.flag("again"))

    def _send(self, entry: Entry) -> Act:
        return Send(
            mapping=self._key("mapping", entry, "send"),
            of=entry.asked("of"),
            failed=entry.text("failed"),
            values=entry.givens("with"),
            to=entry.asked("to"),
            topic=entry.given("topic"),
        )

    def _call(self, entry: Entry) -> Act:
        return Call(
            service=self._key("call", entry, "call"),
            values=entry.givens("with"),
            key=_call_key(entry.piece("key")),
            ok=entry.text("ok"),
            failed=entry.text("failed"),
        )

    def _notify(self, entry: Entry) -> Act:
        return Notify(notice=self._key("notice", entry, "notify"), values=entry.givens("with"))

    def _care(self, entry: Entry) -> Act:
        return Care(order=entry.text("care"), values=entry.givens("with"))

    def _choose(self, entry: Entry) -> Act:
        branches = [
            Block(actions=self.actions(branch), when=branch.formula("when"), where=branch.where)
            for branch in entry.each("choose", "branch")
        ]
        return Choose(branches=tuple(branches))

    def _do(self, entry: Entry) -> Act:
        piece = entry.piece("do")
        if piece is not None and isinstance(piece.value, str):
            return Do(action=self._action_key(piece), values=entry.givens("with"))
        return Block(actions=self.actions(entry))


def _side(entry: Entry, key: str) -> Side | None:
    return Side(entry.givens(key), entry.copied(key)) if key in entry else None


def _find(entry: Entry) -> Formula | None:
    """`where` chooses rows of the action's object; where there is an `each` it belongs to that."""
    return None if "each" in entry else entry.formula("where")


def _call_key(piece: Piece | None) -> Given | Template | None:
    if piece is None or piece.value is None:
        return None
    return template_of(piece) if "{" in piece.raw else given_of(piece)


def _repeat(entry: Entry) -> Repeat | None:
    source = entry.formula("each")
    if source is None:
        return None
    most = entry.whole("most")
    found = Repeat(source, entry.formula("where"), sort_of(entry), per=entry.formulas("per"))
    return found if most is None else replace(found, most=most)


def _spread(entry: Entry) -> Spread | None:
    spread = entry.entry("spread", "spread")
    if spread is None:
        return None
    total, take = spread.asked("total"), spread.asked("take")
    if total is None or take is None:
        return None
    return Spread(total, take, spread.text("short", "refuse"))
