"""The operator's listening resources: what each does, started and stopped one by one or all at once.

In: requests of administrators. Out: pages made from views of the use cases.
"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.console import blueprint
from admin.messages import said
from admin.monitor import SECONDS, state_tone
from engine.usecases import listeners
from engine.usecases.monitoring import attention
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say


@blueprint.get("/listening")
@signed_in
@administrators_only
def listening() -> str:
    """All of them, or those whose name holds a text; the table alone where a script asks for it."""
    text = request.args.get("q", "").strip()
    return render_template(
        "admin/listening_rows.html" if request.headers.get("HX-Request") else "admin/listening.html",
        found=listeners.listeners(runtime(), text), text=text, needs=attention(runtime()), said=said,
        state_tone=state_tone, seconds=SECONDS,
    )  # fmt: skip


@blueprint.post("/listening/<any(start,stop):act>")
@signed_in
@administrators_only
def switch(act: str) -> Response:
    """Start or stop one, or all of them."""
    names = request.form.getlist("name")
    if not names and request.form.get("all") != "1":
        abort(400)
    change, told = (
        (listeners.start, "ops.listening.started") if act == "start" else (listeners.stop, "ops.listening.stopped")
    )
    flash(say(told, count=change(runtime(), actor(), names)), "done")
    return redirect(url_for("admin.listening"), 303)
