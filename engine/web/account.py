"""My account: a new password, and tokens for programs that act in my name."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine.problems import Refused
from engine.usecases import accounts, tokens
from engine.web.doors import CHOOSES, sign_in, signed_in
from engine.web.surroundings import actor, runtime, say, text_of

blueprint = Blueprint("account", __name__)
DAYS = (30, 90, 365)


@blueprint.get("/account")
@signed_in
def account() -> str:
    """The account page."""
    return _page()


@blueprint.post("/account/password")
@signed_in
def password() -> Response:
    """Change the password; the session goes on under a new cookie."""
    form = request.form
    if form.get("new", "") != form.get("again", ""):
        return make_response(_page(say("account.differ")), 422)
    try:
        accounts.change_password(runtime(), actor(), form.get("old", ""), form.get("new", ""))
    except Refused as refusal:
        return make_response(_page(" ".join(text_of(one) for one in refusal.findings)), 422)
    sign_in(actor())
    flash(say("account.changed"), "done")
    return redirect(url_for("account.account"), 303)


@blueprint.post("/account/tokens")
@signed_in
def token() -> Response:
    """Issue a token; it is shown this once."""
    days = request.form.get("days", "")
    title = request.form.get("title", "").strip()[:80]
    if not title or days not in {str(one) for one in DAYS}:
        return make_response(_page(token_refusal=say("account.token.untitled")), 422)
    issued = accounts.issue_token(runtime(), actor(), title, int(days))
    return make_response(_page(issued=issued))


@blueprint.post("/account/tokens/<token_id>/revoke")
@signed_in
def revoke(token_id: str) -> Response:
    """End one of my tokens."""
    tokens.revoke_token(runtime(), actor(), token_id)
    flash(say("account.token.revoked"), "done")
    return redirect(url_for("account.account"), 303)


def _page(refusal: str = "", issued: str = "", token_refusal: str = "") -> str:
    return render_template(
        "account.html",
        chooses=bool(session.get(CHOOSES)),
        refusal=refusal,
        issued=issued,
        token_refusal=token_refusal,
        days=DAYS,
        tokens=tokens.my_tokens(runtime(), actor()),
    )
