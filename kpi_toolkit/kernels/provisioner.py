"""A jupyter_client kernel provisioner that hands out warm kernels: ``kpi-warm``.

Chosen for one manager by name, or for everything (nbval, JupyterLab) by ``JUPYTER_DEFAULT_PROVISIONER_NAME=kpi-warm``.
Where forking is safe each kernel is forked from a template process; elsewhere a process that has loaded everything
waits to become the next kernel. No kernel is used twice. Kernels of other languages start as they always did.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from jupyter_client.launcher import launch_kernel
from jupyter_client.provisioning import LocalProvisioner

from kpi_toolkit.kernels import warm
from kpi_toolkit.kernels.limits import scratch_prefix

NAME = "kpi-warm"
TEMPLATE = "KPI_KERNEL_TEMPLATE"
"""Environment variable: the socket of a template process that another process keeps."""
STRATEGY = "KPI_KERNELS"
"""Environment variable: ``fork`` (the default on Linux) or ``pool`` (the default elsewhere)."""
_POLL_SECONDS = 0.004
_SECONDS_TO_BE_BORN = 300  # the first of a template waits until everything is loaded, and a busy machine is slow
_SECONDS_TO_END = 2


class TemplateError(RuntimeError):
    """The template process refuses to fork, or is gone."""


class Template:
    """A template process and its socket, ended by :meth:`close` or with its starter.

    ``kinds`` of report: their sections are made once before the first kernel is forked, those of all kinds where it is
    None. Many reports gain by that, a few do not. A ``copy`` of this process need not load again what this one has; it
    is safe where this process has one thread.
    """

    def __init__(self, kinds: Sequence[str] | None = None, *, copy: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=scratch_prefix(), dir=short_folder()))
        self.socket = self._folder / "template"
        with socket.socket(socket.AF_UNIX) as listener:  # made here, so that who asks early waits instead of failing
            listener.bind(str(self.socket))
            listener.listen()
            self._process = _Copy(listener) if copy else _start_template(listener, kinds)

    def close(self) -> None:
        """End the process and its kernels, and remove its folder."""
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()  # it ends its kernels, then itself
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class _Copy:
    """A template that is a copy of this process, with the part of ``Popen`` that :class:`Template` uses."""

    def __init__(self, listener: socket.socket) -> None:
        end, ours = os.pipe()
        self.stdin = os.fdopen(ours, "wb")
        self._process = get_context("fork").Process(target=warm.serve_as_copy, args=(listener, end, ours), daemon=True)
        self._process.start()
        os.close(end)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended."""
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired("kpi-warm", timeout or 0)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()


