"""A serial port as a wire: the one place that knows pyserial.

In: settings of a port. Out: bytes. The port is opened for this process alone. Modem lines are never touched: ports
without them fail on the attempt.
"""

from __future__ import annotations

import errno
from pathlib import Path

import serial
from serial.tools import list_ports

from engine.model.devices import DeviceFault, PortSetting, Trouble

WRITE_WITHIN = 2.0


class SerialWire:
    """One open port."""

    def __init__(self, port: serial.Serial) -> None:
        self._port = port

    def read(self, seconds: float) -> bytes:
        """What comes within this time, as soon as something comes."""
        self._port.timeout = seconds
        first = self._port.read(1)
        return bytes(first + self._port.read(self._port.in_waiting)) if first else b""

    def write(self, data: bytes) -> None:
        """Send all of it."""
        self._port.write(data)

    def close(self) -> None:
        """Let go of the port."""
        self._port.close()


def open_wire(setting: PortSetting) -> SerialWire:
    """Open a port for this process alone. Raises DeviceFault: gone where it is not there, busy where it is taken."""
    try:
        port = serial.Serial(
            setting.path,
            setting.baud,
            setting.bits,
            setting.parity,
            setting.stop,
            timeout=0,
            write_timeout=WRITE_WITHIN,
            exclusive=True,
        )
    except (OSError, ValueError) as error:
        taken = getattr(error, "errno", None) in (errno.EAGAIN, errno.EBUSY, errno.EACCES) and "lock" in str(error)
        raise DeviceFault(Trouble.BUSY if taken else Trouble.GONE, str(error)) from error
    return SerialWire(port)


def port_paths() -> list[str]:
    """The serial ports of this machine, by names that stay when they are plugged in anew, where there are such."""
    by_id = sorted(str(path) for path in Path("/dev/serial/by-id").glob("*"))
    stable = {str(Path(path).resolve()) for path in by_id}
    return [*by_id, *sorted(one.device for one in list_ports.comports() if one.device not in stable)]
