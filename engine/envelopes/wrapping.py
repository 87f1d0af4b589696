"""A JSON envelope around a body, and a body out of it: names, signature, cipher.

In: a compiled tree of an envelope, its security, names and keys by name. Out: bytes ready to go, or what an envelope
says with the body in it. Where a name stands is found from the tree: the leaf whose value is that name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.envelopes import securing
from engine.envelopes.securing import Path, Tree
from engine.expressions.environment import Env
from engine.mappings.compiled import CompiledMapping
from engine.mappings.json_messages import JsonReader, JsonWriter, parsed
from engine.mappings.ways import BODY
from engine.model.crypto import PublicKey
from engine.model.envelopes import Security
from engine.model.messages import MessageLeaf
from engine.ports.crypto import CryptoProvider

SEALED_KEY, SIGNATURE = "sealed_key", "signature"
"""Names in the tree of an envelope that the engine fills itself."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """One tree of an envelope in JSON: that of its messages or that of its answers."""

    compiled: CompiledMapping
    security: Security | None = None
    is_answer: bool = False
    paths: Mapping[str, Path] = field(init=False)
    body_names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = dict(_paths(self.compiled.mapping.tree, ()))
        body = [leaf for leaf in _leaves(self.compiled.mapping.tree) if leaf.value and leaf.value.text == BODY]
        object.__setattr__(self, "paths", found)
        object.__setattr__(self, "body_names", (body[0].name, *body[0].also) if body else ())

    def wrapped(
        self, env: Env, body: object, crypto: CryptoProvider | None, partner: PublicKey | None, *, seal: bool = True
    ) -> bytes:
        """The message. With a partner the body is sealed for it, with cryptography the whole is signed. Refuses
        `unknown_key`."""
        assert isinstance(self.compiled.writer, JsonWriter)
        tree: Tree = self.compiled.writer.tree([env])
        security = self.security
        if BODY in self.paths:
            securing.put_at(tree, self.paths[BODY], body)
        if security is not None and crypto is not None:
            if seal and security.seal and partner is not None and body is not None:
                content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
                sealed_key, text = securing.sealed(crypto, partner, content)
                securing.put_at(tree, self.paths[BODY], text)
                securing.put_at(tree, self.paths[SEALED_KEY], sealed_key)
            if security.sign and SIGNATURE in self.paths:
                made = securing.signature_of(crypto, security.key, self.signed(tree))
                securing.put_at(tree, self.paths[SIGNATURE], made)
        return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()

    def signed(self, tree: Mapping[str, object]) -> bytes:
        """What the signature of a message is taken of. Raises ValueError for numbers that JSON cannot tell apart."""
        assert self.security is not None
        if self.is_answer:
            return securing.whole_but(tree, self.paths[SIGNATURE])
        return securing.signed_parts(tree, self.security.over)

    def opened(self, content: bytes) -> Wrapped:
        """What an envelope says, and its body as it stands. Raises UnreadableMessage."""
        tree = parsed(content)
        assert isinstance(self.compiled.reader, JsonReader)
        bare, body = self._without_body(tree)
        read = self.compiled.reader.taken(bare)
        names = {**dict.fromkeys(self.compiled.names), **(read.documents[0] if read.documents else {})}
        return Wrapped(tree, names, read.message, body, [fault.text for fault in read.faults])

    def _without_body(self, tree: Mapping[str, object]) -> tuple[Mapping[str, object], object]:
        """The message without its body, which is of any form, and the body."""
        if BODY not in self.paths:
            return tree, None
        *way, _ = self.paths[BODY]
        bare = dict(tree)
        inner = bare
        for name in way:
            below = inner.get(name)
            if not isinstance(below, Mapping):
                return bare, None
            inner[name] = dict(below)
            inner = inner[name]  # type: ignore[assignment]
        found = [inner.pop(name) for name in self.body_names if name in inner]
        return bare, found[0] if found else None


@dataclass(slots=True)
class Wrapped:
    """A message in an envelope: its tree as it came, its names, what it says of itself, its body, what was wrong."""

    tree: Mapping[str, object]
    names: dict[str, object]
    message: Mapping[str, object]
    body: object
    faults: Sequence[Mapping[str, str]] = ()


def _paths(leaves: Sequence[MessageLeaf], above: Path) -> Iterator[tuple[str, Path]]:
    for leaf in leaves:
        if leaf.children and leaf.each is None:
            yield from _paths(leaf.children, (*above, leaf.name))
        elif leaf.value is not None and leaf.value.text.isidentifier():
            yield leaf.value.text, (*above, leaf.name)


def _leaves(leaves: Sequence[MessageLeaf]) -> Iterator[MessageLeaf]:
    for leaf in leaves:
        yield leaf
        yield from _leaves(leaf.children)
