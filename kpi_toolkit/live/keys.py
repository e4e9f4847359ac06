"""Keys that are pressed in a form stay in it: JupyterLab takes a letter in a list, or an arrow, for a command."""

from __future__ import annotations

import anywidget


class KeysStay(anywidget.AnyWidget):  # type: ignore[misc]
    """Nothing to see: keys that are pressed in the output that it stands in go no further than that."""

    _esm = """
    export default {
      render({ el }) {
        const keep = (left) => {
          const output = el.closest(".jp-OutputArea-child");
          const stop = (name) => output.addEventListener(name, (key) => key.stopPropagation());
          if (output) ["keydown", "keyup", "keypress"].forEach(stop);
          else if (left) requestAnimationFrame(() => keep(left - 1));
        };
        keep(600);
      },
    };
    """
