"""Who may come in: the session's account is read anew for each request; others are led to the login page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.usecases import accounts, sessions
from engine.usecases.views import Actor
from engine.web.carried import login_instead
from engine.web.surroundings import acting, address, runtime

Params = ParamSpec("Params")
View = Callable[Params, "AnyResponse | str"]
SIGNED_IN, SESSION, CHOOSES = "account", "session", "chooses"


FOR_CHOOSING = {"account.account", "account.password"}
"""Where somebody may go who has to choose a password first."""


def sign_in(account: Actor) -> None:
    """Begin a session of its own: nothing of the one before is taken over (no session fixation)."""
    session.clear()
    session.permanent = True
    session[SIGNED_IN] = account.id
    session[SESSION] = sessions.begin_session(runtime(), account)
    if accounts.must_choose(runtime(), account):
        session[CHOOSES] = True


def sign_out() -> None:
    """End the session, here and for whoever has a copy of its cookie."""
    if session.get(SESSION):
        sessions.end_session(runtime(), str(session[SESSION]))
    session.clear()


def recognise() -> bool:
    """Set the request's actor from the session; False when nobody is signed in or the account is no more."""
    held = session.get(SESSION)
    found = sessions.actor_of_session(runtime(), str(held), address()) if held else None
    if found is None or found.id != session.get(SIGNED_IN):
        return False
    acting(found)
    return True


def signed_in(view: View[Params]) -> View[Params]:
    """Let only signed-in people into a view."""

    @wraps(view)
    def guarded(*args: Params.args, **kwargs: Params.kwargs) -> AnyResponse | str:
        if "actor" not in g and not recognise():
            return _to_login()
        if session.get(CHOOSES) and request.endpoint not in FOR_CHOOSING:
            return redirect(url_for("account.account"), 303)
        return view(*args, **kwargs)

    return guarded


def _to_login() -> AnyResponse:
    carrying = login_instead()
    if carrying is not None:
        return carrying
    target = url_for("login.page", next=_place())
    if request.headers.get("HX-Request"):  # a fragment must not be replaced by a login page: the whole page goes there
        return Response(status=401, headers={"HX-Redirect": url_for("login.page")})
    if request.is_json or request.headers.get("Accept") == "application/json":
        return make_response({"error": {"code": "signed_out", "message": "", "findings": []}}, 401)
    return redirect(target)


def _place() -> str | None:
    """Where somebody was who has to log in first: the page itself, or the document that a button stood on."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    place = request.view_args or {}
    if {"document", "record_id"} <= place.keys() and request.endpoint == "forms.act":
        return url_for("details.detail", document=place["document"], record_id=place["record_id"])
    return None


def safe_target(target: str | None) -> str:
    """An address within this site, or the first page: never a way to another site."""
    if not target or "\\" in target or any(ord(sign) < 32 for sign in target):
        return "/"
    parts = urlsplit(target)
    inside = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if inside else "/"
