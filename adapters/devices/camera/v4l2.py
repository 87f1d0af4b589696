"""Snapshots of a camera by Video for Linux (linux/videodev2.h, streaming by mapped buffers), as Motion-JPEG.

In: a device file. Out: one JPEG, within a second or a fault: a picture that is missing never holds up anything. The
first pictures are dropped, exposure has to settle. Nothing stays open between two snapshots, so a camera may be
pulled out. The layouts are those of machines with 64 bits. `Kernel` is the door to the system, so that the sequence
can be tried without a camera.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import select
import struct
import time
from collections.abc import Callable
from typing import Protocol

from engine.model.devices import DeviceFault, Picture, Trouble

_READ, _WRITE = 2, 1
_CAPTURE, _MAPPED, _ANY_FIELD = 1, 1, 0
MJPEG = int.from_bytes(b"MJPG", "little")
_FORMAT = struct.Struct("=I4xIIII184x")
_REQUEST = struct.Struct("=IIIII")
_BUFFER = struct.Struct("=IIIII4x16x16xII8sII8x")
_CAPABILITY = struct.Struct("=16s32s32sIII12x")
_CAN_CAPTURE, _CAN_STREAM = 0x1, 0x0400_0000
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"


def _code(direction: int, number: int, size: int) -> int:
    """asm-generic/ioctl.h."""
    return direction << 30 | size << 16 | ord("V") << 8 | number


QUERYCAP = _code(_READ, 0, _CAPABILITY.size)
S_FMT = _code(_READ | _WRITE, 5, _FORMAT.size)
REQBUFS = _code(_READ | _WRITE, 8, _REQUEST.size)
QUERYBUF = _code(_READ | _WRITE, 9, _BUFFER.size)
QBUF = _code(_READ | _WRITE, 15, _BUFFER.size)
DQBUF = _code(_READ | _WRITE, 17, _BUFFER.size)
STREAMON, STREAMOFF = _code(_WRITE, 18, 4), _code(_WRITE, 19, 4)


class Kernel(Protocol):
    """What is asked of the system."""

    def open(self, path: str) -> int:
        """A descriptor of a device file. Raises OSError."""
        ...

    def control(self, descriptor: int, code: int, data: bytes) -> bytes:
        """One ioctl and what it writes back. Raises OSError."""
        ...

    def map(self, descriptor: int, length: int, offset: int) -> mmap.mmap | bytearray:
        """A buffer of the driver's. Raises OSError."""
        ...

    def wait(self, descriptor: int, seconds: float) -> bool:
        """Whether there is a picture within this time."""
        ...

    def close(self, descriptor: int) -> None:
        """Let go."""
        ...


class LinuxKernel:
    """The system itself."""

    def open(self, path: str) -> int:
        """A descriptor of a device file. Raises OSError."""
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def control(self, descriptor: int, code: int, data: bytes) -> bytes:
        """One ioctl and what it writes back. Raises OSError."""
        return fcntl.ioctl(descriptor, code, data)

    def map(self, descriptor: int, length: int, offset: int) -> mmap.mmap:
        """A buffer of the driver's. Raises OSError."""
        return mmap.mmap(descriptor, length, mmap.MAP_SHARED, mmap.PROT_READ, offset=offset)

    def wait(self, descriptor: int, seconds: float) -> bool:
        """Whether there is a picture within this time."""
        return bool(select.select([descriptor], [], [], seconds)[0])

    def close(self, descriptor: int) -> None:
        """Let go."""
        os.close(descriptor)


class V4l2Camera:
    """One camera by the name of its device file."""

    def __init__(
        self,
        path: str,
        width: int = 1280,
        height: int = 720,
        drop: int = 3,
        within: float = 1.0,
        kernel: Kernel | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._size, self._drop, self._within = path, (width, height), drop, within
        self._kernel, self._now = kernel or LinuxKernel(), now

    def snapshot(self) -> Picture:
        """One picture. Raises DeviceFault: gone, unsupported, silent (none in time) or unreadable."""
        try:
            descriptor = self._kernel.open(self._path)
        except OSError as error:
            raise DeviceFault(Trouble.GONE, str(error)) from error
        try:
            return Picture(self._captured(descriptor), "image/jpeg")
        except OSError as error:
            raise DeviceFault(Trouble.REFUSED, str(error)) from error
        finally:
            self._kernel.close(descriptor)

    def _captured(self, descriptor: int) -> bytes:
        self._prepared(descriptor)
        buffers = self._buffers(descriptor)
        kind = struct.pack("=i", _CAPTURE)
        self._kernel.control(descriptor, STREAMON, kind)
        try:
            return self._picture(descriptor, buffers)
        finally:
            self._kernel.control(descriptor, STREAMOFF, kind)

    def _prepared(self, descriptor: int) -> None:
        told = _CAPABILITY.unpack(self._kernel.control(descriptor, QUERYCAP, bytes(_CAPABILITY.size)))
        wanted = _CAN_CAPTURE | _CAN_STREAM
        if told[5] & wanted != wanted:
            raise DeviceFault(Trouble.UNSUPPORTED, "no capture by streaming")
        asked = _FORMAT.pack(_CAPTURE, *self._size, MJPEG, _ANY_FIELD)
        if _FORMAT.unpack(self._kernel.control(descriptor, S_FMT, asked))[3] != MJPEG:
            raise DeviceFault(Trouble.UNSUPPORTED, "no Motion-JPEG")

    def _buffers(self, descriptor: int) -> list[mmap.mmap | bytearray]:
        count = _REQUEST.unpack(self._kernel.control(descriptor, REQBUFS, _REQUEST.pack(2, _CAPTURE, _MAPPED, 0, 0)))[0]
        buffers = []
        for index in range(count):
            told = _BUFFER.unpack(self._kernel.control(descriptor, QUERYBUF, _described(index)))
            offset, length = int.from_bytes(told[7][:4], "little"), told[8]
            buffers.append(self._kernel.map(descriptor, length, offset))
            self._kernel.control(descriptor, QBUF, _described(index))
        return buffers

    def _picture(self, descriptor: int, buffers: list[mmap.mmap | bytearray]) -> bytes:
        until, taken = self._now() + self._within, 0
        while (left := until - self._now()) > 0 and self._kernel.wait(descriptor, left):
            told = _BUFFER.unpack(self._kernel.control(descriptor, DQBUF, _described(0)))
            index, used = told[0], told[2]
            data = bytes(buffers[index][:used])
            self._kernel.control(descriptor, QBUF, _described(index))
            taken += 1
            if taken > self._drop and (picture := _jpeg(data)):
                return picture
        raise DeviceFault(Trouble.UNREADABLE if taken > self._drop else Trouble.SILENT, f"{taken} pictures")


def _described(index: int) -> bytes:
    return _BUFFER.pack(index, _CAPTURE, 0, 0, 0, 0, _MAPPED, bytes(8), 0, 0)


def _jpeg(data: bytes) -> bytes:
    """From the start of an image to its end; empty where a picture came in pieces."""
    begin, end = data.find(_SOI), data.rfind(_EOI)
    return data[begin : end + 2] if 0 <= begin < end else b""
