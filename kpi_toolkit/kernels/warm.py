"""The process that kernels come from: ``python -P -m kpi_toolkit.kernels.warm [[--ready=KIND,KIND] LISTENER]``.

It loads what a report needs, then waits. With the handle of a listening socket it stays single-threaded and forks a
kernel for every request; without one it becomes the kernel of the one request it reads from stdin (where forking is not
safe). It holds no event loop and no ZeroMQ context: neither survives a fork. It ends when its starter does.
"""

from __future__ import annotations

import gc
import json
import os
import random
import selectors
import signal
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

PRELOADED = (
    "kpi_toolkit.kernels.quick", "numpy", "altair",
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib",
    "IPython.core.oinspect", "IPython.extensions.storemagic", "tornado.platform.asyncio", "kpi_toolkit.live.choosing",
)  # fmt: skip
"""What every kernel loads as it starts, and every report."""
BY_HAND = ("pandas", "debugpy.server.api")
"""What only a person at a notebook uses, or a notebook of the workbook's own."""
WARMED_BY = "kpi_toolkit.batch.warming"
"""The module whose ``warm_up`` does once what every report would do for the first time; named, not imported."""
READY = "--ready="
"""Says of which kinds of report there will be many: their sections are made once beforehand. Of none, what a few
kernels need is loaded and nothing made. Unsaid, all kinds are made ready.
"""
MEMORY = "KPI_KERNEL_MEMORY"
"""Environment variable: how many MB a kernel may take for its data."""
_LAUNCHER = ("-m", "ipykernel_launcher")
_SECONDS_TO_ASK = 10


def main() -> None:
    """Load everything, then fork kernels or become one."""
    *options, listening = sys.argv[1:] or [""]
    kinds = options[0].removeprefix(READY).split(",") if options else None
    load(by_hand=kinds != [""])
    if listening and kinds != [""]:  # one kernel gains nothing by it
        import_module(WARMED_BY).warm_up(kinds)
        gc.collect()
    if not listening:
        request = sys.stdin.readline()
        if request:  # else nobody is there any more who could ask
            become_kernel(json.loads(request))
        return
    with socket.socket(fileno=int(listening)) as listener:
        serve(listener)


def load(*, by_hand: bool) -> None:
    """Load what every kernel needs, and what a person at a notebook does."""
    gc.disable()  # what is loaded stays
    if not by_hand:
        sys.modules["debugpy"] = None  # type: ignore[assignment]  # nobody steps through a report; ipykernel asks first
    for name in (*PRELOADED, WARMED_BY):
        import_module(name)
    for name in BY_HAND if by_hand else ():
        with suppress(ModuleNotFoundError):
            import_module(name)


def serve_as_copy(listener: socket.socket, end: int, theirs: int) -> NoReturn:
    """In a copy of a process that makes a few reports: load what it lacks, and serve until that one closes a pipe.

    ``end`` is ours of the pipe, ``theirs`` the other.
    """
    os.close(theirs)
    os.setsid()  # Ctrl-C is the starter's to handle
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.dup2(end, 0)
    os.close(end)
    load(by_hand=False)
    serve(listener)


def kernel_arguments(command: list[str]) -> list[str] | None:
    """Return what an ipykernel of this Python would be started with; None for any other kind of kernel.

    >>> kernel_arguments([sys.executable, "-m", "ipykernel_launcher", "-f", "file.json"])
    ['-f', 'file.json']
    >>> kernel_arguments(["R", "--slave"]) is None
    True
    """
    program, *rest = command
    own = Path(program) == Path(sys.executable) or Path(program).name in {"python", "python3"}
    for place, pair in enumerate(pairwise(rest)):
        if own and pair == _LAUNCHER and all(option.startswith("-X") for option in rest[:place]):
            return rest[place + 2 :]
    return None


