// Reads cycles with moved weights (hundredths, by role) as JSON lines and writes each person's verdict and its shares.
import { createInterface } from "node:readline";
import { drawingOf } from "../../kpi_toolkit/whatif/live/drawing.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";
import { verdicts } from "../../kpi_toolkit/whatif/live/verdict.mjs";
import { counted } from "./drawn.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  const { data, weights } = JSON.parse(line), session = new Session(data);
  const state = { ...session.agreed, weights }, now = session.evaluate(state);
  const found = counted(drawingOf(session, state, now)), told = verdicts(session, state, now, found, data.doubt.draws);
  console.log(JSON.stringify(told.map((own, at) => own && {
    ...own, tier: now.tier[at], rule: found.counts[at * 3 + now.tier[at]] / data.doubt.draws,
    truth: found.truths ? found.chances[at * 3 + now.tier[at]] / found.truths : null,
  })));
}
