"""`guiju crypto`: keys, signatures on files, the signature server, and published cases tried on every provider."""

from __future__ import annotations

import argparse
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any

from engine.commands.bearer import card_pin, new_pins
from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, keys_refused, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.model.crypto import CryptoRefused, KeyKind
from engine.ports.crypto import CryptoRoom
from engine.signing.profiles import AUTOMATIC, profile_names
from engine.signing.vectors import try_all, try_keys
from engine.signing.vectors.cases import Outcome
from engine.signing.xmldsig import sign_xml, verify_xml

_ANSWERS = {"yes": True, "no": False}
_CERTIFICATE = "CERTIFICATE"
_RESULTS = ("ok", "failed", "unable")
_Act = Callable[[Composition, argparse.Namespace], int]


def add(verbs: Verbs) -> None:
    """`crypto WHAT NAME…`: what there is, is `_ACTS`."""
    parser = verb(verbs, "crypto", say("crypto.help"), "guiju crypto selftest --vectors vectors.json", act)
    parser.add_argument("what", choices=tuple(_ACTS), help=say("crypto.what"))
    parser.add_argument("names", nargs="*", metavar="NAME", help=say("crypto.names"))
    parser.add_argument("--vectors", type=Path, metavar="FILE", help=say("crypto.vectors"))
    parser.add_argument("--provider", default="", metavar="NAME", help=say("crypto.provider"))
    parser.add_argument("--kind", choices=[kind.value for kind in KeyKind], default=KeyKind.SM2.value)
    parser.add_argument("--key", default="", metavar="NAME", help=say("crypto.key"))
    parser.add_argument("--profile", choices=profile_names(), default=AUTOMATIC, help=say("crypto.profile"))
    parser.add_argument("--before", default="", metavar="{NAMESPACE}ELEMENT", help=say("crypto.before"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=say("crypto.out"))
    parser.add_argument("--subject", default="", metavar="TEXT", help=say("crypto.subject"))
    parser.add_argument("--days", type=int, default=1825, metavar="DAYS", help=say("crypto.days"))
    parser.add_argument("--address", action="append", default=[], metavar="URL", help=say("crypto.address"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when all is well, 1 when something was refused or a case fails, 2 for what cannot be read."""
    try:
        return _ACTS[options.what](composition, options)
    except CryptoRefused as refused:
        keys_refused(refused)
        return 1
    except OSError as error:
        fault(say("crypto.unreadable", file=error.filename or "", why=error.strerror or ""))
        return 2


# --- trying providers ------------------------------------------------------------------------------------------------


def _selftest(composition: Composition, options: argparse.Namespace) -> int:
    room = composition.crypto()
    if options.provider and options.provider not in room.names:
        fault(say("crypto.no_library", name=options.provider, known=", ".join(room.names)))
        return 2
    vectors = _vectors(options.vectors)
    if vectors is None:
        return 2
    chosen = [options.provider] if options.provider else list(room.names)
    outcomes = [(name, one) for name in chosen for one in _outcomes(room, name, vectors)]
    if options.json:
        as_json([{"provider": name, **_told(one)} for name, one in outcomes])
    else:
        for name, one in outcomes:
            line("\t".join((name, say(f"crypto.{one.result}"), one.section, one.name, one.note)).rstrip())
        for name in chosen:
            line(say("crypto.summary", name=name, counts=_counts([one for of, one in outcomes if of == name])))
    return 0 if outcomes and all(one.result != "failed" for _, one in outcomes) else 1


def _outcomes(room: CryptoRoom, name: str, vectors: Mapping[str, Any]) -> Iterator[Outcome]:
    """The known answers that every start asks for, then the cases of the file; keys that are elsewhere are used."""
    try:
        local = name in room.tried
        begun = try_all(vectors, room.trial(name)) if local else try_keys(room.provider(name))
    except CryptoRefused as refused:
        yield Outcome("start", "start", "failed", str(refused))
        return
    yield Outcome("start", "start", "ok")
    yield from begun


def _vectors(path: Path | None) -> Mapping[str, Any] | None:
    """The content of a file of vectors; None, and told, where it is none."""
    if path is None:
        return {}
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        found, why = None, str(error)
    else:
        why = say("crypto.no_object")
    if not isinstance(found, dict):
        fault(say("crypto.unreadable", file=path, why=why))
        return None
    return found


def _told(one: Outcome) -> Mapping[str, str]:
    return {"section": one.section, "name": one.name, "result": one.result, "note": one.note}


def _counts(outcomes: Sequence[Outcome]) -> str:
    counts = {result: sum(one.result == result for one in outcomes) for result in _RESULTS}
    return say("crypto.counts", **counts)


# --- keys ------------------------------------------------------------------------------------------------------------


def _keys(composition: Composition, options: argparse.Namespace) -> int:
    provider = composition.crypto().provider(options.provider)
    rows = []
    names = provider.keys()
    for name in names:
        certificate = provider.certificate(name)
        told = {"number": certificate.number, "subject": certificate.subject} if certificate else {}
        until = {"until": certificate.ends.isoformat(" ", "seconds")} if certificate else {}
        rows.append({"name": name, "kind": provider.public(name).kind.value, **told, **until})
    if options.json:
        as_json(rows)
        return 0
    for row in rows:
        line("\t".join(row.values()))
    line(say("crypto.count", count=len(rows), provider=provider.name))
    return 0


def _create(composition: Composition, options: argparse.Namespace) -> int:
    (name,) = _named(options, 1)
    public = composition.crypto().desk.create(name, KeyKind(options.kind))
    line(say("crypto.created", name=name, kind=public.kind.value, public=public.data.hex()))
    return 0


def _bring(composition: Composition, options: argparse.Namespace) -> int:
    name, file = _named(options, 2)
    public = composition.crypto().desk.bring(name, Path(file).read_bytes())
    line(say("crypto.created", name=name, kind=public.kind.value, public=public.data.hex()))
    return 0


def _certify(composition: Composition, options: argparse.Namespace) -> int:
    name, file = _named(options, 2)
    composition.crypto().desk.certify(name, Path(file).read_bytes())
    line(say("crypto.certified", name=name))
    return 0


# --- certificates ----------------------------------------------------------------------------------------------------


def _request(composition: Composition, options: argparse.Namespace) -> int:
    (name,) = _named(options, 1)
    return _given(composition.crypto().issuing.request(name, options.subject), "CERTIFICATE REQUEST", options)


def _authority(composition: Composition, options: argparse.Namespace) -> int:
    (name,) = _named(options, 1)
    return _given(composition.crypto().issuing.authority(name, *_span(composition, options)), _CERTIFICATE, options)


def _issue(composition: Composition, options: argparse.Namespace) -> int:
    authority, file = _named(options, 2)
    request, issuing = Path(file).read_bytes(), composition.crypto().issuing
    return _given(issuing.issue(authority, request, *_span(composition, options)), _CERTIFICATE, options)


def _trust(composition: Composition, options: argparse.Namespace) -> int:
    (file,) = _named(options, 1)
    composition.crypto().issuing.trust(Path(file).read_bytes())
    line(say("crypto.trusted", file=file))
    return 0


def _span(composition: Composition, options: argparse.Namespace) -> tuple[datetime, datetime]:
    """From now on, for so many days; a little earlier for clocks that are slow."""
    now = composition.utc()
    return now - timedelta(minutes=10), now + timedelta(days=options.days)


def _given(der: bytes, kind: str, options: argparse.Namespace) -> int:
    """What was made, as PEM (RFC 7468)."""
    text = "\n".join((f"-----BEGIN {kind}-----", *wrap(b64encode(der).decode(), 64), f"-----END {kind}-----"))
    if options.out is None:
        line(text)
        return 0
    options.out.write_text(text + "\n", "ascii")
    line(say("crypto.written", file=options.out))
    return 0


# --- files -----------------------------------------------------------------------------------------------------------


def _sign(composition: Composition, options: argparse.Namespace) -> int:
    (file,) = _named(options, 1)
    room = composition.crypto()
    provider = room.provider(options.provider)
    signed = sign_xml(
        Path(file).read_bytes(), options.key, provider, room.xml, profile=options.profile, before=options.before
    )
    if options.out is None:
        line(signed.decode())
        return 0
    options.out.write_bytes(signed)
    line(say("crypto.signed", file=options.out, key=options.key, provider=provider.name))
    return 0


def _verify(composition: Composition, options: argparse.Namespace) -> int:
    (file,) = _named(options, 1)
    room, at = composition.crypto(), composition.utc()
    found = verify_xml(Path(file).read_bytes(), room.provider(options.provider), room.xml, room.certificates, at=at)
    subject, number = (found.certificate.subject, found.certificate.number) if found.certificate else ("", "")
    if options.json:
        as_json({"profile": found.profile, "key_name": found.key_name, "subject": subject, "number": number})
    else:
        line(say("crypto.verified", profile=found.profile, subject=subject, number=number))
    return 0


# --- cards -----------------------------------------------------------------------------------------------------------


def _simulate(composition: Composition, options: argparse.Namespace) -> int:
    serial, *keys = _named(options, 2, more=True)
    composition.crypto().simulate(serial, keys, *new_pins())
    line(say("crypto.simulated", serial=serial, count=len(keys)))
    return 0


def _consent(composition: Composition, options: argparse.Namespace) -> int:
    (answer,) = _named(options, 1)
    if answer not in _ANSWERS:
        fault(say("crypto.wants.consent"))
        return 2
    agreed = _ANSWERS[answer]
    serial = composition.crypto().consent(card_pin() if agreed else "", agreed=agreed)
    line(say("crypto.agreed" if agreed else "crypto.disagreed", device=serial))
    return 0


# --- signature server ------------------------------------------------------------------------------------------------


def _admit(composition: Composition, options: argparse.Namespace) -> int:
    client, *keys = _named(options, 2, more=True)
    line(composition.crypto().admit(client, keys, options.address or [f"http://{options.host}:{options.port}"]))
    fault(say("crypto.admitted", client=client))
    return 0


def _serve(composition: Composition, options: argparse.Namespace) -> int:
    line(say("crypto.serving", address=f"http://{options.host}:{options.port}"))
    return composition.serve_signatures(options.host, options.port)


def _named(options: argparse.Namespace, count: int, *, more: bool = False) -> Sequence[str]:
    """The names behind the verb; ends the program with 2 where there are others."""
    names: Sequence[str] = options.names
    if len(names) == count or (more and len(names) > count):
        return names
    fault(say(f"crypto.wants.{options.what}"))
    raise SystemExit(2)


_ACTS: Mapping[str, _Act] = {
    "selftest": _selftest,
    "keys": _keys,
    "create": _create,
    "bring": _bring,
    "certify": _certify,
    "request": _request,
    "authority": _authority,
    "issue": _issue,
    "trust": _trust,
    "sign": _sign,
    "verify": _verify,
    "simulate": _simulate,
    "consent": _consent,
    "admit": _admit,
    "serve": _serve,
}
