"""Around a form in a notebook: its keys are no commands of JupyterLab, a double click presses once."""

from __future__ import annotations

import anywidget
import ipywidgets as w


class _Frame(anywidget.AnyWidget):  # type: ignore[misc]
    """Nothing to see. Without it a letter in a list inserts a cell or deletes the form, and an arrow leaves it."""

    _esm = """
    export default {
      render({ el }) {
        const set = (left) => {
          const output = el.closest(".jp-OutputArea-child");
          if (!output && left) requestAnimationFrame(() => set(left - 1));
          if (!output) return;
          for (const name of ["keydown", "keyup", "keypress"])
            output.addEventListener(name, (key) => key.stopPropagation());
          // A double click presses once: the second press would answer what the first has done already.
          output.addEventListener("click", (press) => {
            if (press.detail > 1 && press.target.closest(".jupyter-button")) press.stopImmediatePropagation();
          }, true);
          if (!document.querySelector("main,[role=main]")) el.closest("body > *")?.setAttribute("role", "main");
        };
        set(600);
      },
    };
    """


def framed(*parts: w.Widget) -> w.VBox:
    """Return the parts of a form, one below the other."""
    return w.VBox([*parts, _Frame()])
