// All draws at once, and a spark in one go: what a page does a little at a time.
import { accept, prepared, sampler } from "../../kpi_toolkit/whatif/live/drawing.mjs";
import { sparkSteps } from "../../kpi_toolkit/whatif/live/sparks.mjs";

export function counted(drawing) {
  const { samplers, found } = prepared(drawing);
  accept(drawing, samplers, 0, drawing.draws, found);
  return found;
}

export const acceptability = (drawing) => counted(drawing).counts;

export function drawn(drawing, r, count) {
  const sample = sampler(drawing, r);
  return Array.from({ length: count }, (_, place) => [...sample(place)]);
}

export function spark(...given) {
  const steps = sparkSteps(...given);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
