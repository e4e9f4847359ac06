/** Where a session opens: as an anywidget in JupyterLab and Voilà, and in the delivered page. */

import { View } from "./view.mjs";

/** What `anywidget` calls in JupyterLab and Voilà: Python hears of every change, the newest first. */
export default {
  render({ model, el }) {
    const root = document.createElement("div");
    let view = null, waiting = 0, telling = null;
    const tell = () => {
      waiting = 0;
      model.set("told", telling);
      model.save_changes();
    };
    const onchange = (told) => { telling = told; waiting ||= setTimeout(tell, 60); };
    const open = () => {
      const data = model.get("data"), named = ({ session }) => `${session.client} ${session.cycle} ${session.design}`;
      if (view && named(view.data) === named(data)) view.keepAll(data.scenarios);
      else {
        view?.close();
        view = new View(root, data, { language: model.get("language"), embedded: true, driven: true, onchange });
      }
    };
    const heard = {
      data: open, language: () => view.speak(model.get("language")), role: () => view.turnTo(model.get("role")),
      ask: () => { if (model.get("ask").changes) view.open(model.get("ask").changes); },
    };
    el.append(root);
    open();
    heard.role();
    heard.ask();
    for (const [name, listener] of Object.entries(heard)) model.on(`change:${name}`, listener);
    return () => {
      for (const [name, listener] of Object.entries(heard)) model.off(`change:${name}`, listener);
      clearTimeout(waiting);
      view.close();
      root.remove();
    };
  },
};

if (typeof document !== "undefined") {
  const block = document.getElementById("kpi-what-if-data"), root = document.getElementById("kpi-what-if");
  if (block && root) {
    const view = new View(root, JSON.parse(block.textContent), { language: root.dataset.language, embedded: root.dataset.embedded === "yes" });
    window.addEventListener("beforeprint", () => view.onprint(true));
    window.addEventListener("afterprint", () => view.onprint(false));
    root.dataset.ready = "yes";
  }
}