def threads_here() -> int:
    """Return how many threads this process has, those of native libraries included where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def become_kernel(request: dict[str, Any]) -> NoReturn:
    """Turn this process into the kernel of a request: its folder, environment, limits and random numbers of its own."""
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    gc.enable()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.argv = ["ipykernel_launcher.py", *request["arguments"]]
    random.seed()
    np.random.seed()
    _limit_memory()
    IPKernelApp.clear_instance()
    # On Windows the parent is known by a handle, which the process was started with.
    parent = [] if os.name == "nt" else [f"--IPKernelApp.parent_handle={os.getppid()}"]
    IPKernelApp.launch_instance(argv=[*request["arguments"], *parent])
    os._exit(0)


def _limit_memory() -> None:
    """Let an allocation beyond the limit fail as MemoryError. Windows and macOS have no such limit."""
    megabytes = os.environ.get(MEMORY, "")
    with suppress(ImportError):
        import resource

        if megabytes and sys.platform == "linux":
            size = int(megabytes) * 2**20
            resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def serve(listener: socket.socket) -> NoReturn:
    """Fork a kernel for each connection until stdin ends. With more than one thread it refuses and ends."""
    threads = threads_here()
    if threads != 1:
        sys.exit(f"kpi-warm: {threads} threads, and forking is safe with one only")
    os.dup2(2, 1)  # a kernel's stray output is talk
    gc.freeze()
    _Nursery(listener).run()


class _Nursery:
    """Kernels by process id, each with the connection of the manager that asked for it."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._kernels: dict[int, socket.socket] = {}
        self._woken, wake = socket.socketpair()
        for end in (self._woken, wake):
            end.setblocking(False)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._wake = wake
        self._ears = selectors.DefaultSelector()
        stdin = 0  # a copy has no object of it
        for heard, act in ((listener, self._answer), (self._woken, self._reap), (stdin, self._end)):
            self._ears.register(heard, selectors.EVENT_READ, act)

    def run(self) -> NoReturn:
        while True:
            for key, _ in self._ears.select():
                key.data(key.fileobj)

    def _answer(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.settimeout(_SECONDS_TO_ASK)
        try:
            request = json.loads(connection.makefile("rb").readline())
        except (OSError, ValueError):
            connection.close()
            return
        pid = os.fork()
        if not pid:
            self._be_born(connection, request)
        with suppress(OSError):
            os.setpgid(pid, pid)
        self._kernels[pid] = connection
        self._ears.register(connection, selectors.EVENT_READ, self._orphan)
        self._say(connection, pid)

    def _be_born(self, connection: socket.socket, request: dict[str, Any]) -> NoReturn:
        """In the child: a group of its own, plain signals, none of the template's connections."""
        try:
            with suppress(OSError):
                os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._ears.close()
            for end in (self._listener, self._woken, self._wake, connection, *self._kernels.values()):
                end.close()
            with Path(os.devnull).open("rb") as nothing:
                os.dup2(nothing.fileno(), 0)
            become_kernel(request)
        finally:
            os._exit(1)

    def _orphan(self, connection: socket.socket) -> None:
        """End the kernel of a manager that has hung up."""
        pid = next((pid for pid, known in self._kernels.items() if known is connection), None)
        self._forget(connection)
        if pid is not None:
            del self._kernels[pid]
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)

    def _reap(self, woken: socket.socket) -> None:
        with suppress(BlockingIOError):
            while woken.recv(4096):
                pass
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                connection = self._kernels.pop(pid, None)
                if connection is not None:
                    with suppress(OSError):
                        os.killpg(pid, signal.SIGKILL)  # what it started and left behind
                    self._say(connection, os.waitstatus_to_exitcode(status))
                    self._forget(connection)

    @staticmethod
    def _say(connection: socket.socket, number: int) -> None:
        with suppress(OSError):
            connection.sendall(f"{number}\n".encode())

    def _forget(self, connection: socket.socket) -> None:
        self._ears.unregister(connection)
        connection.close()

    def _end(self, _: object) -> None:
        for pid in self._kernels:
            with suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        with suppress(OSError):  # the starter may have been killed
            place = Path(self._listener.getsockname())
            place.unlink()
            place.parent.rmdir()
        os._exit(0)


if __name__ == "__main__":
    main()
