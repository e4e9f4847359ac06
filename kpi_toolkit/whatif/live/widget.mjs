// @ts-check
/** Where a session opens: as an anywidget in JupyterLab and Voilà, and in the delivered page. */

import { View } from "./view.mjs";

/** @import { Page } from "./types.mjs" */

/**
 * @typedef {{get: (name: string) => any, set: (name: string, value: unknown) => void, save_changes: () => void,
 *   on: (name: string, listener: () => void) => void, off: (name: string, listener: () => void) => void}} Model
 */

/** What a session is of. @param {Page} page */
const named = ({ session }) => `${session.client} ${session.cycle} ${session.design}`;

/** What `anywidget` calls in JupyterLab and Voilà: Python hears of every change, the newest first. */
export default {
  /** @param {{model: Model, el: HTMLElement}} given */
  render({ model, el }) {
    const root = document.createElement("div");
    /** @type {View|null} */
    let view = null;
    let waiting = 0;
    /** @type {unknown} */
    let telling = null;
    const tell = () => {
      waiting = 0;
      model.set("told", telling);
      model.save_changes();
    };
    const onchange = (/** @type {unknown} */ told) => { telling = told; waiting ||= setTimeout(tell, 60); };
    const open = () => {
      const data = model.get("data");
      if (view && named(view.page) === named(data)) return view.keepAll(data.scenarios);
      view?.close();
      view = new View(root, data, { language: model.get("language"), embedded: true, driven: true, onchange });
    };
    const heard = {
      data: open, language: () => view?.speak(model.get("language")), role: () => view?.turnTo(model.get("role")),
      ask: () => { if (model.get("ask").changes) view?.ask(model.get("ask").changes); },
    };
    el.append(root);
    open();
    heard.role();
    heard.ask();
    for (const [name, listener] of Object.entries(heard)) model.on(`change:${name}`, listener);
    return () => {
      for (const [name, listener] of Object.entries(heard)) model.off(`change:${name}`, listener);
      clearTimeout(waiting);
      view?.close();
      root.remove();
    };
  },
};

/** The session of the page that this stands in, if it holds one's data. */
function openPage() {
  const block = document.getElementById("kpi-what-if-data"), root = document.getElementById("kpi-what-if");
  if (!block || !root) return;
  const page = /** @type {Page} */ (JSON.parse(block.textContent ?? "")), of = named(page);
  const last = history.state?.of === of ? history.state : undefined;
  const { language, embedded } = root.dataset, asked = last?.language ?? (location.hash.slice(1) || language);  // #en
  const told = [asked, language].find((each) => page.languages.includes(each));
  // The tab's own history entry outlives a reload, and a browser that is opened again; no other page can read it.
  const view = new View(root, page, {
    language: told, embedded: embedded === "yes", memory: last,
    onremember: (memory) => history.replaceState({ of, ...memory }, ""),
  });
  window.addEventListener("beforeprint", () => view.onprint(true));
  window.addEventListener("afterprint", () => view.onprint(false));
  root.dataset.ready = "yes";
}

if (typeof document !== "undefined") openPage();
