"""Who makes the reports: processes here, or workers of a Dask cluster; both are ``concurrent.futures`` executors."""

from __future__ import annotations

import os
import pickle
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import active_children, connection, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from kpi_toolkit.batch.production import load
from kpi_toolkit.batch.run import FEW
from kpi_toolkit.batch.versions import differences, versions
from kpi_toolkit.clients.workbook import NotStartedError, WorkbookError
from kpi_toolkit.kernels.limits import scratch_prefix
from kpi_toolkit.pages.drawing import started

_SECONDS_TO_LEAVE = 10
_SECONDS_TO_REACH = 15
_SECONDS_WITHOUT_WORKER = 60
DASK = "dask:"


class Makers(ExitStack):
    """A context that gives executors: the first, and a fresh one whenever a worker's death broke the last.

    Nothing is started and nobody is asked before there is something to make.
    """

    workers = 0
    refused: tuple[str, ...] = ()
    due = 0
    """How many reports there are to make, once all is planned. A few get nothing ready that they do not need."""
    one_client = False
    """Whether planning has read one client's files only: no kernel that is a copy can come upon another's."""

    @property
    def lost(self) -> str:
        """Why nothing more can be made; empty while it can."""
        return ""

    def expect(self, jobs: int) -> None:
        """Be told, while the batch is still being planned, that there will be so many reports more to make."""
        raise NotImplementedError

    def start(self, most: int | None = None) -> Executor:
        """Return a fresh executor, of at most so many workers."""
        raise NotImplementedError


class LocalMakers(Makers):
    """Processes on this machine, one per core unless said otherwise, over one template process for their kernels."""

    def __init__(self, workers: int | None, kinds: Sequence[str]) -> None:
        super().__init__()
        self.workers = workers or os.cpu_count() or 1
        self._kinds = kinds
        self._folder = self._template = ""
        self._first: Executor | None = None
        self._expected = self._loading = 0

    def expect(self, jobs: int) -> None:
        """Let as many workers start and load what they need; one that dies over it is no worse than none.

        The first few that are due start nothing yet: they may be all.
        """
        self._expected += jobs
        if self._expected <= FEW:
            return
        self._first = self._first or self._pool(self.workers)
        with suppress(BrokenExecutor, OSError):
            for _ in range(self._loading, min(self._expected, self.workers)):
                self._first.submit(load)
                self._loading += 1

    def start(self, most: int | None = None) -> Executor:
        """Return a fresh pool; its workers keep their temporary files where they are removed with this context."""
        first, self._first = self._first, None
        # A copy of a process with threads may wait for ever for what one of them held.
        copied = sys.platform == "linux" and threading.active_count() == 1 and not started() and self.one_client
        if first is None and self._few and most is None and copied:
            size = min(self.workers, self.due)
            first = self._pool(size, "fork")  # what is loaded here need not be loaded again
            for _ in range(size):
                first.submit(load)  # while the kernels' process loads what it needs
        return first or self._pool(min(self.workers, most or self.workers))

    @property
    def _few(self) -> bool:
        return 0 < self.due <= FEW

    def _pool(self, size: int, way: str = "spawn") -> Executor:
        try:
            if not self._folder:
                self._begin(copied=way == "fork")
            given = (self._folder, self._template)
            pool = ProcessPoolExecutor(size, get_context(way), initializer=_prepare, initargs=given)
        except OSError as problem:  # no room for temporary files, or in /dev/shm for the pool's own
            detail = problem.strerror or type(problem).__name__
            raise NotStartedError("no-room-to-work", detail=detail, folder=tempfile.gettempdir()) from problem
        return _ByFile(pool, Path(self._folder))

    def _begin(self, *, copied: bool) -> None:
        """Start what all pools share: the folder of their files and, where kernels are forked, the template."""
        import kpi_toolkit.kernels.quick  # noqa: F401 - before what loads jsonschema

        # isort: split
        from kpi_toolkit.kernels.provisioner import Template, short_folder

        folder = tempfile.TemporaryDirectory(prefix=scratch_prefix(), dir=short_folder(), ignore_cleanup_errors=True)
        self._folder = self.enter_context(folder)
        if sys.platform == "linux":
            template = Template(() if self._few else self._kinds, copy=copied)
            self.callback(template.close)
            self._template = str(template.socket)
        self.callback(_stop_workers, frozenset(active_children()))


class _ByFile(Executor):
    """A pool whose tasks and products pass through files; its pipes carry only their names.

    A worker that dies while a pipe is half full of a task or a product would leave the pool waiting for ever.
    """

    def __init__(self, pool: ProcessPoolExecutor, folder: Path) -> None:
        self._pool, self._folder = pool, folder

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future[Any]:
        """Return the future of a call in a worker."""
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=".task")
        found: Future[Any] = Future()
        try:
            with os.fdopen(handle, "wb") as file:
                pickle.dump((function, arguments, options), file)
            with _plain_start():
                asked = self._pool.submit(_call, name)
        except BaseException:
            Path(name).unlink()
            raise
        asked.add_done_callback(lambda done: _pass_on(done, Path(name), found))
        return found

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers, once they are done or at once."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def _plain_start() -> Iterator[None]:
    """Start workers, if any, without the caller's main module, and deaf to Ctrl-C from their first moment.

    A worker would run a script again that renders without further ado; it needs nothing of it.
    """
    main = sys.modules["__main__"]
    known = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    blocked = hasattr(signal, "pthread_sigmask")
    if blocked:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    main.__spec__ = None
    if "__file__" in known:
        del main.__file__
    try:
        yield
    finally:
        for name, value in known.items():
            setattr(main, name, value)
        if blocked:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _call(name: str) -> None:
    """In a worker: make the call that a file holds, and put its result in the file's place."""
    path = Path(name)
    function, arguments, options = pickle.loads(path.read_bytes())  # noqa: S301 - written by the parent, in its own folder
    path.write_bytes(pickle.dumps(function(*arguments, **options)))


