"""The operator's settings of signing: who signs, whether anybody agreed to it, the PIN of a card; keys tried.

In: requests of administrators. Out: pages. A PIN is passed on, kept sealed by the card's own adapter, and never shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.console import blueprint
from engine.model.crypto import CryptoRefused, Fault
from engine.usecases.licensing import standing
from engine.usecases.monitoring import attention
from engine.usecases.signing_settings import (
    PURPOSES,
    TriedKey,
    agree,
    choose_provider,
    decline,
    signing_view,
    try_signing,
)
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say
from engine.web.wording import PAGES


@blueprint.get("/security")
@signed_in
@administrators_only
def security() -> str:
    """How messages are signed; with a question where a signature is about to be agreed to or stopped."""
    return _page()


@blueprint.post("/security/provider")
@signed_in
@administrators_only
def set_provider() -> Response:
    """Let somebody else sign."""
    try:
        choose_provider(runtime(), actor(), request.form.get("provider", ""))
    except CryptoRefused as refused:
        return make_response(_page(told=words(refused)), 422)
    flash(say("security.set"), "done")
    return redirect(url_for("admin.security"), 303)


@blueprint.post("/security/consent")
@signed_in
@administrators_only
def consent() -> Response:
    """An answer: agreed with a PIN where a card signs, or not."""
    purpose, answer = request.form.get("purpose", ""), request.form.get("answer", "")
    if purpose not in PURPOSES or answer not in ("yes", "no"):
        abort(400)
    if answer == "no":
        decline(runtime(), actor(), purpose)
    else:
        try:
            agree(runtime(), actor(), purpose, request.form.get("pin", ""))
        except CryptoRefused as refused:
            return make_response(_page(told=words(refused), ask=purpose), 422)
    flash(say("security.agreed" if answer == "yes" else "security.declined"), "done")
    return redirect(url_for("admin.security"), 303)


@blueprint.post("/security/try")
@signed_in
@administrators_only
def try_keys() -> str:
    """Sign and verify with each key: the answer alone where a script asks, else the page with it."""
    tried = try_signing(runtime(), actor())
    if request.headers.get("HX-Request"):
        return render_template("admin/tried_keys.html", tried=tried, why=why)
    return _page(tried=tried)


def words(refused: CryptoRefused) -> str:
    """Why something was refused, with the tries that are left where a PIN was wrong."""
    if refused.code is Fault.PIN:
        card = signing_view(runtime()).card
        return say("security.fault.pin", left=card.left if card is not None else 0)
    return why(refused.code.value)


def why(fault: str) -> str:
    """A fault in words."""
    key = f"security.fault.{fault}"
    return say(key) if key in PAGES.texts else fault


def _page(*, told: str = "", ask: str = "", tried: Sequence[TriedKey] | None = None) -> str:
    asked = ask or request.args.get("ask", "")
    return render_template(
        "admin/security.html", view=signing_view(runtime()), told=told, tried=tried, why=why,
        asked=asked if asked in PURPOSES else "", needs=attention(runtime()), locked=standing(runtime()).locked,
    )  # fmt: skip
