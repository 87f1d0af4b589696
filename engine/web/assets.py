"""Static files under an address that names their content, so that browsers may keep them for ever.

The whole folder has one digest, `/assets/<digest>/js/form.js`; relative imports between modules stay within it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response, current_app, send_from_directory

FOLDER = Path(__file__).parent / "static"
FOREVER = 31_536_000

blueprint = Blueprint("assets", __name__)


class Assets:
    """The digest of the static files, and whether the browser libraries are there."""

    def __init__(self, folder: Path = FOLDER) -> None:
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode())
                digest.update(path.read_bytes())
        self.version = digest.hexdigest()[:12]
        self.complete = all((folder / "vendor" / name).exists() for name in ("htmx.min.js", "decimal.mjs"))

    def address(self, path: str) -> str:
        """The address of one file."""
        return f"/assets/{self.version}/{path}"


@blueprint.get("/assets/<version>/<path:name>")
def asset(version: str, name: str) -> Response:
    """One static file; an address of an older version is answered, but not kept."""
    assets: Assets = current_app.extensions["assets"]
    response = send_from_directory(FOLDER, name, max_age=FOREVER if version == assets.version else 0)
    if version == assets.version:
        response.cache_control.public = True
        response.cache_control.immutable = True
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The logo, for browsers that ask without being told."""
    return send_from_directory(FOLDER, "logo.svg", max_age=86_400)
