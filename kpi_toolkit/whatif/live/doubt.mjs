// @ts-check
/** How often each tier comes out under drawn weights: coarse at once, fine soon after, beside the page's own work. */

import { WORKING, accept, prepared } from "./drawing.mjs";

/** @import { Counted, Drawing } from "./drawing.mjs" */

/** Draws after which a first picture is told. */
const COARSE = 1000;

/** What the Worker runs: the same functions, and a loop that always answers the newest question first. */
export function workerSource() {
  const loop = `
let newest = 0;
onmessage = ({ data: { ticket, drawing } }) => {
  newest = ticket;
  const { samplers, found } = prepared(drawing), coarse = Math.min(${COARSE}, drawing.draws);
  let done = 0;
  const go = () => {
    if (ticket !== newest) return;
    const to = Math.min(done + coarse, drawing.draws);
    accept(drawing, samplers, done, to, found);
    done = to;
    if (done === coarse || done === drawing.draws) postMessage({ ticket, found, draws: done });
    if (done < drawing.draws) setTimeout(go, 0);
  };
  go();
};`;
  return WORKING.map((part) => part.toString()).join("\n") + loop;
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
    else this._slices(drawing, this.ticket);
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
        if (this.last) this._slices(this.last, this.ticket);
      };
    } catch {
      this.worker = null;
    }
  }

  /** @param {Drawing} drawing @param {number} ticket */
  _slices(drawing, ticket) {
    const { samplers, found } = prepared(drawing);
    let done = 0, told = 0;
    const go = () => {
      if (ticket !== this.ticket) return;
      for (const end = performance.now() + 6; done < drawing.draws && performance.now() < end;) {
        accept(drawing, samplers, done, Math.min(done + 20, drawing.draws), found);
        done = Math.min(done + 20, drawing.draws);
      }
      if (done === drawing.draws || (!told && done >= COARSE)) this.told(found, (told = done));
      if (done < drawing.draws) setTimeout(go, 0);
    };
    setTimeout(go, 0);
  }

  /** Whatever is still being drawn is of no use any more. */
  forget() { this.ticket += 1; }

  close() {
    this.forget();
    this.worker?.terminate();
  }
}
