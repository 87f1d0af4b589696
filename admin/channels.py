"""The operator's settings: channels and services as the node file binds them, and a try of each channel.

In: requests of administrators. Out: pages; no secret is on them: the node file names variables that hold them.
"""

from __future__ import annotations

import re

from flask import render_template, request

from admin.console import blueprint
from engine.model.traffic import ChannelBinding
from engine.usecases.monitoring import attention
from engine.usecases.trying import try_channel
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime

_USERINFO = re.compile(r"(?<=//)[^/@\s]+@")


@blueprint.get("/channels")
@signed_in
@administrators_only
def channels() -> str:
    """What is bound."""
    node = runtime().node
    bound = [(name, one, _settings(one)) for name, one in sorted(node.channels.items())]
    return render_template("admin/channels.html", node=node, bound=bound, tried=None, needs=attention(runtime()))


@blueprint.post("/channels/<name>/try")
@signed_in
@administrators_only
def try_one(name: str) -> str:
    """What a channel's far end answers: the answer alone where a script asks, else the page with it."""
    tried = try_channel(runtime(), actor(), name)
    if request.headers.get("HX-Request"):
        return render_template("admin/tried.html", tried=tried)
    node = runtime().node
    bound = [(one, binding, _settings(binding)) for one, binding in sorted(node.channels.items())]
    return render_template("admin/channels.html", node=node, bound=bound, tried=tried, needs=attention(runtime()))


def _settings(bound: ChannelBinding) -> list[tuple[str, str]]:
    """What the adapter is told, without names and passwords within addresses."""
    return [(name, _USERINFO.sub("", text)) for name, text in sorted(bound.settings.items())]
