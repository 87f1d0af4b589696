"""The operator's log: what the processes say of themselves, found by time, thread, level and text.

In: requests of administrators. Out: a page of lines, newest first, with a way to those before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import render_template, request, url_for

from admin.console import blueprint
from admin.message_queries import moment_of
from admin.messages import said
from engine.incidents import catalogue as catalogue_of
from engine.incidents import told
from engine.ports.logs import LEVELS, LogPage, LogQuery
from engine.usecases.monitoring import attention
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import runtime, say
from engine.web.wording import PAGES

_AT_ONCE = 100
_STATES = {"listening": "ops.channel_state.", "a message is": "ops.state."}
"""Lines that end with a state, and where that is worded."""
_LONGEST = 200
_NAMES = ("from", "to", "level", "thread", "text", "older")


@blueprint.get("/log")
@signed_in
@administrators_only
def log() -> str:
    """Lines that fit, newest first."""
    typed = {name: request.args.get(name, "").strip()[:_LONGEST] for name in _NAMES}
    since, until = moment_of(typed["from"], ends=False), moment_of(typed["to"], ends=True)
    unread = [name for name, found in (("from", since), ("to", until)) if typed[name] and found is None]
    query = LogQuery(
        since, until, typed["level"], typed["thread"], typed["text"], typed["older"], _codes(typed["text"])
    )
    logs = runtime().logs
    page = logs.find(query, _AT_ONCE) if logs is not None else LogPage(())
    asked = {name: text for name, text in typed.items() if text and name != "older"}
    return render_template(
        "admin/log.html", page=page, given=typed, asked=asked, unread=unread, levels=LEVELS, incident=told, said=said,
        worded=_worded,        older=_older(asked, page), needs=attention(runtime()),
        tones={"error": "late", "warning": "waiting", "info": ""},
    )  # fmt: skip


def _codes(text: str) -> frozenset[str]:
    """The incidents that are told with a text."""
    told_with = {one.code: " ".join((*one.text.values(), *one.repair.values())) for one in catalogue_of().values()}
    return frozenset(code for code, words in told_with.items() if text and text.casefold() in words.casefold())


def _worded(text: str) -> str:
    """What this program itself says of its course, in the reader's language; anything else as it is."""
    head, _, state = text.partition(": ") if text.startswith("listening: ") else text.rpartition(" ")
    if f"log.line.{text}" in PAGES.texts:
        return say(f"log.line.{text}")
    known = _STATES.get(head, "") + state
    return say(f"log.line.{head}", state=say(known)) if head in _STATES and known in PAGES.texts else text


def _older(asked: Mapping[str, str], page: LogPage) -> str:
    """The address of the lines before these; empty where there are none."""
    return f"{url_for('admin.log')}?{urlencode({**asked, 'older': page.older})}" if page.older else ""