class ForkedKernel:
    """A kernel forked elsewhere, with the part of ``Popen`` that a provisioner uses; its connection keeps it alive."""

    stdin = stdout = stderr = None

    def __init__(self, template: Path, request: dict[str, Any]) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        try:
            self._connection.settimeout(_SECONDS_TO_BE_BORN)
            self._connection.connect(str(template))
            self._connection.sendall(json.dumps(request).encode() + b"\n")
            self._said = self._connection.makefile("r")
            self.pid = int(self._said.readline())
        except (OSError, ValueError) as problem:
            self._connection.close()
            msg = f"the template process did not answer: {problem}"
            raise TemplateError(msg) from problem
        self._connection.setblocking(False)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        if self.returncode is None:
            try:
                said = self._connection.recv(32)
            except BlockingIOError:
                return None
            except OSError:
                said = b""
            self.returncode = int(said or -signal.SIGKILL)
            self._said.close()
            self._connection.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:  # noqa: ARG002 - asked only once it has ended
        """Return the exit code of a kernel that has ended."""
        code = self.poll()
        return -signal.SIGKILL if code is None else code

    def send_signal(self, number: int) -> None:
        """Signal the kernel."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Gives a kernel that has pandas, Altair and this package loaded before it is asked for."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Return the connection of a kernel that came from a warm process."""
        arguments = warm.kernel_arguments(cmd)
        if arguments is None:
            return await super().launch_kernel(cmd, **kwargs)
        environment = dict(kwargs.get("env") or os.environ)
        request = {"arguments": arguments, "env": environment, "cwd": kwargs.get("cwd") or str(Path.cwd())}
        self.process = await asyncio.to_thread(_supply.kernel, request, self.log.warning)
        self.pid = self.process.pid
        self.pgid = os.getpgid(self.pid) if hasattr(os, "getpgid") else None
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and see it gone; who asked would look again after a tenth of a second only."""
        await super().kill(restart)
        with suppress(TimeoutError):
            async with asyncio.timeout(_SECONDS_TO_END):
                while await self.poll() is None:
                    await asyncio.sleep(_POLL_SECONDS)

    async def wait(self) -> int | None:
        """Return the exit code once it has ended; asked often, because a batch waits here after every report."""
        while await self.poll() is None:
            await asyncio.sleep(_POLL_SECONDS)
        code = await super().wait()
        return None if code is None else int(code)


class _Supply:
    """Where this process gets its kernels from: another's template, its own, or a process kept waiting."""

    def __init__(self) -> None:
        self._template: Template | None = None
        self._waiting: subprocess.Popen[bytes] | None = None
        self._strategy = os.environ.get(STRATEGY) or ("fork" if sys.platform == "linux" else "pool")
        self._lock = threading.Lock()  # kernels may be asked for from several threads
        atexit.register(self.close)

    def kernel(self, request: dict[str, Any], warn: Any) -> ForkedKernel | subprocess.Popen[bytes]:
        if self._strategy == "fork":
            for _ in range(2):  # a template that died is replaced once
                try:
                    return ForkedKernel(self._socket(), request)
                except TemplateError as problem:
                    reason = problem
                    self.close()
                    os.environ.pop(TEMPLATE, None)
            warn(f"warm kernels are not forked ({reason}); each starts as a process of its own")
            self._strategy = "pool"
        return self._next(request)

    def _socket(self) -> Path:
        shared = os.environ.get(TEMPLATE)
        if shared:
            return Path(shared)
        with self._lock:
            if self._template is None:
                self._template = Template()
            return self._template.socket

    def _next(self, request: dict[str, Any]) -> subprocess.Popen[bytes]:
        """Let the waiting process become the kernel, and start the next one to wait."""
        with self._lock:
            kernel, self._waiting = self._waiting or _start_waiting(), None
            self._waiting = _start_waiting()
        assert kernel.stdin is not None  # noqa: S101 - it was asked for
        kernel.stdin.write(json.dumps(request).encode() + b"\n")
        kernel.stdin.flush()
        return kernel

    def close(self) -> None:
        """End what waits and the template of this process."""
        if self._template is not None:
            self._template.close()
            self._template = None
        if self._waiting is not None:
            self._waiting.kill()
            self._waiting.wait()
            self._waiting = None


_COMMAND = [sys.executable, "-P", "-m", "kpi_toolkit.kernels.warm"]


def _environment() -> dict[str, str]:
    """Return the environment of a warm process: one native thread, and a debugger that does not talk on stderr."""
    single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **single, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _start_template(listener: socket.socket, kinds: Sequence[str] | None) -> subprocess.Popen[bytes]:
    """Start a template, in a session of its own, so that Ctrl-C is its starter's to handle."""
    options = [] if kinds is None else [warm.READY + ",".join(kinds)]
    return subprocess.Popen(  # noqa: S603 - this Python, this package
        [*_COMMAND, *options, str(listener.fileno())], stdin=subprocess.PIPE, pass_fds=[listener.fileno()],
        env=_environment(), start_new_session=True,
    )  # fmt: skip


def _start_waiting() -> subprocess.Popen[bytes]:
    """Start a process that waits to become a kernel, with what a kernel needs on each system to be interrupted."""
    started: subprocess.Popen[bytes] = launch_kernel(_COMMAND, stdin=subprocess.PIPE, env=_environment())
    return started


def short_folder() -> str:
    """Return a folder for sockets, whose path may have about 100 characters."""
    usual, longest = tempfile.gettempdir(), 60
    return usual if len(usual) <= longest or os.name == "nt" else "/tmp"  # noqa: S108 - made private below


_supply = _Supply()
