"""Building of approvals: steps, who signs them, what happens when nobody does.

In: entries judged by the schema. Out: `engine.model.machines.Approval`. Whether steps, roles and events exist is found
by the checks.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, cast

from engine.loading.build_actions import ActionBuilder
from engine.loading.entry import Entry, given_of, text_of
from engine.loading.phrases import read_role, read_share
from engine.loading.piece import Piece, is_mapping
from engine.loading.renaming import renamed
from engine.model.formula import Formula
from engine.model.machines import Approval, Escalation, Nobody, Participants, Step

REMIND = "remind"
_SIGNS = ("one", "any", "all", "in_order")


def build_approval(name: str, entry: Entry, actions: ActionBuilder) -> Approval:
    """One approval."""
    back = entry.entry("return", "return")
    until, event = _withdraw(entry)
    same = entry.text("same_as_starter")
    return Approval(
        id=name,
        title=entry.title(),
        steps=tuple(_step(step, actions) for step in entry.each("steps", "step")),
        agreed=entry.text("agreed"),
        refused=entry.text("refused"),
        return_to=back.text("to") if back else "",
        return_event=back.text("event") if back else "",
        resume="continue_here" if back and back.text("resume") == "continue_here" else "redo",
        withdraw_until=until,
        withdraw_event=event,
        nobody=_nobody(entry),
        same_as_starter=cast('Literal["skip", "allow"]', same) if same in ("skip", "allow") else "",
        repeated="agree_once" if entry.text("repeated") == "agree_once" else "",
        where=entry.where,
    )


def _step(entry: Entry, actions: ActionBuilder) -> Step:
    return Step(
        id=entry.text("id"),
        title=entry.title(),
        who=participants_of(entry.piece("who")) or Participants(where=entry.where),
        sign=_sign(entry),
        when=entry.formula("when"),
        due=entry.length("due"),
        late=tuple(_escalation(piece, actions) for piece in entry.several("late")),
        may=entry.names("may"),
        read=entry.names("read"),
        edit=entry.names("edit"),
        comment=entry.text("comment"),
        veto=entry.flag("veto"),
        where=entry.where,
    )


def _sign(entry: Entry) -> Literal["one", "any", "all", "in_order"] | Decimal:
    text = entry.text("sign", "any")
    if text in _SIGNS:
        return cast('Literal["one", "any", "all", "in_order"]', text)
    return read_share(text) or "any"


def _escalation(piece: Piece, actions: ActionBuilder) -> Escalation:
    if not is_mapping(piece.value):
        return Escalation(remind=text_of(piece) == REMIND)
    entry = Entry.of(piece, "escalation")
    return Escalation(entry.length("after"), entry.flag("remind"), actions.actions(entry))


def _withdraw(entry: Entry) -> tuple[str, str]:
    """`until leaders`, or the same with the event that follows."""
    if (found := entry.entry("withdraw", "withdraw")) is not None:
        return found.text("until"), found.text("event")
    return entry.text("withdraw").removeprefix("until").strip(), ""


def _nobody(entry: Entry) -> Nobody:
    found = entry.entry("nobody", "nobody")
    if found is not None:
        return Nobody("to", participants_of(found.piece("to")))
    return Nobody("agree" if entry.text("nobody") == "agree" else "refuse")


def participants_of(piece: Piece | None) -> Participants | None:
    """`role head in org`, or users behind `=`."""
    if piece is None or piece.value is None:
        return None
    text = text_of(piece)
    if text.startswith("="):
        return Participants(users=given_of(piece).formula, where=piece.where)
    phrase = read_role(text)
    if phrase is None:
        return None
    within = None
    if phrase.within:
        at = piece.where.shifted(phrase.within_at, phrase.within_at + len(phrase.within))
        within = Formula(renamed(phrase.within, piece.origin.given), at)
    return Participants(phrase.role, within, None, piece.where)
