// @ts-check
/** The steps of a session, which undo and redo walk through. */

/** @import { State } from "./types.mjs" */

/** Whether two values are the same. @template T @param {T} a @param {T} b */
export const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** States one after another, one of them now: never changed, made anew. */
export class History {
  /** @param {State[]} states @param {number} at */
  constructor(states, at = 0) {
    this.states = states;
    this.at = at;
  }

  get now() { return this.states[this.at]; }
  get canUndo() { return this.at > 0; }
  get canRedo() { return this.at < this.states.length - 1; }

  /** @param {State} state */
  push(state) {
    return alike(state, this.now) ? this : new History([...this.states.slice(0, this.at + 1), state], this.at + 1);
  }

  /** The newest state changed without a step of its own: one drag is one step. @param {State} state */
  amend(state) { return new History([...this.states.slice(0, this.at), state], this.at); }
  undo() { return this.canUndo ? new History(this.states, this.at - 1) : this; }
  redo() { return this.canRedo ? new History(this.states, this.at + 1) : this; }
}
