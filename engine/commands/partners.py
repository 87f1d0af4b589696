"""`guiju as2`: keys and certificates of partners by AS2 and AS3, and a partner to try against."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.ports.partners import ANSWERS, PartnerKey, Play

SOON = timedelta(days=30)
"""How long before its end a certificate is warned of."""
_YEARS = 1095


def add(verbs: Verbs) -> None:
    """`as2 keys | create | bring | admit | certificate | partner`."""
    parser = verb(verbs, "as2", say("as2.help"), "guiju as2 keys", _nothing)
    inner = parser.add_subparsers(title=say("verbs"), metavar="VERB")
    for_programs(verb(inner, "keys", say("as2.keys"), "guiju as2 keys", _guarded(_keys)))
    made = verb(inner, "create", say("as2.create"), "guiju as2 create us.pem --subject US", _guarded(_create))
    brought = verb(inner, "bring", say("as2.bring"), "guiju as2 bring us.pem key.pem", _guarded(_bring))
    admitted = verb(inner, "admit", say("as2.admit"), "guiju as2 admit them.pem them.cer", _guarded(_admit))
    told = verb(inner, "certificate", say("as2.certificate"), "guiju as2 certificate us.pem", _guarded(_certificate))
    for one in (made, brought, admitted, told):
        one.add_argument("name", metavar="NAME", help=say("as2.name"))
    for one in (brought, admitted):
        one.add_argument("file", type=Path, metavar="FILE")
    for one in (made, told):
        one.add_argument("--out", type=Path, metavar="FILE", help=say("as2.out"))
    made.add_argument("--subject", required=True, help=say("as2.subject"))
    made.add_argument("--days", type=int, default=_YEARS, help=say("as2.days"))
    _partner_verb(inner)


def _partner_verb(verbs: Verbs) -> None:
    example = "guiju as2 partner try --own THEM --partner US --key them.pem --certificate us.pem --answers good,none"
    play = verb(verbs, "partner", say("as2.partner"), example, _guarded(_partner))
    play.add_argument("folder", type=Path, metavar="FOLDER")
    for name in ("own", "partner", "key", "certificate"):
        play.add_argument(f"--{name}", required=True, help=say(f"as2.of.{name}"))
    play.add_argument("--answers", default="good", help=say("as2.answers", known=", ".join(ANSWERS)))
    play.add_argument("--pause", type=float, default=5.0, metavar="SECONDS", help=say("as2.pause"))
    play.add_argument("--to", default="", metavar="URL", help=say("as2.to"))
    play.add_argument("--receipts-to", default="", metavar="URL", help=say("as2.receipts_to"))
    play.add_argument("--ftp", default="", metavar="USER:PASSWORD", help=say("as2.ftp"))
    play.add_argument("--host", default="127.0.0.1")
    play.add_argument("--port", type=int, default=8200)


def _nothing(composition: Composition, options: argparse.Namespace) -> int:
    fault(say("as2.which"))
    return 2


_Act = Callable[[Composition, argparse.Namespace], int]


def _guarded(act: _Act) -> _Act:
    """What is wrong with keys or files is told: 1 where it is refused, 2 where it cannot be read."""

    def guarded(composition: Composition, options: argparse.Namespace) -> int:
        try:
            return act(composition, options)
        except ValueError as refused:
            fault(str(refused))
            return 1
        except ImportError as missing:
            fault(say("as2.library", name=missing.name or ""))
            return 2
        except OSError as error:
            fault(say("crypto.unreadable", file=error.filename or "", why=error.strerror or str(error)))
            return 2

    return guarded


def _keys(composition: Composition, options: argparse.Namespace) -> int:
    """0 when every certificate holds for a while; 1 where one ends soon, has ended, or a file cannot be used."""
    found, now = composition.partner_keys().listed(), composition.utc()
    if options.json:
        as_json([_told(one, now) for one in found])
    else:
        for one in found:
            line("\t".join(_told(one, now).values()).rstrip())
        line(say("as2.count", count=len(found)))
    return 0 if all(_word(one, now) == "holds" for one in found) else 1


def _told(one: PartnerKey, now: datetime) -> Mapping[str, str]:
    until = one.until.isoformat(" ", "minutes") if one.until is not None else ""
    side = "" if one.fault else say("as2.side.own" if one.is_own else "as2.side.partner")
    word = one.fault or say(f"as2.word.{_word(one, now)}")
    return {"name": one.name, "side": side, "subject": one.subject, "digest": one.digest, "until": until, "word": word}


def _word(one: PartnerKey, now: datetime) -> str:
    if one.until is None:
        return "broken"
    if one.until < now:
        return "ended"
    return "soon" if one.until - now < SOON else "holds"


def _create(composition: Composition, options: argparse.Namespace) -> int:
    return _shown(options, composition.partner_keys().create(options.name, options.subject, options.days))


def _bring(composition: Composition, options: argparse.Namespace) -> int:
    composition.partner_keys().bring(options.name, options.file.read_bytes())
    line(say("as2.brought", name=options.name, file=options.file))
    return 0


def _admit(composition: Composition, options: argparse.Namespace) -> int:
    composition.partner_keys().admit(options.name, options.file.read_bytes())
    line(say("as2.admitted", name=options.name))
    return 0


def _certificate(composition: Composition, options: argparse.Namespace) -> int:
    return _shown(options, composition.partner_keys().certificate(options.name))


def _shown(options: argparse.Namespace, pem: str) -> int:
    if options.out is None:
        line(pem.rstrip())
    else:
        options.out.write_text(pem, "ascii")
        line(say("as2.written", file=options.out))
    return 0


def _partner(composition: Composition, options: argparse.Namespace) -> int:
    answers = tuple(one.strip() for one in options.answers.split(","))
    strange = [one for one in answers if one not in ANSWERS]
    if strange:
        fault(say("as2.no_answer", name=strange[0], known=", ".join(ANSWERS)))
        return 2
    play = Play(
        options.folder.resolve(), options.own, options.partner, options.key, options.certificate, options.host,
        options.port, answers, options.pause, options.to, options.receipts_to, options.ftp,
    )  # fmt: skip
    return composition.play_partner(play, line)
