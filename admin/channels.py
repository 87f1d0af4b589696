"""The operator's settings of channels: how each is bound, set otherwise, tried before and after.

In: requests of administrators. Out: pages; no secret is on them: the node file names variables that hold them, and what
is set here is sealed.
"""

from __future__ import annotations

import re

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.console import blueprint
from engine.model.traffic import NOTICES, ChannelBinding
from engine.problems import Refused
from engine.usecases.channel_forms import channel_form
from engine.usecases.configuring import CHANNEL, kept, proposed, reset_channel, set_channel
from engine.usecases.licensing import standing
from engine.usecases.monitoring import attention
from engine.usecases.trying import Tried, try_channel
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say, text_of

_HINTED = frozenset({"queue", "most"})
_USERINFO = re.compile(r"(?<=//)[^/@\s]+@")


@blueprint.get("/channels")
@signed_in
@administrators_only
def channels() -> str:
    """What is bound."""
    return _all(None)


@blueprint.post("/channels/<name>/try")
@signed_in
@administrators_only
def try_one(name: str) -> Response:
    """What a channel's far end answers, as it is bound or as it is filled in: the answer alone where a script asks."""
    try:
        bound = proposed(runtime(), name, request.form) if "adapter" in request.form else None
    except Refused as refused:
        if refused.kind != "findings":
            raise
        return _told(name, refused)
    tried = try_channel(runtime(), actor(), name, bound)
    if request.headers.get("HX-Request"):
        return make_response(render_template("admin/tried.html", tried=tried))
    return make_response(_all(tried) if bound is None else _one(name, tried=tried))


@blueprint.get("/channels/<name>")
@signed_in
@administrators_only
def channel(name: str) -> str:
    """One channel, to be set; with another adapter where one is named."""
    return _one(name, request.args.get("adapter", ""))


@blueprint.post("/channels/<name>")
@signed_in
@administrators_only
def set_one(name: str) -> Response:
    """Bind a channel as it is filled in."""
    try:
        set_channel(runtime(), actor(), name, request.form)
    except Refused as refused:
        if refused.kind != "findings":
            raise
        return _told(name, refused)
    flash(say("channel.set"), "done")
    return redirect(url_for("admin.channel", name=name), 303)


@blueprint.post("/channels/<name>/reset")
@signed_in
@administrators_only
def reset_one(name: str) -> Response:
    """Let the node file count again."""
    reset_channel(runtime(), actor(), name)
    flash(say("channel.was_reset"), "done")
    return redirect(url_for("admin.channels"), 303)


def _all(tried: Tried | None) -> str:
    node, held = runtime().node, kept(runtime().store)
    bound = [(name, one, _settings(one), CHANNEL + name in held) for name, one in sorted(node.channels.items())]
    return render_template(
        "admin/channels.html", node=node, bound=bound, tried=tried, needs=attention(runtime()), notices=NOTICES
    )


def _one(name: str, adapter: str = "", *, tried: Tried | None = None, told: dict[str, str] | None = None) -> str:
    raw = request.form if request.method == "POST" else None
    form = channel_form(runtime(), name, adapter or (raw.get("adapter", "") if raw else ""), raw)
    return render_template(
        "admin/channel.html", form=form, tried=tried, told=told or {}, needs=attention(runtime()),
        locked=standing(runtime()).locked, hinted=_HINTED,
    )  # fmt: skip


def _told(name: str, refused: Refused) -> Response:
    """What is wrong, at the names of settings; in a line where a script asks."""
    told = {one.at[0]: text_of(one) for one in refused.findings if one.at}
    if request.headers.get("HX-Request"):
        words = "；".join(f"{say('channel.' + key)} {text}" for key, text in told.items())
        return make_response(render_template("admin/untried.html", words=words))
    return make_response(_one(name, told=told), 422)


def _settings(bound: ChannelBinding) -> list[tuple[str, str]]:
    """What the adapter is told, without names and passwords within addresses."""
    return [(name, _USERINFO.sub("", text)) for name, text in sorted(bound.settings.items())]
