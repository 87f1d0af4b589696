"""`guiju service`: the node as a service of the machine (systemd), written, shown and taken away."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import fault, line
from engine.commands.parsers import Verbs, verb
from engine.console import say

PLACE = Path("/etc/systemd/system")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
SILENT_SECONDS = 120
"""After which systemd begins a silent service anew: later than the launcher, which does so with the node."""
_WATCHED = """Type=notify
NotifyAccess=main
WatchdogSec={seconds}
TimeoutStartSec=180
"""
_UNIT = """[Unit]
Description=Guiju ({name})
After=network-online.target
Wants=network-online.target

[Service]
{kind}{user}WorkingDirectory={folder}
{environment}ExecStart={command}
Restart=always
RestartSec=5
TimeoutStopSec=60
KillMode=mixed
UMask=0077
NoNewPrivileges=true
PrivateTmp=true

[Install]
WantedBy=multi-user.target
"""


def add(verbs: Verbs) -> None:
    """`service show | install | uninstall`."""
    parser = verb(verbs, "service", say("service.help"), "guiju service install --user guiju", act)
    parser.add_argument("what", choices=("show", "install", "uninstall"), help=say("service.what"))
    parser.add_argument("--name", default="guiju", help=say("service.name"))
    parser.add_argument("--user", default="", help=say("service.user"))
    parser.add_argument("--watched", action="store_true", help=say("service.watched"))
    parser.add_argument("--to", type=Path, default=PLACE, metavar="FOLDER", help=say("service.to"))


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when it is done, 2 for what cannot be written."""
    if not _NAME.fullmatch(options.name):
        fault(say("service.wants_name"))
        return 2
    path = options.to / f"{options.name}.service"
    if options.what == "show":
        line(_text(options).rstrip())
        return 0
    try:
        return _install(path, options) if options.what == "install" else _uninstall(path, options)
    except OSError as error:
        fault(say("crypto.unreadable", file=error.filename or "", why=error.strerror or ""))
        return 2


def _text(options: argparse.Namespace) -> str:
    return unit_text(options.name, options.user, os.environ, watched=options.watched)


def unit_text(name: str, user: str, environment: Mapping[str, str], *, watched: bool = False) -> str:
    """The unit: this program, from this folder, with the settings that are set now; secrets stay where they are.
    `watched`: begun by the launcher, which changes its version, and begun anew where it falls silent."""
    settings = {key: text for key, text in sorted(environment.items()) if key.startswith("GUIJU_") and text}
    told = "".join(f"Environment={_quoted(f'{key}={text}')}\n" for key, text in settings.items())
    program = "guiju-launch" if watched else "guiju"
    command = _quoted(str(Path(sys.executable).with_name(program)))
    kind = _WATCHED.format(seconds=SILENT_SECONDS) if watched else "Type=exec\n"
    return _UNIT.format(
        name=name,
        user=f"User={user}\n" if user else "",
        folder=str(Path.cwd()).replace("%", "%%"),
        environment=told,
        kind=kind,
        command=f"{command} run --no-demo",
    )


def _quoted(text: str) -> str:
    """A word of a unit file (systemd.syntax): specifiers and quotation marks mean themselves."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("\n", "\\n")
    return f'"{plain}"'


def _install(path: Path, options: argparse.Namespace) -> int:
    path.write_text(_text(options), "utf-8")
    path.chmod(0o644)
    line(say("service.installed", file=path, name=options.name))
    return 0


def _uninstall(path: Path, options: argparse.Namespace) -> int:
    path.unlink()
    line(say("service.uninstalled", file=path, name=options.name))
    return 0
