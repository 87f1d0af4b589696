"""The operator's page of the licence: the application code, how the node stands, a licence file brought.

In: requests of administrators. Out: the page, and the application as a file.
"""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.console import blueprint
from engine.model.licence import LicenceRefused
from engine.usecases.licence_taking import take
from engine.usecases.licensing import standing
from engine.usecases.monitoring import attention
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say

_MOST = 65_536


@blueprint.get("/licence")
@signed_in
@administrators_only
def licence() -> str:
    """How the node stands, and what is to be done."""
    return _page()


@blueprint.post("/licence")
@signed_in
@administrators_only
def bring_licence() -> Response:
    """Take a licence file; why not, where it is not taken."""
    file = request.files.get("file")
    try:
        take(runtime(), actor(), file.stream.read(_MOST + 1) if file is not None else b"")
    except LicenceRefused as refused:
        told = " ".join(filter(None, (say(f"licence.fault.{refused.fault}"), refused.about)))
        return make_response(_page(told), 422)
    flash(say("licence.taken"), "done")
    return redirect(url_for("admin.licence"), 303)


@blueprint.get("/licence/application")
@signed_in
@administrators_only
def application() -> Response:
    """The application code as a file, to be sent to whoever issues."""
    text = render_template("admin/application.xml", code=standing(runtime()).code)
    answer = make_response(text, {"Content-Type": "application/xml"})
    answer.headers["Content-Disposition"] = "attachment; filename=ASEUser.xml"
    return answer


def _page(told: str = "") -> str:
    stands = standing(runtime())
    return render_template("admin/licence.html", stands=stands, told=told, needs=attention(runtime()))
