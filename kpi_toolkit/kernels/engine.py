"""A papermill engine over warm kernels: ``kpi``. Limits on time, memory and output; one save, when it has ended.

``papermill --engine kpi ...`` and ``papermill.execute_notebook(..., engine_name="kpi")`` give papermill's own results.
Nothing of papermill is imported here: it loads this module while it is being imported itself.
"""

from __future__ import annotations

from typing import Any

from kpi_toolkit.kernels.limits import Limits

_QUIET = ("--IPKernelApp.log_level=40", "--HistoryManager.enabled=False")


class KpiEngine:
    """Runs each notebook in a warm kernel that is used once."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,  # noqa: ARG003 - papermill saves by itself once this has returned
        *,
        progress_bar: bool = True,
        log_output: bool = False,
        start_timeout: int = 60,
        limits: Limits | None = None,
        **options: Any,
    ) -> Any:
        """Return the executed notebook with papermill's own notes. LimitError for what takes more than it may."""
        from papermill.engines import NotebookExecutionManager
        from papermill.log import logger

        from kpi_toolkit.kernels.client import LimitedClient, private_kernels

        given = limits or Limits()
        known = {name: value for name, value in options.items() if name in LimitedClient.class_trait_names()}
        notes = NotebookExecutionManager(nb, None, log_output, progress_bar)
        notes.notebook_start()
        try:
            with private_kernels(given) as manager:
                LimitedClient(
                    notes, given, kernel_name=kernel_name, kernel_manager_class=manager,
                    startup_timeout=start_timeout, extra_arguments=list(_QUIET), shutdown_kernel="immediate",
                    log=logger, log_output=log_output, **known,
                ).execute()  # fmt: skip
        finally:
            notes.cleanup_pbar()
            notes.notebook_complete()
        return notes.nb

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the name of a notebook's kernel."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Return the language of a notebook."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))
