"""The machine's load out of /proc and the file systems."""

import os

import pytest

from adapters.host.linux import LinuxHost

STAT = "cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n"
MEMORY = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\nHugePages_Total:       0\n"


def proc(tmp_path, busy, idle):
    (tmp_path / "stat").write_text(STAT.format(busy=busy, idle=idle))
    (tmp_path / "meminfo").write_text(MEMORY)


def test_processors_are_measured_between_two_looks(tmp_path):
    host = LinuxHost([], lambda: 7, tmp_path)
    proc(tmp_path, 100, 100)
    first = host.load()
    proc(tmp_path, 130, 110)
    second = host.load()
    assert (first.processor, second.processor, host.load().processor) == (None, 0.75, None)
    assert (second.memory_used, second.memory_total, second.database) == (600 * 1024, 1000 * 1024, 7)


def test_a_file_system_is_told_once_with_its_inodes(tmp_path):
    proc(tmp_path, 1, 1)
    (tmp_path / "sub").mkdir()
    (disk,) = LinuxHost([tmp_path, tmp_path / "sub", tmp_path / "missing"], proc=tmp_path).load().disks
    told = os.statvfs(tmp_path)
    assert 0 < disk.used <= disk.total <= told.f_blocks * told.f_frsize
    assert disk.inodes_used <= disk.inodes_total


def test_a_machine_without_proc_says_so(tmp_path):
    with pytest.raises(OSError, match="meminfo"):
        LinuxHost([], proc=tmp_path).load()
