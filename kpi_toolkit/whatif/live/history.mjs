/** The steps of a session, which undo and redo walk through. */

/** Whether two states are the same. @param {State} a @param {State} b */
export const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** States one after another: undo and redo walk through them. */
export class History {
  /** @param {State} first */
  constructor(first) { this.states = [first]; this.at = 0; }
  get now() { return this.states[this.at]; }
  get canUndo() { return this.at > 0; }
  get canRedo() { return this.at < this.states.length - 1; }
  /** @param {State} state */
  push(state) {
    if (alike(state, this.now)) return;
    this.states = [...this.states.slice(0, this.at + 1), state];
    this.at += 1;
  }
  /** Change the newest state without a step of its own: one drag is one step. @param {State} state */
  amend(state) { this.states = [...this.states.slice(0, this.at), state]; }
  undo() { if (this.canUndo) this.at -= 1; return this.now; }
  redo() { if (this.canRedo) this.at += 1; return this.now; }
}
