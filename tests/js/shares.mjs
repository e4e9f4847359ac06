// Reads cycles as JSON lines from stdin and writes, for each person, how often each tier came out.
import { createInterface } from "node:readline";
import { drawingOf } from "../../kpi_toolkit/whatif/live/drawing.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";
import { acceptability } from "./drawn.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  const data = JSON.parse(line), session = new Session(data);
  const counts = acceptability(drawingOf(session, session.agreed, session.evaluate(session.agreed)));
  console.log(JSON.stringify(data.people.map((_, at) => [0, 1, 2].map((tier) => counts[at * 3 + tier] / data.doubt.draws))));
}
