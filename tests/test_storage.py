"""The one writer: the old file or the new one, never half of one; for its owner only."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time

import pytest

from kpi_toolkit.clients import storage
from kpi_toolkit.clients.storage import client_lock, sha256, sweep, write_file
from kpi_toolkit.clients.workbook import NotStartedError


def test_files_and_folders_are_for_their_owner_only(tmp_path):
    digest = write_file(tmp_path / "a" / "b" / "x.txt", "网店")
    assert digest == sha256("网店".encode())
    assert stat.S_IMODE((tmp_path / "a" / "b" / "x.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700


@pytest.mark.parametrize("step", ["fsync", "_rename"])
def test_when_a_step_fails_the_old_file_stays_and_nothing_is_left_over(tmp_path, monkeypatch, step):
    target = tmp_path / "x.txt"
    write_file(target, "old")

    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "_rename": (storage, "_rename")}[step], fail)
    with pytest.raises(OSError, match="No space"):
        write_file(target, "new")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


def test_a_write_that_is_killed_leaves_a_whole_file(tmp_path):
    """SIGKILL in a tight loop of writes: the file is always one of the two, and what is left over is swept."""
    program = (
        "import sys; from pathlib import Path; from kpi_toolkit.clients.storage import write_file\n"
        "while True:\n for c in 'ab': write_file(Path(sys.argv[1]) / 'x.txt', c * 300_000)\n"
    )
    for _ in range(6):
        child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)])
        while not (tmp_path / "x.txt").exists():
            time.sleep(0.005)
        time.sleep(0.05)
        child.kill()
        child.wait()
        assert (tmp_path / "x.txt").read_text() in {"a" * 300_000, "b" * 300_000}
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


def test_new_folders_are_flushed_into_those_above_them(tmp_path, monkeypatch):
    flushed = []
    real = storage._flush_folder
    monkeypatch.setattr(storage, "_flush_folder", lambda folder: (flushed.append(folder), real(folder)))
    write_file(tmp_path / "a" / "b" / "x.txt", "x")
    assert flushed == [tmp_path, tmp_path / "a", tmp_path / "a" / "b"]


def test_what_killed_processes_left_is_swept_and_what_others_are_writing_is_not(tmp_path, monkeypatch):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    old, half = tmp_path / f".{ended.pid}-ab.kpi-tmp", tmp_path / "deep" / f".{ended.pid}-cd.kpi-tmp"
    half.mkdir(parents=True)
    scratch = tmp_path / f"kpi-{ended.pid}-xyz"
    scratch.mkdir()
    kept = [tmp_path / f".{os.getpid()}-ab.kpi-tmp", tmp_path / ".1-ab.kpi-tmp", tmp_path / f"kpi-{os.getpid()}-x",
            tmp_path / "kpi-demo", tmp_path / "kpi-notes-a"]  # fmt: skip
    for path in (old, half / "client.toml", scratch / "people.csv", *kept):
        path.write_text("x", "utf-8")
    monkeypatch.setattr(storage.tempfile, "gettempdir", lambda: str(tmp_path))
    sweep(tmp_path)
    storage.sweep_scratch()
    assert sorted(tmp_path.iterdir()) == sorted([*kept, half.parent])
    assert list(half.parent.iterdir()) == []


def test_who_waits_too_long_for_a_clients_files_is_told(tmp_path, monkeypatch):
    program = (
        "import sys, time; from pathlib import Path; from kpi_toolkit.clients.storage import client_lock\n"
        "with client_lock(Path(sys.argv[1])):\n print('held', flush=True); time.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    monkeypatch.setattr(storage, "_SECONDS_TO_WAIT", 0.2)
    with pytest.raises(NotStartedError, match="Another program is changing"), client_lock(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with client_lock(tmp_path), client_lock(tmp_path):  # whoever holds it may ask again
        pass
