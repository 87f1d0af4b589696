"""Who stands before the machine: an address of its own. In: the address of a caller. Out: yes or no."""

from __future__ import annotations

from ipaddress import ip_address


def is_local(place: str) -> bool:
    """Whether an address is that of the machine itself."""
    try:
        return ip_address(place).is_loopback
    except ValueError:
        return False
