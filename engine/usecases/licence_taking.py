"""A licence file is brought to its node.

In: a file. Out: how the node stands with it. What is refused replaces nothing; what waited for it goes out at once.
"""

from __future__ import annotations

from engine.model.licence import LicenceFault, LicenceRefused, LicenceState
from engine.model.records import AuditEntry
from engine.signing.licences import read
from engine.usecases.landed import LandedQuery
from engine.usecases.landed_acts import retry_query
from engine.usecases.landing_records import BLOCKED
from engine.usecases.licensing import UNLICENSED, Standing, exchanges, judged
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor


def take(runtime: Runtime, actor: Actor, content: bytes) -> Standing:
    """Take a licence file in the place of the former one; blocked messages go out at once. Raises LicenceRefused for
    one that is not for this node, or has run out."""
    if runtime.node.licence is None or runtime.licences is None or runtime.crypto is None:
        raise LicenceRefused(LicenceFault.UNPROVEN)
    found = read(content, runtime.node.licence.issuer, runtime.crypto())
    stands = judged(found, runtime.licences.code(), runtime.node.systems, runtime.clock.now().date())
    if stands.state is not LicenceState.VALID:
        raise LicenceRefused(stands.fault or LicenceFault.EXPIRED, stands.about or found.expires.isoformat())
    waited = not exchanges(runtime)
    runtime.licences.write(content)
    about = {"firm": found.firm, "partner": found.partner, "expires": found.expires.isoformat()}
    runtime.store.note(AuditEntry(runtime.clock.now(), actor.id, "licence", "", "", about, actor.address))
    if waited:
        retry_query(runtime, actor, LandedQuery(states=(BLOCKED,), code=UNLICENSED))
    return stands
