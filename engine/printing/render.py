"""Renders a print: a template and a view of a document become the HTML of a body.

In: the text of a template, the other files of its folder, a `PrintView`. Out: HTML. Raises `PrintRefused`, whose
problem names file and line. Compiled templates are kept; nothing else outlives a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from engine.printing.limits import Exhausted, Limits, PrintRefused
from engine.printing.outline import Choice, Included, Loop, Statement, Unreadable, names_in, span
from engine.printing.partials import PARTIALS
from engine.printing.reading import read
from engine.printing.sandbox import Compiled, Stopped
from engine.printing.views import PrintView
from engine.problems import Problem, Span

_KEPT = 256  # compiled templates; a deployment has some dozens


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A template with its place, and the files of its folder that it may include, by name."""

    text: str
    file: str
    others: Mapping[str, str] = field(default_factory=dict)


class Renderer:
    """Renders templates within limits. `timer` gives seconds that never go back; without it steps alone are counted."""

    def __init__(self, limits: Limits | None = None, timer: Callable[[], float] | None = None) -> None:
        self._limits = limits or Limits()
        self._timer = timer
        self._compiled: dict[tuple[str, str, tuple[tuple[str, str], ...]], Compiled] = {}

    def render(self, template: TemplateFile, view: PrintView) -> str:
        """The HTML. Raises PrintRefused: a name that is not there, a limit, something that cannot be computed."""
        try:
            compiled = self._compile(template)
            # Only what the template reads: a reference or a picture costs a look into the store.
            return compiled.render({name: view[name] for name in view if name in compiled.names}, self._timer)
        except Stopped as stopped:
            raise PrintRefused(_problem(stopped)) from stopped.cause

    def _compile(self, template: TemplateFile) -> Compiled:
        key = (template.text, template.file, tuple(sorted(template.others.items())))
        if key not in self._compiled:
            if len(self._compiled) >= _KEPT:
                del self._compiled[next(iter(self._compiled))]
            included = self._included(template)
            texts = {template.file: template.text, **included}
            names = frozenset(each for file, text in texts.items() for each in names_in(self._read(text, file)))
            try:
                self._compiled[key] = Compiled(template.text, template.file, included, self._limits, names)
            except (SyntaxError, RecursionError, MemoryError) as error:
                # Python's own compiler has limits too; templates within ours were not seen to reach them.
                limit = {"limit": str(self._limits.blocks)}
                raise PrintRefused(Problem("PRT015", Span(template.file), limit)) from error
        return self._compiled[key]

    def _included(self, template: TemplateFile) -> dict[str, str]:
        """The texts that the template includes. Everything that is compiled has been read, and so cut down, before."""
        known = {**PARTIALS, **template.others}
        found = {}
        for include in _includes(self._read(template.text, template.file)):
            if include.name not in known:
                where = span(template.text, template.file, include.at, len(include.name))
                raise PrintRefused(Problem("PRT012", where, {"name": include.name}))
            found[include.name] = known[include.name]
        for name, text in found.items():
            for nested in _includes(self._read(text, name)):
                raise PrintRefused(Problem("PRT018", span(text, name, nested.at), {"name": nested.name}))
        return found

    def _read(self, text: str, file: str) -> list[Statement]:
        try:
            outline, refused = read(text, self._limits)
        except Unreadable as error:
            outline, refused = [], [error]
        if refused:
            raise PrintRefused(Problem(refused[0].code, span(text, file, refused[0].at), refused[0].values))
        return outline


def _includes(body: Iterable[Statement]) -> Iterator[Included]:
    for statement in body:
        match statement:
            case Included():
                yield statement
            case Loop():
                yield from _includes([*statement.body, *statement.otherwise])
            case Choice(branches):
                for _, inner in branches:
                    yield from _includes(inner)
            case _:
                pass


def _problem(stopped: Stopped) -> Problem:
    where, cause = Span(stopped.template, stopped.line), stopped.cause
    if isinstance(cause, Exhausted):
        return Problem("PRT031", where, {"limit": cause.limit, "allowed": f"{cause.allowed:g}"})
    if stopped.missing:
        return Problem("PRT032", where, {"name": stopped.missing})
    return Problem("PRT030", where, {"detail": str(cause)})
