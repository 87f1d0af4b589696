"""What is said on the next page of an event that was raised: what came of it, with ways to what it made and prints.

In: the outcome of an event. Out: notices of the session; and where to go on.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, render_template, url_for
from markupsafe import Markup

from engine.problems import Level
from engine.usecases.said import MOST_NAMED, Other, Paper, Said, what_was_done, where_it_stands
from engine.usecases.views import Outcome
from engine.web.surroundings import actor, language, runtime, say, text_of, title

MOST_CHANGED = 1
"""Of several records that were changed along with it none is the one that was meant."""


def tell(outcome: Outcome, event: str) -> str:
    """Say on the next page what was done and what is worth noting; gives the address of that page."""
    said = what_was_done(runtime(), actor(), outcome, event)
    ways = [] if said.onward is not None else _ways("said.made", said.made)
    if not ways and len(said.changed) <= MOST_CHANGED and not said.made:
        ways = _ways("said.changed", said.changed)
    told = render_template("said.html", text=_sentence(said), ways=ways, prints=_prints(said.papers))
    flash(Markup(told), "done")  # noqa: S704 -- the template has escaped every value
    for note in outcome.notes:
        if note.level is Level.WARN:  # what was asked has been accepted
            flash(text_of(note), "warn")
    if said.onward is not None:
        onward = said.onward
        return url_for("forms.change", document=onward.document, record_id=onward.record_id, event="change")
    if said.gone:
        return url_for("lists.documents", document=outcome.document)
    return url_for("details.detail", document=outcome.document, record_id=outcome.record_id)


def _sentence(said: Said) -> str:
    event, what, state = title(said.event), said.what, title(said.state)
    if said.saved:
        text = say("said.saved", what=what)
    else:
        text = say("said.done", event=event.removeprefix("已") if language() == "zh" else event, what=what)
    text = text.removesuffix(say("colon").strip()) if not what else text
    text += say("said.state", state=state) if state else ""
    if said.step.zh:
        text += _waits(said)
    elif said.onward is not None:
        begun = title(said.onward.state)
        text += say("said.onward", kind=title(said.onward.kind) + (say("said.state", state=begun) if begun else ""))
    elif said.next.zh:
        text += say("said.next", event=title(said.next))
    return text


def _waits(said: Said) -> str:
    names = say("said.comma").join(said.waits_for[:MOST_NAMED])
    return say("said.waits", step=title(said.step), who=names)


def standing(outcome: Outcome) -> str:
    """What follows behind "agreed" or "returned": the state reached, and who is waited for next."""
    said = where_it_stands(runtime(), actor(), outcome)
    state = title(said.state)
    return (say("said.state", state=state) if state else "") + (_waits(said) if said.step.zh else "")


def _ways(key: str, others: Sequence[Other]) -> list[tuple[str, str, str]]:
    """Words before a link, its address, its text."""
    return [
        (
            say(key, kind=title(one.kind)),
            url_for("details.detail", document=one.document, record_id=one.record_id),
            one.label,
        )
        for one in others[:MOST_NAMED]
    ]


def _prints(papers: Sequence[Paper]) -> list[tuple[str, str]]:
    """The address that gives each paper, and its title."""
    return [
        (
            url_for("files.make", document=one.document, record_id=one.record_id, print_id=one.print),
            title(one.title),
        )
        for one in papers[:MOST_NAMED]
    ]
