"""JupyterLab on this machine only: with a token, a profile of its own, and nothing reachable but one folder.

The user's own Jupyter settings are neither read nor changed. What the profile keeps (layout, settings) lies in the
workbook's hidden folder ``.kpi/lab``.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from kpi_toolkit.clients.notebooks import without_outputs
from kpi_toolkit.clients.one_language import in_language
from kpi_toolkit.clients.scaffold import init_workbook
from kpi_toolkit.clients.storage import make_folder, write_file
from kpi_toolkit.clients.workbook import Workbook
from kpi_toolkit.live.welcome import NEW_CLIENT, START, desk_of, welcome
from kpi_toolkit.pages.words import Words

_PLACES = {
    "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces", "IPYTHONDIR": "ipython",
}  # fmt: skip
_SECONDS_TO_END = 10
_CLOSED = ("jupyter_server_terminals", "jupyter_lsp", "voila.server_extension")
"""Extensions of the server that a workbook needs not, and that reach further than its folder."""


def lay_desk(workbook: Workbook, words: Words, client: str = "") -> Path:
    """Make the folder that the browser shows, with its start page, and return it.

    For all clients it is the workbook. For one client it is a folder of its own that holds fresh copies of the
    notebooks, so that no name and no output of another client is in reach.
    """
    root, desk = workbook.root.resolve(), desk_of(workbook, client)
    if not (root / "notebooks").is_dir():  # somebody took them away; the page would lead nowhere
        init_workbook(root, language=words.language)
    if client:
        make_folder(desk / "notebooks")
        for path in sorted((workbook.root / "notebooks").glob("*.ipynb")):
            if path.stem == NEW_CLIENT:
                continue
            text = workbook.notebook(path.name).read_text("utf-8")
            write_file(desk / "notebooks" / path.name, in_language(without_outputs(text), words.language))
    write_file(desk / START, welcome(workbook, words, client))
    return desk


def profile(workbook: Workbook, words: Words, client: str = "") -> dict[str, str]:
    """Write the profile's settings and return the environment that a server and its kernels need."""
    home = workbook.root.resolve() / ".kpi" / "lab" / (client or "all clients")
    for place in _PLACES.values():
        make_folder(home / place)
    settings = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        # A kernel that died and came back knows no subshell of before: what the form asks there is never answered.
        "@jupyterlab/apputils-extension:kernels-settings": {"commsOverSubshells": "disabled"},
        # One press runs all cells; what a restart loses is what they make again, and nothing else is kept in a kernel.
        "@jupyterlab/apputils-extension:sessionDialogs": {"skipKernelRestartDialog": True},
        "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
        "@jupyterlab/translation-extension:plugin": {"locale": words.traits.lab},
    }
    write_file(home / "config" / "labconfig" / "default_setting_overrides.json", json.dumps(settings))
    quiet = {"IPKernelApp": {"log_level": 40}}  # its warnings would stand between our lines in the terminal
    write_file(home / "ipython" / "profile_default" / "ipython_kernel_config.json", json.dumps(quiet))
    names = {name: str(home / place) for name, place in _PLACES.items()}
    only = {"KPI_ONLY": client, "KPI_CLIENT": client} if client else {}
    return {**names, **only, "KPI_WORKBOOK": str(workbook.root.resolve()), "KPI_LANG": words.language}


def running(environment: dict[str, str]) -> str:
    """Return the address of a server that was started with this profile before; empty where there is none."""
    from jupyter_server.serverapp import list_running_servers

    servers = list_running_servers(environment["JUPYTER_RUNTIME_DIR"])
    return next((f"{each['url']}lab/tree/{START}?token={each['token']}" for each in servers), "")


def serve(desk: Path, environment: dict[str, str], *, browser: bool, ready: Callable[[str], None]) -> None:
    """Serve a desk until Ctrl-C. ``ready`` is told the address, token included, as soon as it is bound."""
    os.environ.update(environment)
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]
    from traitlets.config import Config

    warnings.simplefilter("ignore", DeprecationWarning)  # Jupyter's, of its own settings
    token = secrets.token_urlsafe()
    server = LabApp.initialize_server(argv=[], config=Config(_settings(desk, token, browser=browser)))
    # Its port is bound, and may have become another one, by what stands before this in the loop.
    server.io_loop.add_callback(lambda: ready(f"{server.connection_url}lab/tree/{START}?token={token}"))
    server.log.setLevel(60)  # what is said is said in the reader's language, by ``ready``
    asked = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _within_limit(signal.getsignal(each), asked))
    try:
        server.start()
    except Exception:
        if not asked.is_set():  # else it was asked to end, and it does: a kernel that went first is no failure
            raise


def _within_limit(handler: Any, asked: threading.Event) -> Callable[[int, FrameType | None], None]:
    """Return a handler of a request to end that is also the last: Jupyter may wait minutes for a kernel that starts.

    The kernels end by themselves once their server is gone.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        asked.set()
        limit = threading.Timer(_SECONDS_TO_END, os._exit, (0,))
        limit.daemon = True
        limit.start()
        handler(number, frame)

    return handle


def _settings(desk: Path, token: str, *, browser: bool) -> dict[str, Any]:
    return {
        "Application": {"log_level": 50},
        "ServerApp": {
            "ip": "127.0.0.1", "root_dir": str(desk), "open_browser": browser, "answer_yes": True, "allow_root": True,
            "terminals_enabled": False, "jpserver_extensions": {"jupyterlab": True, **dict.fromkeys(_CLOSED, False)},
        },
        "IdentityProvider": {"token": token},
        "LabApp": {
            "default_url": f"/lab/tree/{START}", "news_url": None, "extension_manager": "readonly",
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        },
        "LabServerApp": {"notebook_starts_kernel": True},
    }  # fmt: skip
