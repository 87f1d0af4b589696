"""What guards every answer: security headers, the session cookie, tokens against forged requests, limits of bodies.

Content-Security-Policy Level 3 with nothing unsafe; the pages hold no inline script, style or event attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import BadRequest

from engine.web.settings import WebSettings
from engine.web.surroundings import runtime

__all__ = ["CSRFError", "guard", "read_together"]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; font-src 'self'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
}
YEAR = 31_536_000
UPLOADS = {
    "files.upload",
    "rest.upload",
    "scans.take",
    "rest_papers.bring",
    "sheets.bring",
    "rest_sheets.begin",
    "offers.call",
}
"""Endpoints whose bodies may be larger than those of forms."""

csrf = CSRFProtect()


def guard(app: Flask, settings: WebSettings, allowed: Callable[[], int]) -> None:
    """Put the guards on an application; `allowed` tells how many bytes whoever asks may bring in this request, where
    that is more than others may."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="guiju",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        MAX_CONTENT_LENGTH=settings.body_limit,
        MAX_FORM_MEMORY_SIZE=settings.body_limit,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session, so that a form left open over lunch can still be sent
        WTF_CSRF_SSL_STRICT=settings.secure,
    )

    @app.before_request
    def judge() -> None:
        """Comes before the token is looked for, which reads the form."""
        if request.endpoint in UPLOADS:
            usual = settings.upload_limit
            large = (request.content_length or 0) > usual
            request.max_content_length = max(usual, allowed()) if large else usual
        elif any("\0" in text for text in _texts()):
            raise BadRequest  # no page of ours sends it, no database keeps it

    csrf.init_app(app)
    hsts = f"max-age={YEAR}; includeSubDomains" if settings.secure else ""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if hsts:
            response.headers.setdefault("Strict-Transport-Security", hsts)
        if request.endpoint is None or not request.endpoint.startswith("assets."):
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def read_together(app: Flask) -> None:
    """Let what a page asks one after the other be one look at the database."""

    @app.before_request
    def begin() -> None:
        g.reading = ExitStack()
        g.reading.enter_context(runtime().store.reading())

    @app.teardown_request
    def end(error: BaseException | None) -> None:
        if "reading" in g:
            g.pop("reading").close()


def _texts() -> Iterator[str]:
    """Everything that an address and a form say. Bodies of programs are judged by who reads them."""
    yield request.path
    for name, text in request.args.items(multi=True):
        yield from (name, text)
    if not request.path.startswith("/api/"):
        for name, text in request.form.items(multi=True):
            yield from (name, text)
