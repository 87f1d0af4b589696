"""The frame around every page: menu of the system one works in, systems to switch to, notices, what is folded.

In: the request, its cookies. Out: what the layout draws. Worked out only where a whole page is drawn, never for parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import current_app, request

from engine.model.system import PARAMETERS, ROLES
from engine.problems import Severity
from engine.usecases import inbox
from engine.usecases.licensing import Standing, standing
from engine.usecases.monitoring import Attention, attention
from engine.usecases.scans import scanned_forms
from engine.usecases.views import MenuView
from engine.web.administrators import looks_after
from engine.web.surroundings import actor, menu, runtime, shell, title

MOST_TOLD = 99
OWN = {PARAMETERS: "admin.settings", ROLES: "admin.roles"}
"""Pages that menus name and the engine draws, by the endpoints that draw them."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page. `folded` are the numbers of menu groups that the person has closed, with a plus those
    of inner ones that were opened; `consoles` says that there is a console for them; `faults` counts the errors that
    keep changed definitions out of force, and `node` is what this installation is called; `watched` is what needs an
    operator's eye, where there are channels, `licence` what is to be done about the licence. `document` and `page` are
    those that the menu shows one at.
    """

    systems: Sequence[tuple[str, str]]
    system: str
    groups: Sequence[MenuView]
    unread: int
    folded: frozenset[str]
    narrow: bool
    scans: bool
    prints: bool
    problems: int
    consoles: bool
    faults: int
    node: str
    watched: Attention | None = None
    licence: Standing | None = None
    document: str = ""
    page: str = ""
    own: Mapping[str, str] = field(default_factory=lambda: OWN)

    @property
    def told(self) -> str:
        """The number on the bell."""
        return f"{MOST_TOLD}+" if self.unread > MOST_TOLD else str(self.unread)


def frame() -> Frame:
    """The frame for whoever is signed in."""
    groups = menu()
    systems = list(dict.fromkeys(group.system for group in groups))
    current = _current(systems)
    after = looks_after()
    problems = shell().problems_source() if after else ()
    return Frame(
        [(one, title(runtime().definitions.systems[one].title) or one) for one in systems],
        current,
        [group for group in groups if group.system == current],
        inbox.unread(runtime(), actor()),
        frozenset(request.cookies.get("folded", "").split(".")),
        request.cookies.get("menu") == "narrow",
        bool(scanned_forms(runtime(), actor())),
        _prints(),
        len(problems),
        after and "admin" in current_app.blueprints,
        sum(one.severity is Severity.ERROR for one in problems),
        title(runtime().node.title),
        attention(runtime()) if after and "admin" in current_app.blueprints and runtime().node.channels else None,
        _licence() if after and "admin" in current_app.blueprints else None,
        *_place(),
    )


def _place() -> tuple[str, str]:
    """The document type and the page that the request is about, as the menu names them."""
    about = request.view_args or {}
    own = next((page for page, endpoint in OWN.items() if endpoint == request.endpoint), "")
    return str(about.get("document", "")), own or str(about.get("page", ""))


def _licence() -> Standing | None:
    """How the node stands with its licence, where somebody should see to it."""
    stands = standing(runtime())
    return stands if stands.is_told else None


def _prints() -> bool:
    """Whether the person may print anything, alone or in groups."""
    definitions = runtime().definitions
    known = [form for form in definitions.prints.values() if form.document in definitions.documents]
    return any(runtime().rights(form.document, actor()).in_general().prints_form(form.id) for form in known)


def _current(systems: Sequence[str]) -> str:
    """The system last chosen, else the first: a link that leads into another one changes no menu."""
    chosen = request.cookies.get("system", "")
    return chosen if chosen in systems else next(iter(systems), "")
