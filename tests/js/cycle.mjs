// A made-up cycle of one role, as Python would hand it over.
export const item = (id, weight, more = {}) => ({
  id, name: { zh: id, en: id }, kind: "workload", side: "process", weight, block: null, counted: true, outside: false, cap: null, gate: null,
  scaled: true, own_targets: 0,
  curve: { by: "attainment", direction: "higher", step: null, counted: "", points: false, columns: [["0", [[null, false, "0", "1"]]]] }, ...more,
});

/** A cycle of one role: `scores` are whole points by person and indicator. */
export function cycle(weights, scores, rules = {}, doubt = {}) {
  const items = weights.map((weight, i) => item(`i${i}`, weight));
  return {
    schema: 1, client: "acme", cycle: "2026-10", version: 3, design: "0123456789abcdef",
    rules: { item_cap: 10_000, total_cap: null, missing: "leave_out", least_weight: 0, neutral: 10_000, team_share: 0, shares: ["20", "70", "10"], rule: "largest_remainder",
      min_group: 2, advisory_below: 10, pass_line: null, tie: "better", tie_break: [], before: {}, ...rules },
    doubt: { weights: "uniform", concentration: 50, draws: 20_000, seed: 7, ...doubt },
    roles: [{ id: "r", name: { zh: "r", en: "r" }, geometric: false, combined: true, items, walk: null }],
    people: scores.map((own, at) => ({ id: `p${at}`, name: `P${at}`, role: 0, team: "", pool: "all", adjustment: 0, previous: null, exempt: false,
      lines: own.map((score) => [score * 1e6, String(score), "100", null]), agreed: [null, null, null, "rank"] })),
  };
}
