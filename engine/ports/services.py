"""The door to outside services that are asked and answer at once. Beside `engine.ports`, which has no room for it.

Implemented by adapters; a node binds each service to one.
"""

from __future__ import annotations

from typing import Protocol

from engine.model.traffic import Replied

JSON = "application/json"


class OutsideService(Protocol):
    """One service."""

    def ask(
        self, body: bytes, *, method: str, path: str, key: str, kind: str, seconds: float, media: str = JSON
    ) -> Replied:
        """Ask once; `key` stays the same however often the same is asked, `path` is added to the service's address,
        `seconds` (0: as the adapter likes) is how long an answer is waited for, `media` the type of the body. Whatever
        is answered comes back, also an error. Raises DeliveryError where nothing is."""
        ...
