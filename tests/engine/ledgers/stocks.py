"""A store room over two ledgers, for tests: deliveries, requests served by expiry, moves, a yearly limit of persons."""

from __future__ import annotations

from pathlib import Path

HOME = Path(__file__).parents[2] / "data" / "storeroom"
ROOM = {path.relative_to(HOME).as_posix(): path.read_text(encoding="utf-8") for path in sorted(HOME.rglob("*.yaml"))}