def _pass_on(done: Future[None], path: Path, found: Future[Any]) -> None:
    """Tell whoever waits what became of a call; its file is gone by then."""
    try:
        done.result()
        product = pickle.loads(path.read_bytes())  # noqa: S301 - written by our worker, in our own folder
    except BaseException as problem:  # noqa: BLE001 - whatever it is, whoever waits is told
        path.unlink(missing_ok=True)
        found.set_exception(problem)
    else:
        path.unlink(missing_ok=True)
        found.set_result(product)


def _prepare(folder: str, template: str) -> None:
    """Set a worker up; Ctrl-C is the parent's to handle."""
    from kpi_toolkit.kernels.provisioner import TEMPLATE

    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if template:
        os.environ[TEMPLATE] = template


def _end_with_parent(folder: str) -> None:
    """In a worker: end when the parent is killed, and have what clients' files it left removed after that."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        subprocess.Popen([sys.executable, "-c", _JANITOR, folder], start_new_session=True)  # noqa: S603 - this Python
        os._exit(1)


_JANITOR = "import shutil, sys, time; time.sleep(0.5); shutil.rmtree(sys.argv[1], ignore_errors=True)"


def _stop_workers(others: frozenset[BaseProcess]) -> None:
    """End the workers at once, but no other child of this process; a kernel ends when its worker is gone."""
    workers = [child for child in active_children() if child not in others]
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(_SECONDS_TO_LEAVE)
        if worker.is_alive():
            worker.kill()


class DaskMakers(Makers):
    """The workers of a Dask scheduler that have exactly our versions. The others are refused by name."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address
        self._client: Any = None

    @property
    def lost(self) -> str:
        """Say that the scheduler is gone, or that no worker that can be used has been there for a while."""
        there: set[str] = set()
        with suppress(Exception):  # whatever keeps it from answering
            there = set(self._client.scheduler_info(n_workers=-1)["workers"])
        if there & set(self._good) if self.refused else there:
            self._last_seen = time.monotonic()
        gone = self._client.status in {"closing", "closed"}
        if gone or time.monotonic() - self._last_seen > _SECONDS_WITHOUT_WORKER:
            return f"the cluster at {self._address} was lost; run it again to go on"
        return ""

    def expect(self, jobs: int) -> None:  # noqa: ARG002 - however many
        """Reach the scheduler, so that one who cannot be reached is told before everything was planned."""
        if self._client is None:
            self._reach()

    def start(self, most: int | None = None) -> Executor:
        """Return an executor over the good workers; a worker that dies is Dask's to replace."""
        self.expect(1)
        executor: Executor = self._client.get_executor(
            workers=self._chosen(most), allow_other_workers=False, retries=1, pure=False
        )
        return executor

    def _chosen(self, most: int | None) -> list[str] | None:
        """Return the workers that tasks are kept to. Where all are good, one that is started anew may join."""
        return self._good[:most] if self.refused or most else None

    def _reach(self) -> None:
        try:
            from distributed import Client
            from distributed.versions import VersionMismatchWarning
        except ImportError as problem:
            raise WorkbookError("no-cluster-extra") from problem
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", VersionMismatchWarning)  # ours is stricter, and names the worker
                self._client = Client(self._address, timeout=_SECONDS_TO_REACH, set_as_default=False)
        except (OSError, ValueError) as problem:
            raise NotStartedError("cluster-unreachable", address=self._address, detail=str(problem)) from problem
        self.callback(_close, self._client)
        theirs = self._client.run(versions, on_error="return")
        reasons = {address: _why_not(found) for address, found in theirs.items()}
        self._good = [address for address, reason in reasons.items() if not reason]
        self.refused = tuple(f"{address}: {reason}" for address, reason in reasons.items() if reason)
        if not self._good:
            detail = "; ".join(self.refused) or "none is connected"
            raise NotStartedError("no-worker", address=self._address, detail=detail)
        self.workers = len(self._good)
        self._last_seen = time.monotonic()


def _close(client: Any) -> None:
    with suppress(Exception):  # its scheduler may be gone
        client.close(timeout=_SECONDS_TO_LEAVE)


def _why_not(found: Mapping[str, str] | BaseException) -> str:
    return repr(found) if isinstance(found, BaseException) else differences(found, versions())


def makers_for(executor: str, workers: int | None, kinds: Sequence[str]) -> Makers:
    """Return who makes reports of these kinds: ``local``, or ``dask:ADDRESS``. WorkbookError for anything else."""
    if executor == "local":
        return LocalMakers(workers, kinds)
    if re.fullmatch(rf"{DASK}(\w+://)?[^/\s]+:\d+", executor):
        return DaskMakers(executor.removeprefix(DASK))
    raise WorkbookError("unknown-executor", name=executor)
