"""The operator's lists of messages (all that landed, exceptions, blocked), the page of one, and what is done with them.

In: requests of administrators. Out: pages made from views of the use cases. What a message holds is shown only when it
is asked for, to those from whom nothing of its document is hidden; each look stands in the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.console import blueprint
from admin.laid_out import MOST, laid_out
from admin.message_queries import ACTS, ROOMS, Asked, asked_of, states_of
from engine.incidents import catalogue
from engine.model.records import AuditEntry
from engine.usecases import consoles, landed_acts
from engine.usecases.landed import CAP, LandedView, ids_of_query, landed_about, landed_count, landed_page
from engine.usecases.landed_bodies import may_read_body, read_body
from engine.usecases.landed_queue import next_tries, to_the_end
from engine.usecases.landing_records import BLOCKED, IN, MESSAGE, OUT, QUARANTINED
from engine.usecases.listeners import FAULTY, listeners
from engine.usecases.monitoring import attention
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, language, runtime, say, title

LONGEST_REASON = 200
PAGE = 50
MOST_STEPS = 50
_Act = Callable[[Runtime, Actor, Sequence[str]], int]
_DO: Mapping[str, _Act] = {
    "resend": landed_acts.resend, "retry": landed_acts.retry, "release": landed_acts.release, "end": to_the_end,
}  # fmt: skip
DISCARD = "discard"


@blueprint.get("/<any(landed,exceptions,blocked):room>")
@signed_in
@administrators_only
def messages(room: str) -> str:
    """Messages of a room, newest first."""
    asked = asked_of(room, request.args)
    after, backwards = request.args.get("after", ""), request.args.get("back") == "1"
    page = landed_page(runtime(), asked.query, after=after, backwards=backwards, limit=PAGE)
    return render_template(
        "admin/messages.html", room=room, asked=asked, page=page, states=states_of(room), acts=ACTS[room],
        count=count_of(asked), kinds=_kinds(), channels=sorted(runtime().node.channels), directions=(IN, OUT),
        incidents=catalogue().values(), needs=attention(runtime()), name_of=name_of, tone_of=tone_of, said=said,
        next_tries=next_tries(runtime()) if room == "blocked" else {},
        faulty=[one for one in listeners(runtime()) if one.state == FAULTY] if room == "exceptions" else (),
    )  # fmt: skip


@blueprint.get("/message/<landed_id>")
@signed_in
@administrators_only
def message(landed_id: str) -> str:
    """One message: what is known of it, what was done with it, and what it holds where that is asked for."""
    view = landed_about(runtime(), landed_id)
    may = may_read_body(runtime(), actor(), view)
    content, lost = None, False
    if may and request.args.get("body") == "1":
        content, lost = _content(landed_id)
    mapping = runtime().definitions.mappings.get(view.kind)
    return render_template(
        "admin/message.html", one=view, may=may, lost=lost, shown=content is not None, laid=laid_out(content or b""),
        is_cut=content is not None and len(content) > MOST, envelope=mapping.envelope if mapping is not None else "",
        about=runtime().definitions.documents.get(view.document), steps=_steps(landed_id), needs=attention(runtime()),
        name_of=name_of, tone_of=tone_of, said=said, acts=_fitting(view), next_try=next_tries(runtime()).get(landed_id),
    )  # fmt: skip


@blueprint.get("/message/<landed_id>/body")
@signed_in
@administrators_only
def message_body(landed_id: str) -> Response:
    """What a message holds, as a file."""
    try:
        view, content = read_body(runtime(), actor(), landed_id)
    except KeyError:
        abort(404)
    response = make_response(content)
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(view.number or view.id, safe='')}"
    return response


@blueprint.post("/messages/ask")
@signed_in
@administrators_only
def ask() -> Response | str:
    """Before something is done with several messages: with how many, and why they are given up."""
    room, act = _room_and_act()
    asked, ids = asked_of(room, request.form), request.form.getlist("id")
    matching = request.form.get("matching") == "1"
    if not matching and not ids:
        flash(say("ops.none_picked"), "warn")
        return redirect(_list_of(room, asked), 303)
    count = count_of(asked) if matching else str(len(set(ids)))
    return render_template(
        "admin/ask.html", room=room, act=act, asked=asked, ids=() if matching else ids, matching=matching,
        count=count, most=landed_acts.MOST, needs=attention(runtime()),
    )  # fmt: skip


@blueprint.post("/messages/do")
@signed_in
@administrators_only
def do() -> Response:
    """Do it."""
    room, act = _room_and_act()
    asked, ids = asked_of(room, request.form), request.form.getlist("id")
    if request.form.get("matching") == "1":
        ids = ids_of_query(runtime(), asked.query, landed_acts.MOST)
    if act == DISCARD:
        because = request.form.get("because", "").strip()[:LONGEST_REASON]
        if not because:
            abort(400)
        count = landed_acts.discard(runtime(), actor(), ids, because)
    else:
        count = _DO[act](runtime(), actor(), ids)
    flash(say(f"ops.done.{act}", count=f"{count:,}"), "done" if count else "warn")
    if len(ids) == 1 and request.form.get("here") == "1":
        return redirect(url_for("admin.message", landed_id=ids[0]), 303)
    return redirect(_list_of(room, asked), 303)


def _list_of(room: str, asked: Asked) -> str:
    given: dict[str, Any] = {**asked.arguments}
    return url_for("admin.messages", room=room, **given)


def _room_and_act() -> tuple[str, str]:
    room, act = request.form.get("room", ""), request.form.get("act", "")
    if room not in ROOMS or act not in {*_DO, DISCARD}:
        abort(400)
    return room, act


def _content(landed_id: str) -> tuple[bytes | None, bool]:
    """What a message holds, or that it is lost."""
    try:
        return read_body(runtime(), actor(), landed_id)[1], False
    except KeyError:
        return None, True


def _fitting(view: LandedView) -> tuple[str, ...]:
    """What can be done with a message as it stands."""
    if view.state == QUARANTINED:
        return ("release", DISCARD)
    if view.state == BLOCKED:
        return ("retry", "end", DISCARD)
    if view.is_abnormal:
        return ("retry", DISCARD)
    gone = {"sent", "awaiting", "confirmed", "discarded"}
    again = view.direction == OUT and view.state in gone and view.purged_at is None
    return ("resend",) if again else ()


def _steps(landed_id: str) -> list[tuple[AuditEntry, str]]:
    """What people did with a message, newest first."""
    entries = consoles.audit(runtime(), document=MESSAGE, record_id=landed_id, limit=MOST_STEPS)
    return [(entry, who) for entry, who, _ in entries]


def _kinds() -> list[tuple[str, str]]:
    return sorted((name, title(one.title) or name) for name, one in runtime().definitions.mappings.items())


def count_of(asked: Asked) -> str:
    """How many match; more than a thousand are said as that."""
    count = landed_count(runtime(), asked.query, CAP + 1)
    return f"{CAP:,}+" if count > CAP else f"{count:,}"


def name_of(view: LandedView) -> str:
    """What a message is called: the title of its mapping, else its kind."""
    mapping = runtime().definitions.mappings.get(view.kind)
    return (title(mapping.title) if mapping is not None else "") or view.title or view.kind


def tone_of(view: LandedView) -> str:
    """The colour of a state."""
    if view.state == BLOCKED:
        return "waiting"
    if view.is_abnormal:
        return "late"
    return {"sent": "done", "confirmed": "done", "processed": "done", "discarded": "stopped"}.get(view.state, "moving")


def said(texts: Mapping[str, str]) -> str:
    """A text of the engine in the language of the page."""
    return texts.get(language()) or texts.get("zh", "")
