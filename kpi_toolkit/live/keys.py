"""Keys that are pressed in a form stay in it: JupyterLab takes a letter in a list, or an arrow, for a command."""

from __future__ import annotations

import anywidget


class KeysStay(anywidget.AnyWidget):  # type: ignore[misc]
    """Nothing to see: it marks the output that it stands in as one whose keys are no commands."""

    _esm = """
    export default {
      render({ el }) {
        const mark = (left) => {
          const output = el.closest(".jp-OutputArea-child");
          if (output) output.dataset.lmSuppressShortcuts = "true";
          else if (left) requestAnimationFrame(() => mark(left - 1));
        };
        mark(600);
      },
    };
    """
