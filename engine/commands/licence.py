"""`guiju licence`: the application code of a node, licence files issued with an issuer's key, one taken by the node."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import fault, keys_refused, line
from engine.commands.parsers import Verbs, verb
from engine.console import say
from engine.model.crypto import CryptoRefused
from engine.model.licence import Licence, LicenceFault, LicenceRefused, LicenceState, is_code
from engine.signing.licences import written
from engine.usecases.acting import ENGINE
from engine.usecases.licence_taking import take
from engine.usecases.licensing import Standing, standing


def add(verbs: Verbs) -> None:
    """`licence code | show | take FILE | issue CODE`."""
    example = "guiju licence issue 7K2M-… --firm 某某公司 --until 2027-12-31 --key issuer --out ASE_License.ase"
    parser = verb(verbs, "licence", say("licence.help"), example, act)
    parser.add_argument("what", choices=tuple(_ACTS), help=say("licence.what"))
    parser.add_argument("about", nargs="?", default="", metavar="CODE|FILE", help=say("licence.about"))
    parser.add_argument("--firm", default="", metavar="NAME", help=say("licence.firm"))
    parser.add_argument("--partner", default="", metavar="ID", help=say("licence.partner"))
    parser.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help=say("licence.until"))
    parser.add_argument("--features", default="", metavar="SYSTEM,…", help=say("licence.features"))
    parser.add_argument("--key", default="", metavar="NAME", help=say("licence.key"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=say("licence.out"))


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when all is well, 1 when something was refused, 2 for what is missing or cannot be read."""
    try:
        return _ACTS[options.what](composition, options)
    except LicenceRefused as refused:
        fault(say("licence.refused", why=say(f"licence.fault.{refused.fault.value}"), about=refused.about))
        return 1
    except CryptoRefused as refused:
        keys_refused(refused)
        return 1
    except OSError as error:
        fault(say("crypto.unreadable", file=error.filename or "", why=error.strerror or ""))
        return 2


def tell_at_start(composition: Composition) -> None:
    """Say at a start what a node without a licence waits for."""
    stands = standing(composition.runtime())
    if stands.is_told:
        line(_told(stands))


def _code(composition: Composition, options: argparse.Namespace) -> int:
    shelf = composition.runtime().licences
    line(shelf.code() if shelf is not None else "")
    return 0


def _show(composition: Composition, options: argparse.Namespace) -> int:
    stands = standing(composition.runtime())
    line(_told(stands))
    return 0 if stands.exchanges else 1


def _told(stands: Standing) -> str:
    licence = stands.licence
    about = {"code": stands.code, "about": stands.about}
    if stands.state is LicenceState.REFUSED and stands.fault is not None:
        return say("licence.state.refused", why=say(f"licence.fault.{stands.fault.value}"), **about)
    held = {"firm": licence.firm, "partner": licence.partner, "until": licence.expires} if licence is not None else {}
    return say(f"licence.state.{stands.state.value}", **about, **held)


def _take(composition: Composition, options: argparse.Namespace) -> int:
    if not options.about:
        return _missing("licence.wants.file")
    line(_told(take(composition.runtime(), ENGINE, Path(options.about).read_bytes())))
    return 0


def _issue(composition: Composition, options: argparse.Namespace) -> int:
    if not (options.firm and options.until and options.key and options.out):
        return _missing("licence.wants.terms")
    if not is_code(options.about):
        return _missing("licence.wants.code")
    features = tuple(name.strip() for name in options.features.split(",") if name.strip())
    today = composition.utc().date()
    licence = Licence(options.about, options.firm, options.partner, today, options.until, features)
    if licence.expires < today:
        raise LicenceRefused(LicenceFault.EXPIRED, licence.expires.isoformat())
    options.out.write_bytes(written(licence, options.key, composition.crypto().provider()))
    line(say("licence.issued", file=options.out, firm=licence.firm, until=licence.expires))
    return 0


def _missing(key: str) -> int:
    fault(say(key))
    return 2


_ACTS: Mapping[str, Callable[[Composition, argparse.Namespace], int]] = {
    "code": _code,
    "show": _show,
    "take": _take,
    "issue": _issue,
}
