"""Signing in and out, and what a person chooses for this browser: language and theme."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.problems import Refused
from engine.usecases import accounts
from engine.web.carried import take_over
from engine.web.doors import recognise, safe_target, sign_in, sign_out
from engine.web.surroundings import LANGUAGES, THEMES, address, runtime, say, shell, text_of

blueprint = Blueprint("login", __name__)
YEAR = 31_536_000
CHOICES = {"language": LANGUAGES, "theme": THEMES}


@blueprint.get("/login")
def page() -> Response | str:
    """The login page; whoever is signed in already goes on."""
    if recognise():
        return redirect(safe_target(request.args.get("next")))
    return _page()


@blueprint.post("/login")
def enter() -> Response:
    """Try to sign in."""
    failures, now = shell().failures, runtime().clock.now()
    if failures.is_full(address(), now):
        return make_response(_page(say("login.too_often")), 429)
    name, password = request.form.get("login", "").strip(), request.form.get("password", "")
    if not name or not password:
        return make_response(_page(say("login.empty")), 422)
    try:
        account = accounts.log_in(runtime(), name, password, address())
    except Refused as refusal:
        failures.count(address(), now)
        told = " ".join(text_of(finding) for finding in refusal.findings)
        return make_response(_page(told or say("login.refused")), 422)
    sign_in(account)
    begun = take_over(account, request.form["carried"]) if request.form.get("carried") else None
    return redirect(begun or safe_target(request.form.get("next")))


@blueprint.post("/logout")
def leave() -> Response:
    """Sign out."""
    sign_out()
    return redirect(url_for("login.page"))


@blueprint.post("/preferences")
def choose() -> Response:
    """Choose language or theme for this browser."""
    response = redirect(safe_target(request.form.get("next")))
    for name, values in CHOICES.items():
        chosen = request.form.get(name, "")
        if chosen in values:
            _keep(response, name, chosen)
    if request.form.get("system", "") in runtime().definitions.systems:
        _keep(response, "system", request.form["system"])
    return response


def _keep(response: Response, name: str, chosen: str) -> None:
    secure = shell().settings.secure
    response.set_cookie(name, chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)


def _page(refusal: str = "") -> str:
    target = request.values.get("next", "")
    held = request.form.get("carried", "")
    return render_template(
        "login.html", refusal=refusal, login=request.form.get("login", ""), next=target, carried=held
    )
