// Reads cycles with rows of weights as JSON lines from stdin and writes, for each row, everybody's score and tier.
import { createInterface } from "node:readline";
import { drawingOf } from "../../kpi_toolkit/whatif/live/drawing.mjs";
import { countDraw } from "../../kpi_toolkit/whatif/live/placing.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";

for await (const line of createInterface({ input: process.stdin })) {
  const { data, rows } = JSON.parse(line), session = new Session(data), n = data.people.length;
  const drawing = drawingOf(session, session.agreed, session.evaluate(session.agreed));
  console.log(JSON.stringify(rows.map((weights) => {
    const [own, whole, centi] = [0, 1, 2].map(() => new Float64Array(n)), counts = new Float64Array(n * 3);
    countDraw(drawing, weights, { own, whole, centi, ranked: [] }, counts);
    return data.people.map((_, at) => [centi[at], [0, 1, 2].find((tier) => counts[at * 3 + tier]) ?? 3]);
  })));
}
