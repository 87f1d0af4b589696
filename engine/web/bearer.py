"""Who calls the REST door: a bearer token (RFC 6750) names an account; the calls of one account are limited."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

from engine.usecases import accounts
from engine.web import envelope
from engine.web.surroundings import acting, actor, address, runtime, say, shell

Params = ParamSpec("Params")


def with_token(view: Callable[Params, Response]) -> Callable[Params, Response]:
    """Let only holders of a valid token into a view."""

    @wraps(view)
    def guarded(*args: Params.args, **kwargs: Params.kwargs) -> Response:
        if not recognise_token():
            return unknown()
        return limited() or view(*args, **kwargs)

    return guarded


def limited() -> Response | None:
    """The answer to whoever calls too often; None for one more call that may be."""
    if shell().calls.allows(actor().id, runtime().clock.now()):
        return None
    answer = envelope.error(429, "too_many_requests", say("error.429.title"))
    answer.headers["Retry-After"] = "60"
    return answer


def recognise_token() -> bool:
    """Set the request's actor from its token; False without a valid one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = accounts.actor_of_token(runtime(), token.strip(), address()) if scheme.lower() == "bearer" else None
    if found is None:
        return False
    acting(found)
    return True


def unknown() -> Response:
    """The answer to whoever brings no valid token."""
    answer = envelope.error(401, "unauthorized", say("rest.unauthorized"))
    answer.headers["WWW-Authenticate"] = 'Bearer realm="guiju"'
    return answer
