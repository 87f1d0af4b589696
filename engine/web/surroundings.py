"""What one request stands in: the runtime in force, who acts, in which language. Set once, before any view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from flask import current_app, g, request

from engine.model.formula import Title
from engine.problems import Finding, Problem
from engine.usecases import reading
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, MenuView
from engine.web.assets import Assets
from engine.web.rates import RateLimit
from engine.web.settings import WebSettings
from engine.web.wording import PAGES

LANGUAGES = ("zh", "en")
THEMES = ("auto", "light", "dark")
SHELL = "guiju"


@dataclass(frozen=True, slots=True)
class Shell:
    """What belongs to the application as a whole."""

    runtime_source: Callable[[], Runtime]
    problems_source: Callable[[], Sequence[Problem]]
    settings: WebSettings
    assets: Assets
    failures: RateLimit
    calls: RateLimit


def shell() -> Shell:
    """The application's own parts."""
    return cast(Shell, current_app.extensions[SHELL])


def runtime() -> Runtime:
    """The definitions in force and the ports; the same one for the whole request."""
    try:
        return cast(Runtime, g.runtime)
    except AttributeError:
        g.runtime = shell().runtime_source()
        return cast(Runtime, g.runtime)


def actor() -> Actor:
    """Who acts. Only where somebody is signed in."""
    return cast(Actor, g.actor)


def acting(found: Actor) -> None:
    """Say who acts in this request; the person's chosen language goes with them."""
    g.actor = replace(found, language=language())


def language() -> str:
    """The language of the pages: what was chosen, else Chinese."""
    try:  # asked for with every text of a page
        return cast(str, g.language)
    except AttributeError:
        chosen = request.cookies.get("language", "")
        if not chosen and request.path.startswith("/api/"):  # programs say it with each request
            chosen = request.accept_languages.best_match(LANGUAGES) or ""
        g.language = chosen if chosen in LANGUAGES else LANGUAGES[0]
        return cast(str, g.language)


def speak(chosen: str) -> None:
    """Use a language for the rest of this request."""
    g.language = chosen


def theme() -> str:
    """Light, dark, or as the system likes it."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else THEMES[0]


def say(key: str, **values: object) -> str:
    """A text of the pages in the language of the request."""
    return PAGES.worded(key, language(), **values)


def title(of: Title | None) -> str:
    """A definition's wording in the language of the request."""
    return "" if of is None else of.worded(language())


def said(name: str, otherwise: str) -> str:
    """A name of the engine in words, where it has some."""
    return say(name) if name in PAGES.texts else otherwise


def text_of(finding: Finding) -> str:
    """A finding's wording in the language of the request."""
    return _wording(finding.text)


def _wording(texts: Mapping[str, str]) -> str:
    return texts.get(language()) or texts.get("zh") or next(iter(texts.values()), "")


def menu() -> tuple[MenuView, ...]:
    """The menu of whoever acts."""
    if "menu" not in g:
        g.menu = reading.menu(runtime(), actor()) if "actor" in g else ()
    return cast("tuple[MenuView, ...]", g.menu)


def today() -> date:
    """The day on which the request came."""
    return runtime().clock.now().date()


def address() -> str:
    """Where the request comes from."""
    return request.remote_addr or ""
