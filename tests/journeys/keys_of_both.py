"""What a cabinet and its management side know each other by: a key of its own for each, and the other's certificate."""

from __future__ import annotations

from datetime import timedelta

from engine.model.crypto import KeyKind
from engine.model.values import StoredFile
from engine.usecases.runtime import Runtime


def keys_of_both(management: Runtime, kiosk: Runtime) -> tuple[StoredFile, StoredFile]:
    """The cabinet's certificate among the files of the management side, and the other way round."""
    papers = {}
    for name, side in (("management", management), ("cabinet", kiosk)):
        assert side.crypto is not None
        room, begins = side.crypto(), side.clock.now() - timedelta(days=1)
        room.issuing.authority("root", begins, begins + timedelta(days=3650))
        room.desk.create(name, KeyKind.SM2)
        papers[name] = room.issuing.issue("root", room.issuing.request(name), begins, begins + timedelta(days=3650))
        room.desk.certify(name, papers[name])
    own = management.files.put(papers["cabinet"], "cabinet.cer", "application/pkix-cert")
    return own, kiosk.files.put(papers["management"], "management.cer", "application/pkix-cert")
