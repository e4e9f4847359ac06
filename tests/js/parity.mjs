// Reads cases as JSON lines from stdin and writes, for each, what the module makes of them: official figures only.
import { createInterface } from "node:readline";
import { effects } from "../../kpi_toolkit/whatif/live/effects.mjs";
import { moved, withTiers } from "../../kpi_toolkit/whatif/live/moves.mjs";
import { scenarioOf } from "../../kpi_toolkit/whatif/live/scenarios.mjs";
import { Session } from "../../kpi_toolkit/whatif/live/session.mjs";

export function solve({ data, moves }) {
  const session = new Session(data), tell = (found) => data.people.map((_, at) => [
    found.centi[at] < 0 ? null : found.centi[at], found.rank[at] || null, ["top", "middle", "bottom"][found.tier[at]] ?? null, found.reason[at],
  ]);
  const agreed = session.evaluate(session.agreed);
  let state = session.agreed;
  for (const { locked, typed, ...move } of moves) {
    state = move.part === "tiers" ? withTiers(state, move.to) : moved(session, state, move, new Set(locked), undefined, new Set(typed));
  }
  const found = session.evaluate(state);
  const points = session.allPoints(state), counted = (found, state) => data.people.map(({ role }, at) =>
    state.weights[role].map((weight, i) => (["scored", "filled"].includes(found.states[at][i]) ? weight : 0)));
  const before = session.allPoints(session.agreed), [first, second] = [counted(agreed, session.agreed), counted(found, state)];
  const did = data.people.map((_, at) => effects(before[at], points[at], first[at], second[at]));
  return { agreed: tell(agreed), found: tell(found), points, effects: did, scores: found.scores, scenario: scenarioOf(session, state), weights: state.weights };
}

if (process.argv[1]?.endsWith("parity.mjs")) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim()) console.log(JSON.stringify(solve(JSON.parse(line))));
  }
}
