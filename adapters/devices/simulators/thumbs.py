"""A fingerprint module over fingers that are words: two captures of one word are alike.

In: bytes, and a finger that is laid down or lifted. Out: answers. Pages are kept as long as the model lives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from adapters.devices.fingers import zfm
from adapters.devices.framing import Scanner

POOR = "poor"
"""A finger of which no features can be made."""
_SCORE = 120


@dataclass
class Fingers:
    """`coming` are fingers that are laid down in turn, one for each look (None: lifted); then `finger` lies there."""

    finger: str | None = None
    coming: list[str | None] = field(default_factory=list)
    kept: dict[int, str] = field(default_factory=dict)
    capacity: int = 200
    password: int = 0
    is_open: bool = False
    _image: str | None = None
    _buffers: dict[int, str] = field(default_factory=dict)
    _ear: Scanner = field(default_factory=zfm.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        packets = (one for one in self._ear.feed(data) if isinstance(one, zfm.Packet))
        return [zfm.encode(self._answer(one.data)) for one in packets]

    def _answer(self, data: bytes) -> zfm.Packet:
        acts: Mapping[int, Callable[[bytes], zfm.Packet]] = {
            0x01: self._capture, 0x02: self._extract, 0x04: self._search, 0x05: self._merge, 0x06: self._store,
            0x0C: self._delete, 0x0F: self._parameters, 0x1D: self._count, 0x1F: self._table,
        }  # fmt: skip
        if data[0] == 0x13:
            self.is_open = int.from_bytes(data[1:5], "big") == self.password
            return zfm.acknowledged(zfm.OK if self.is_open else 0x13)
        if not self.is_open or data[0] not in acts:
            return zfm.acknowledged(0x13 if not self.is_open else 0x01)
        return acts[data[0]](data)

    def _capture(self, data: bytes) -> zfm.Packet:
        if self.coming:
            self.finger = self.coming.pop(0)
        self._image = self.finger
        return zfm.acknowledged(zfm.NO_FINGER if self._image is None else zfm.OK)

    def _extract(self, data: bytes) -> zfm.Packet:
        if self._image is None:
            return zfm.acknowledged(zfm.NO_IMAGE)
        if self._image == POOR:
            return zfm.acknowledged(zfm.FEW_POINTS)
        self._buffers[data[1]] = self._image
        return zfm.acknowledged(zfm.OK)

    def _search(self, data: bytes) -> zfm.Packet:
        found = next((page for page, one in sorted(self.kept.items()) if one == self._buffers.get(data[1])), None)
        return zfm.acknowledged(zfm.NOT_FOUND, 0, 0) if found is None else zfm.acknowledged(zfm.OK, found, _SCORE)

    def _merge(self, data: bytes) -> zfm.Packet:
        return zfm.acknowledged(zfm.OK if self._buffers.get(1) == self._buffers.get(2) else zfm.DIFFERENT)

    def _store(self, data: bytes) -> zfm.Packet:
        page = int.from_bytes(data[2:4], "big")
        if page >= self.capacity:
            return zfm.acknowledged(zfm.BAD_PAGE)
        self.kept[page] = self._buffers[data[1]]
        return zfm.acknowledged(zfm.OK)

    def _delete(self, data: bytes) -> zfm.Packet:
        first, count = int.from_bytes(data[1:3], "big"), int.from_bytes(data[3:5], "big")
        self.kept = {page: one for page, one in self.kept.items() if not first <= page < first + count}
        return zfm.acknowledged(zfm.OK)

    def _parameters(self, data: bytes) -> zfm.Packet:
        return zfm.acknowledged(zfm.OK, 4, 9, self.capacity, 3, 0xFFFF, 0xFFFF, 2, 6)

    def _count(self, data: bytes) -> zfm.Packet:
        return zfm.acknowledged(zfm.OK, len(self.kept))

    def _table(self, data: bytes) -> zfm.Packet:
        first = data[1] * 256
        used = bytearray(32)
        for page in self.kept:
            if first <= page < first + 256:
                used[(page - first) // 8] |= 1 << (page - first) % 8
        return zfm.Packet(zfm.ACKNOWLEDGE, bytes([zfm.OK]) + used)
