"""Questions and commands to a Modbus device, and how its answers are told from others.

In: a frame to send. Out: a talk that returns the answer. Reads are tried again; writes are sent once.
"""

from __future__ import annotations

from adapters.devices.modbus import rtu
from adapters.devices.talk import Ask, Talk, asked, told
from engine.model.devices import DeviceFault, Trouble

WITHIN = 0.3


def given(request: rtu.Read, within: float = WITHIN) -> Talk[rtu.Given]:
    """What is read. Raises DeviceFault."""
    wide = request.function in (rtu.HOLDING, rtu.REGISTERS)
    length = request.count * 2 if wide else (request.count + 7) // 8

    def fits(event: object) -> bool:
        if isinstance(event, rtu.Given):
            return (event.unit, event.function, len(event.data)) == (request.unit, request.function, length)
        return _refuses(event, request)

    return _meant((yield from asked(Ask(rtu.encode(request), rtu.answers, fits, within))))


def written(request: rtu.Write, within: float = WITHIN) -> Talk[None]:
    """Send a write once. Raises DeviceFault."""
    ask = Ask(rtu.encode(request), rtu.answers, lambda event: event == request or _refuses(event, request), within)
    event = yield from told(ask)
    if isinstance(event, rtu.Refused):
        raise _refusal(event)


def _refuses(event: object, request: rtu.Read | rtu.Write) -> bool:
    return isinstance(event, rtu.Refused) and (event.unit, event.function) == (request.unit, request.function)


def _meant(event: object) -> rtu.Given:
    if isinstance(event, rtu.Refused):
        raise _refusal(event)
    assert isinstance(event, rtu.Given)
    return event


def _refusal(event: rtu.Refused) -> DeviceFault:
    return DeviceFault(Trouble.REFUSED, rtu.EXCEPTIONS.get(event.exception, str(event.exception)))
