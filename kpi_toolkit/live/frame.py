"""Around a form in a notebook: its keys are no commands of JupyterLab, a double click presses once."""

from __future__ import annotations

import anywidget
import ipywidgets as w
import traitlets

from kpi_toolkit.clients.language import spoken
from kpi_toolkit.clients.workbook import find_workbook
from kpi_toolkit.pages.words import Words


class _Frame(anywidget.AnyWidget):  # type: ignore[misc]
    """Nothing to see. Without it a letter in a list inserts a cell or deletes the form, and an arrow leaves it."""

    dead = traitlets.Unicode().tag(sync=True)

    _esm = """
    export default {
      render({ model, el }) {
        // A kernel that was started again does not know these fields any more: what is pressed goes nowhere.
        model.on("comm_live_update", () => {
          el.setAttribute("role", "alert");
          el.textContent = model.get("dead");
          el.style.cssText = "color:var(--jp-error-color0,#b71c1c);font-weight:600;padding:6px 0";
        });
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


def framed(*parts: w.Widget, words: Words | None = None) -> w.VBox:
    """Return the parts of a form, one below the other; ``words`` (the system's) say that the kernel is gone."""
    return w.VBox([*parts, _Frame(dead=(words or Words(spoken(), find_workbook()))("frame.dead"))])
