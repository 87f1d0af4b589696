"""The public page behind the code on a paper: whether paper and stored data agree. For everybody, so it says little."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from engine.usecases.papers import verify_paper
from engine.web.surroundings import address, runtime, shell

blueprint = Blueprint("verifying", __name__)
TONES = {"agrees": "done", "differs": "late", "replaced": "waiting", "revoked": "late", "unknown": "late"}


@blueprint.get("/v/<token>")
def verify(token: str) -> Response:
    """What may be told about a paper; the looks of one address are limited, so that nobody tries tokens."""
    if not shell().failures.allows(f"paper:{address()}", runtime().clock.now()):
        answer = make_response(render_template("verify.html", view=None), 429)
        answer.headers["Retry-After"] = "60"
        return answer
    view = verify_paper(runtime(), token)
    answer = make_response(render_template("verify.html", view=view, tone=TONES[view.verdict]))
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
