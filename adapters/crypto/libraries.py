"""Which libraries of cryptography are there, the quickest first.

In: nothing. Out: makers of `Primitives` by name. A library that is not installed is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from adapters.crypto.primitives import Primitives
from engine.model.crypto import CryptoRefused, Fault

_KNOWN = (("gmalglib", "swift", "Gmalglib"), ("gmssl-pyx", "native", "GmsslPyx"), ("gmssl", "pure", "Gmssl"))


@cache
def libraries() -> Mapping[str, Callable[[], Primitives]]:
    """Those that are installed."""
    found: dict[str, Callable[[], Primitives]] = {}
    for name, module, maker in _KNOWN:
        try:
            found[name] = getattr(import_module(f"adapters.crypto.{module}"), maker)
        except ImportError:
            continue
    return found


def library(name: str = "") -> Primitives:
    """The one of a name, else the quickest. Refuses `unable` where it is not installed."""
    known = libraries()
    if not known or (name and name not in known):
        raise CryptoRefused(Fault.UNABLE, f"no such library here: {name or 'of SM2'}")
    return known[name or next(iter(known))]()
