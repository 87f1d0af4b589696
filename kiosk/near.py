"""Who stands before the machine: a caller of its own that asks it by its own name.

In: what a request says of where it comes from and whom it asks. Out: yes or no. A page of another site that has its
name lead to this machine comes from here too: it is known by the name that it asks for. So is whoever comes by a proxy
that this node was not told of.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

FORWARDED = frozenset({"x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded"})


def is_near(place: str, host: str, heads: Iterable[str], proxies: int) -> bool:
    """Whether a request is of the machine itself: by its address, the host that it asks for, and the names of its
    heads, among which are those of proxies where the node knows of none."""
    return (
        is_local(place) and is_own_name(host) and (bool(proxies) or FORWARDED.isdisjoint(one.lower() for one in heads))
    )


def is_local(place: str) -> bool:
    """Whether an address is that of the machine itself."""
    try:
        return ip_address(place).is_loopback
    except ValueError:
        return False


def is_own_name(host: str) -> bool:
    """Whether a host, with or without its port, is what a machine calls itself."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or is_local(name)
