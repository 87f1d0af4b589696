"""Linking of all definitions: every formula is checked in the scope of its place and compiled, once.

In: definitions as loaded. Out: `Linked`: the same definitions with their formulas linked and the shapes of records and
queries filled in, compiled decision tables, and all problems of expressions and tables. A wrong formula stays unlinked
and hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from engine.checks.catalog import Reach, Shared
from engine.checks.linking import Linker
from engine.checks.links.documents import link_document
from engine.checks.links.flows import link_flow
from engine.checks.links.free_pages import link_beside, link_free_page
from engine.checks.links.interfaces import link_channel, link_listen, link_offer, link_service
from engine.checks.links.ledgers import link_ledger
from engine.checks.links.machines import link_machine, link_own_action
from engine.checks.links.messages import link_envelope, link_mapping
from engine.checks.links.queries import link_query
from engine.checks.links.systems import (
    link_action,
    link_grant,
    link_job,
    link_kiosk,
    link_notice,
    link_pages,
    link_print,
)
from engine.checks.links.tables import link_table
from engine.checks.links.watches import link_watch
from engine.checks.surroundings import surroundings
from engine.model.access import Grant
from engine.model.formula import Formula
from engine.model.system import Definitions, MessageMapping, NamedAction, Pages, PrintForm, Query
from engine.model.types import Shape
from engine.problems import Problem
from engine.tables.compiled import CompiledTable

Beside = TypeVar("Beside", Pages, PrintForm, MessageMapping)


@dataclass
class Linking:
    """The course of linking. Queries are linked when first asked for: one may read another."""

    definitions: Definitions
    shared: Shared
    reach: Reach
    problems: list[Problem] = field(default_factory=list)
    tables: dict[str, CompiledTable] = field(default_factory=dict)
    access: dict[str, dict[str, Grant]] = field(default_factory=dict)
    _linkers: dict[str, Linker] = field(default_factory=dict)

    def linker(self, system: str, document: str = "") -> Linker:
        """The linker of a system, or of a document type with its own queries."""
        owner = document or system
        if owner not in self._linkers:
            local = self.shared.local_queries(document) if document else {}
            around = surroundings(self.definitions, self.shared, system)
            self._linkers[owner] = Linker(
                self.definitions, self.shared, self.reach, system, around, self.problems, local
            )
        return self._linkers[owner]

    def of(self, document: str) -> Linker | None:
        """The linker of a document type; None where there is none."""
        found = self.definitions.documents.get(document)
        return self.linker(found.system, document) if found is not None else None

    def all(self) -> None:
        """Link everything."""
        self.shared.link_query = self.query
        for key in self.definitions.queries:
            self.shared.query(key)
        self._documents()
        self._systems()
        for rule in self.definitions.watches.values():
            link_watch(self.linker(rule.system), rule)
        for key, table in self.definitions.tables.items():
            compiled = link_table(self.linker(table.system), table)
            if compiled is not None:
                self.tables[key] = compiled

    def query(self, key: str, query: Query) -> Shape:
        """Link one query."""
        return link_query(self.linker(query.system, query.document), query)

    def _documents(self) -> None:
        for key, document in self.definitions.documents.items():
            linker = self.linker(document.system, key)
            machine = self.definitions.machines.get(key)
            link_document(linker, document, machine)
            if machine is not None:
                link_machine(linker, machine)
            grants = self.definitions.access.get(key, {})
            self.access[key] = {
                role: link_grant(linker, key, grant, self._floor(document.system, role))
                for role, grant in grants.items()
            }

    def _floor(self, system: str, role: str) -> Formula | None:
        """The rows that a role is limited to, as the system says or one of those that share its documents."""
        systems = self.definitions.systems
        own = systems.get(system)
        found = [one.roles[role].rows for one in (*([own] if own else []), *systems.values()) if role in one.roles]
        return found[0] if found else None

    def _own_action(self, action: NamedAction) -> None:
        linker, machine = self.of(action.document), self.definitions.machines.get(action.document)
        if linker is not None and machine is not None:
            link_own_action(linker, action, machine)

    def _systems(self) -> None:
        definitions = self.definitions
        for action in definitions.actions.values():
            if action.document:
                self._own_action(action)
            else:
                link_action(self.linker(action.system), action)
        for ledger in definitions.ledgers.values():
            link_ledger(self.linker(ledger.system), ledger)
        for notice in definitions.notices.values():
            link_notice(self.linker(notice.system), notice)
        for job in definitions.jobs.values():
            link_job(self.linker(job.system), job)
        self._screens()
        self._beside(definitions.pages.values(), link_pages)
        self._beside(definitions.prints.values(), link_print)
        for envelope in definitions.envelopes.values():
            link_envelope(self.linker(envelope.system), envelope)
        for mapping in definitions.mappings.values():
            link_mapping(self.linker(mapping.system, mapping.document), mapping)
        self._interfaces()

    def _screens(self) -> None:
        for page in self.definitions.free_pages.values():
            link_free_page(self.linker(page.system), page)
        for document, page in self.definitions.beside.items():
            link_beside(self.linker(page.system, document), page)
        for flow in self.definitions.flows.values():
            link_flow(self.linker(flow.system), flow)
        for node in self.definitions.nodes.values():
            runs = None if node.kiosk is None else self.definitions.flows.get(node.kiosk.flow)
            if node.kiosk is not None and runs is not None:
                link_kiosk(self.linker(runs.system), node.kiosk)

    def _interfaces(self) -> None:
        for offer in self.definitions.offers.values():
            link_offer(self.linker(offer.system), offer)
        for service in self.definitions.services.values():
            link_service(self.linker(service.system), service)
        for listen in self.definitions.listens.values():
            link_listen(self.linker(listen.system), listen)
        for channel in self.definitions.channels.values():
            link_channel(self.linker(channel.system), channel)

    def _beside(self, elements: Iterable[Beside], link: Callable[[Linker, Beside], None]) -> None:
        """Link what belongs to one document type, where there is one."""
        for element in elements:
            linker = self.of(element.document)
            if linker is not None:
                link(linker, element)
