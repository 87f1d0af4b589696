"""All of a node's cryptography in one place: its providers by name, key store, trust store, messages.

In: the folder of keys, the XML adapter, what the node's settings say. Out: what `engine.ports.crypto.CryptoRoom`
promises, each part made when it is first asked for. The folder holds `fields.key` (the ring that seals the others),
`signing/` (keys and certificates), `trusted/` (certificates `.cer` and `.pem`, those that issue themselves are roots;
revocation lists `.crl`), `card.bin` (a simulated card), `consent.bin` (what its bearer said), `server.json` (where a
signature server is, and this node's secret there) and `clients.json` (who may ask this node).
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from adapters.crypto.batches import Place, PooledKeys
from adapters.crypto.cards import Card, Container, FileSlot
from adapters.crypto.consents import KeptConsent
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.gmt0010 import Gmt0010Messages
from adapters.crypto.holders import KeyHolder, SoftwareKeys
from adapters.crypto.issuing import Issuer
from adapters.crypto.keys import KeyFileError, open_key_file
from adapters.crypto.libraries import libraries, library
from adapters.crypto.primitives import Primitives
from adapters.crypto.provider import Provider
from adapters.crypto.remote import RemoteKeys
from adapters.crypto.service import NonceFile, SignatureService, milliseconds, wsgi
from adapters.crypto.simulated import SimulatedDevice
from adapters.crypto.store import FileKeys
from adapters.crypto.token import TokenKeys
from adapters.crypto.trials import Trials
from adapters.crypto.trust import X509Certificates
from adapters.crypto.wire import Client
from engine.model.crypto import CardFacts, CryptoRefused, Fault, KeyKind
from engine.ports.crypto import Consent, SecurityDevice, XmlSignatures

REMOTE, TOKEN = "remote", "token"
Run = Callable[..., list[bytes]]


class CryptoFolder:
    """Implements `CryptoRoom` on a folder of keys."""

    def __init__(
        self,
        folder: Path,
        xml: XmlSignatures,
        *,
        chosen: str = "",
        consent: Consent | None = None,
        pool: tuple[Run, int] | None = None,
    ) -> None:
        """`chosen` is the provider that is taken where nobody names one, the quickest library unless given; `consent`
        asks whoever carries the card; `pool` runs functions in so many processes."""
        self.xml, self._folder, self._chosen, self._consent, self._pool = xml, folder, chosen, consent, pool
        self._provider = cache(self._made)

    def choose(self, name: str) -> None:
        """Take this provider from now on where nobody names one; the quickest library for ""."""
        self._chosen = name

    @property
    def names(self) -> Sequence[str]:
        """What `provider` knows here; the first is taken where nobody names one."""
        known = [*libraries()]
        known += [REMOTE] if (self._folder / "server.json").exists() else []
        known += [TOKEN] if self._consent and self._card.exists() else []
        return sorted(known, key=lambda name: name != self._chosen)

    def provider(self, name: str = "") -> Provider:
        """The provider of a name. Refuses `unable` where it is not here, `self_test`."""
        return self._provider(name or self._chosen or next(iter(self.names), ""))

    def trial(self, name: str) -> Trials:
        """A room to try a library in. Refuses `unable`, `self_test`."""
        return Trials(library(name), self.xml)

    @property
    def tried(self) -> Sequence[str]:
        """What `trial` knows here."""
        return tuple(libraries())

    @cached_property
    def desk(self) -> FileKeys:
        """The key store."""
        return self._store(library())

    @cached_property
    def certificates(self) -> X509Certificates:
        """Judged by the trust store. Refuses `encoding` for a file of it that is none."""
        trusted = self._folder / "trusted"
        files = {
            path: path.read_bytes() for path in sorted(trusted.glob("*")) if path.suffix in (".cer", ".pem", ".crl")
        }
        lists = [content for path, content in files.items() if path.suffix == ".crl"]
        believed = [content for path, content in files.items() if path.suffix != ".crl"]
        return X509Certificates(self.provider(), believed, lists)

    @property
    def issuing(self) -> Issuer:
        """Certificates by keys of this node's own store."""
        provider = Provider(library(), SoftwareKeys(library(), self.desk))
        return Issuer(provider, self.desk, self.certificates, self._folder / "trusted", self._read_anew)

    def _read_anew(self) -> None:
        """Forget what was read of the trust store."""
        for name in ("certificates", "messages"):
            self.__dict__.pop(name, None)

    @cached_property
    def messages(self) -> Gmt0010Messages:
        """Messages of GM/T 0010 with this node's keys."""
        return Gmt0010Messages(self.provider(), self.certificates)

    def simulate(self, serial: str, keys: Sequence[str], pin: str, admin_pin: str) -> None:
        """Put keys of SM2 with their certificates on a simulated card. Refuses `unknown_key`, `key`, `pin`."""
        found = {name: self.desk.key(name) for name in keys}
        if any(key.kind is not KeyKind.SM2 for key in found.values()):
            raise CryptoRefused(Fault.KEY, "a card holds keys of SM2")
        containers = {name: Container(key.secret, self.desk.certificate(name)) for name, key in found.items()}
        FileSlot(self._card, self._sealing()).write(Card.fresh(serial, containers, pin, admin_pin))

    def card(self) -> CardFacts | None:
        """The card that is in; None where none is. Refuses `key` for one that was altered."""
        if self._consent is None:
            return None
        device = self._device()
        try:
            device.connect()
            return CardFacts(
                device.serial, device.tries_left(), self._kept_consent(self._consent).stands(device.serial)
            )
        except CryptoRefused as refused:
            if refused.code is Fault.REMOVED:
                return None
            raise

    def consent(self, pin: str, *, agreed: bool) -> str:
        """Keep for the node whether its card may be used. Refuses `removed`, `unable`; a PIN as the card does."""
        if self._consent is None:
            raise CryptoRefused(Fault.UNABLE, "no card is used here")
        device = self._device()
        device.connect()
        if agreed:
            device.verify_pin(pin)
        self._kept_consent(self._consent).keep(device.serial, pin, agreed=agreed)
        return device.serial

    def admit(self, name: str, keys: Iterable[str], addresses: Sequence[str]) -> str:
        """Let a client use some keys of this node's signature server; what its own `server.json` must say."""
        path = self._folder / "clients.json"
        known: dict[str, Any] = json.loads(_read_secret(path)) if path.exists() else {}
        secret = secrets.token_hex(32)
        known[name] = {"secret": secret, "keys": sorted(keys)}
        _write_secret(path, json.dumps(known, indent=1))
        return json.dumps({"addresses": list(addresses), "client": name, "secret": secret}, indent=1)

    def server(self) -> Callable[..., Iterable[bytes]]:
        """This node's signature server as a WSGI application. Refuses `unable` where nobody may ask."""
        path = self._folder / "clients.json"
        if not path.exists():
            raise CryptoRefused(Fault.UNABLE, "no client is admitted yet")
        clients: Mapping[str, Client] = {
            name: Client(name, bytes.fromhex(told["secret"]), frozenset(told["keys"]))
            for name, told in json.loads(_read_secret(path)).items()
        }
        local = self._chosen if self._chosen in libraries() else ""
        self.provider(local)  # tried before anything is signed
        nonces = NonceFile(self._folder / "nonces.db", milliseconds)
        # Without the pool: the server runs in processes of its own.
        primitives = library(local)
        holder = SoftwareKeys(primitives, self._store(primitives))
        service = SignatureService(holder, clients, nonces.fresh)
        return wsgi(service, milliseconds)

    def _made(self, name: str) -> Provider:
        if name == REMOTE:
            return Provider(library(), self._remote(), REMOTE)
        if name == TOKEN and self._consent:
            device = self._device()
            return Provider(library(), TokenKeys(device, self._kept_consent(self._consent)), TOKEN)
        return Provider(library(name), self._software(name))

    def _software(self, name: str) -> KeyHolder:
        primitives = library(name)
        here = SoftwareKeys(primitives, self._store(primitives))
        if self._pool is None:
            return here
        place = Place(self._folder / "signing", self._folder / "fields.key", name)
        return PooledKeys(here, place, *self._pool)

    def _store(self, primitives: Primitives) -> FileKeys:
        return FileKeys(self._folder / "signing", self._sealing(), primitives)

    def _sealing(self) -> Sm4FieldCipher:
        try:
            return Sm4FieldCipher(open_key_file(self._folder / "fields.key"))
        except KeyFileError as error:
            raise CryptoRefused(Fault.KEY, str(error)) from None

    def _device(self) -> SecurityDevice:
        return SimulatedDevice(FileSlot(self._card, self._sealing()), library())

    def _kept_consent(self, other: Consent) -> KeptConsent:
        return KeptConsent(self._folder / "consent.bin", self._sealing(), other)

    @property
    def _card(self) -> Path:
        return self._folder / "card.bin"

    def _remote(self) -> RemoteKeys:
        path = self._folder / "server.json"
        if not path.exists():
            raise CryptoRefused(Fault.UNABLE, "no signature server is set up here")
        told = json.loads(_read_secret(path))
        return RemoteKeys(told["addresses"], Client(told["client"], bytes.fromhex(told["secret"])))


def _read_secret(path: Path) -> str:
    """A file that nobody else may read. Refuses `key`."""
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise CryptoRefused(Fault.KEY, f"{path.name} may be read by others: chmod 600 it and change its secrets")
    return path.read_text("utf-8")


def _write_secret(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    fresh.replace(path)
