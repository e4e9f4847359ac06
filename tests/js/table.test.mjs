// What is typed into a line of the form, before it is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pairsOf } from "../../kpi_toolkit/live/form/table.mjs";

test("pairs of a curve are read with the signs of either language, and nothing that was typed is dropped", () => {
  const meant = [["50", "0"], ["80", "60"], ["130", "120"]];
  const lines = ["50 → 0; 80 → 60; 130 → 120", "50，0；80，60；130，120", "50→0，80→60，130→120", "50：0、80：60、130：120", "50 0, 80 60, 130 120",
    "50,0;80,60;130,120;", "50->0\n80->60\n130->120"];
  for (const line of lines) assert.deepEqual(pairsOf(line, 2), meant, line);
  assert.deepEqual(pairsOf("80，60", 2), [["80", "60"]]);
  assert.deepEqual(pairsOf("50,5 → 60; 80 → 60 70", 2), [["50,5", "60"], ["80", "60 70"]]);
  assert.deepEqual(pairsOf("80; 100", 2), [["80"], ["100"]]);
  assert.deepEqual(pairsOf(" ", 2), []);
});
