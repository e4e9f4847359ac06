// @ts-check
/** How often each tier comes out under drawn weights: coarse at once, fine soon after, beside the page's own work. */

import { WORKING, counting } from "./drawing.mjs";

/** @import { Counted, Drawing } from "./drawing.mjs" */

/** Draws after which a first picture is told. */
const COARSE = 1000;
/** Milliseconds at a time: beside the page's own work, and in a Worker, which looks for a newer question between. */
const HERE = 6, APART = 100;

/** What the Worker runs: the same functions, and a listener that always answers the newest question first. */
export function workerSource() {
  const listener = `
let newest = 0;
onmessage = ({ data: { ticket, drawing } }) => {
  newest = ticket;
  const told = (found, draws) => postMessage({ ticket, found, draws });
  counting(drawing, ${COARSE}, ${APART}, () => ticket === newest, told);
};`;
  return WORKING.map((part) => part.toString()).join("\n") + listener;
}

/** Tier acceptability, in a Worker, or in slices here where it reports an error. */
export class Doubt {
  /** @param {(found: Counted, draws: number) => void} told */
  constructor(told) {
    this.told = told;
    this.ticket = 0;
    /** @type {Worker|null} */
    this.worker = null;
    this.tried = false;
    /** @type {Drawing|null} */
    this.last = null;
  }

  /** @param {Drawing} drawing */
  ask(drawing) {
    this.ticket += 1;
    this.last = drawing;
    if (!this.tried) this._open();
    if (this.worker) this.worker.postMessage({ ticket: this.ticket, drawing });
    else this._here(drawing);
  }

  _open() {
    this.tried = true;
    try {
      const url = URL.createObjectURL(new Blob([workerSource()], { type: "text/javascript" }));
      this.worker = new Worker(url);
      this.worker.onmessage = ({ data }) => { if (data.ticket === this.ticket) this.told(data.found, data.draws); };
      this.worker.onerror = (event) => {
        event.preventDefault?.();
        this.worker = null;
        if (this.last) this._here(this.last);
      };
    } catch {
      this.worker = null;
    }
  }

  /** @param {Drawing} drawing */
  _here(drawing) {
    const { ticket } = this;
    counting(drawing, COARSE, HERE, () => ticket === this.ticket, this.told);
  }

  /** Whatever is still being drawn is of no use any more. */
  forget() { this.ticket += 1; }

  close() {
    this.forget();
    this.worker?.terminate();
  }
}
