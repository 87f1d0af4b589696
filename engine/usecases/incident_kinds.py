"""Which kind of incident a failure is, so that an operator reads the hint of that very device or service.

In: a general code with the adapter that it happened at, or what a signer refused by. Out: the code of the more special
kind where there is one, else the general one.
"""

from __future__ import annotations

from engine.model.crypto import Fault

_OVER = {"rabbitmq": "MSG111", "ibm_mq": "MSG112", "as2": "MSG113", "as3": "MSG114"}
"""The far end cannot be reached, by adapter, whichever way messages go."""
_AWAY = frozenset({"MSG101", "MSG301"})
_CARD, _SERVER, _SIGNER = "MSG108", "MSG109", "MSG106"
_SIGNERS = {
    Fault.REMOVED: _CARD, Fault.PIN: _CARD, Fault.LOCKED: _CARD, Fault.CONSENT: _CARD, Fault.REMOTE: _SERVER,
}  # fmt: skip
STOPPED = "MSG117"
"""Somebody stopped that signature."""
UNSIGNED = frozenset({_SIGNER, _CARD, _SERVER, STOPPED})
"""What could not be signed."""
UNFINISHED = frozenset({*UNSIGNED, "MSG107", "MSG118"})
"""Messages that were kept before they were signed and wrapped: that is still to be done, whoever tries them again."""
INTERRUPTED = "MSG303"
"""On its way for longer than any try lasts: whoever worked on it is gone."""


def over(code: str, adapter: str) -> str:
    """The kind of a failure at an adapter."""
    return _OVER.get(adapter, code) if code in _AWAY else code


def of_signer(fault: Fault) -> str:
    """The kind of a refusal to sign."""
    return _SIGNERS.get(fault, _SIGNER)
