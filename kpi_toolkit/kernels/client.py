"""Driving one notebook through a warm kernel of its own, on sockets nobody else can reach, within limits."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty
from tempfile import TemporaryDirectory
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_path
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from traitlets import default

from kpi_toolkit.kernels import provisioner, warm
from kpi_toolkit.kernels.limits import LimitError, Limits, scratch_prefix

_MILLISECONDS_TO_RECONNECT = 4


class PromptClient(AsyncKernelClient):  # type: ignore[misc]
    """A client that is ready when its kernel is.

    jupyter_client's own always waits another 0.2 seconds, and ZeroMQ a tenth before it tries again to reach a kernel
    that is not listening yet.
    """

    @default("context")  # type: ignore[untyped-decorator]
    def _context_default(self) -> zmq.asyncio.Context:
        self._created_context = True
        context = zmq.asyncio.Context()
        context.setsockopt(zmq.RECONNECT_IVL, _MILLISECONDS_TO_RECONNECT)
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return once the kernel answers and its output is heard. LimitError where it ends or stays silent."""
        ends = time.monotonic() + (timeout or math.inf)
        while time.monotonic() < ends and await self.is_alive():
            self.kernel_info()
            with suppress(Empty):
                reply = await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=0.2)
                self._handle_kernel_info_reply(reply)
                return
        msg = "its kernel did not start: the machine is busy or out of memory; run it again, with --jobs 1 if need be"
        raise LimitError(msg)


class LimitedClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client, which stops a notebook that takes more than it may."""

    def __init__(self, nb_man: Any, limits: Limits, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self._limits = limits
        self._ends = time.monotonic() + limits.report_seconds
        self._output = 0
        self._stopping: asyncio.Future[None] | None = None
        self.timeout_func = self._seconds_left

    def _seconds_left(self, _: Any) -> int:
        return max(1, min(self._limits.cell_seconds, math.ceil(self._ends - time.monotonic())))

    def _name(self, cell_index: int) -> str:
        return f"code cell {sum(cell.cell_type == 'code' for cell in self.nb.cells[: cell_index + 1])}"

    def execute_cell(self, cell: Any, cell_index: int, *arguments: Any, **options: Any) -> Any:
        """Execute a cell. LimitError where its time, or that of the whole notebook, or the output's size is up."""
        try:
            if time.monotonic() < self._ends:
                return super().execute_cell(cell, cell_index, *arguments, **options)
        except CellTimeoutError as problem:
            if time.monotonic() < self._ends:
                msg = f"{self._name(cell_index)} ran longer than {self._limits.cell_seconds} seconds"
                raise LimitError(msg) from problem
        except DeadKernelError as problem:
            if self._stopping:
                msg = f"{self._name(cell_index)} brought the output above {self._limits.output_mb} MB"
                raise LimitError(msg) from problem
            raise
        msg = f"the report ran longer than {self._limits.report_seconds} seconds"
        raise LimitError(msg)

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take a message of the kernel, and end the kernel once all its output together is too large."""
        content = msg["content"]
        self._output += sum(len(str(part)) for part in (content.get("text", ""), *content.get("data", {}).values()))
        if self._output <= self._limits.output_mb * 2**20:
            return super().process_message(msg, cell, cell_index)
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self.km.provisioner.kill())
        return None


@contextmanager
def private_kernels(limits: Limits) -> Iterator[type]:
    """Give a manager of warm kernels that talk over sockets in a folder of their own.

    The folder also stands in for the user's IPython profile, so that no start-up file of theirs runs in a report.
    Windows has no such sockets; there the kernel listens on the loopback address, with a key.
    """
    with TemporaryDirectory(
        prefix=scratch_prefix(), dir=provisioner.short_folder(), ignore_cleanup_errors=True
    ) as folder:
        sockets = {} if os.name == "nt" else {"transport": "ipc", "ip": f"{folder}/kernel"}
        private = {"JUPYTER_RUNTIME_DIR": folder, "IPYTHONDIR": folder, warm.MEMORY: str(limits.memory_mb)}

        class PrivateKernelManager(AsyncKernelManager):  # type: ignore[misc]
            def __init__(self, **options: Any) -> None:
                known = f"{folder}/kernel.json"
                specs = KernelSpecManager(kernel_dirs=jupyter_path("kernels"))  # else it makes a folder ~/.ipython
                options = {"kernel_spec_manager": specs, "client_factory": PromptClient, **options}
                super().__init__(connection_file=known, **sockets, **options)

            async def _async_pre_start_kernel(self, **options: Any) -> Any:
                return await super()._async_pre_start_kernel(env=os.environ | private, **options)

            @property
            def kernel_spec(self) -> Any:
                spec = super().kernel_spec
                spec.metadata.setdefault("kernel_provisioner", {"provisioner_name": provisioner.NAME})
                return spec

            async def _async_interrupt_kernel(self) -> None:
                if not self.shutting_down:  # one that is being ended would have the time to complain of it
                    await super()._async_interrupt_kernel()

        yield PrivateKernelManager
