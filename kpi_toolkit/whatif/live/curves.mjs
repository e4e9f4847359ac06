/** What a number scores: curves as straight pieces (`method/curves.py`). */

import {
  HUNDRED, MICRO, NONE, fraction, less, minus, over, plus, roundHalfUp, same, size, times,
} from "./numbers.mjs";

/** What a curve looks at; null stands for "better than any number". @returns {Exact|null} */
function measure(by, actual, target, direction) {
  if (by === "actual") return actual;
  if (by === "attainment") {
    if (direction === "higher") return times(HUNDRED, over(actual, target));
    if (direction === "target") {
      return times(HUNDRED, plus([1n, 1n], minus(over(size(plus(actual, minus(target))), size(target)))));
    }
    if (actual[0] <= 0n) return target[0] === 0n ? HUNDRED : null;
    return times(HUNDRED, over(target, actual));
  }
  const gap = plus(actual, minus(target));
  const better = direction === "higher" ? gap : direction === "lower" ? minus(gap) : minus(size(gap));
  return by === "margin" ? better : times(HUNDRED, over(better, size(target)));
}

/** @param {Exact} value @param {any} curve @returns {Exact} */
function stepped(value, curve) {
  const steps = over(value, fraction(curve.step));
  if (curve.counted === "parts") return steps;
  const [n, d] = size(steps);
  const whole = curve.counted === "full" ? n / d : (n + d - 1n) / d;
  return [steps[0] < 0n ? -whole : whole, 1n];
}

/** The score in millionths, from 0 to the cap (what stands outside the weights may be below 0). */
export function scoreMicro(item, value, aim, view, cap, weight) {
  const curve = item.curve, limit = BigInt(cap) * 10_000n;
  let at = measure(curve.by, fraction(value), fraction(aim ?? "0"), curve.direction);
  if (at && curve.step) at = stepped(at, curve);
  if (at && curve.points && weight) at = times(at, [10_000n, BigInt(weight)]); // a point of the form, in per cent of it
  let column = 0;
  if (curve.columns.length > 1) {
    const seen = fraction(view);
    curve.columns.forEach(([start], place) => { if (!less(seen, fraction(start))) column = place; });
  }
  const pieces = curve.columns[column][1], last = pieces[pieces.length - 1];
  let score;
  if (at === null) {
    if (fraction(last[3])[0] > 0n) return Number(limit);
    score = fraction(last[2]);
  } else {
    let piece = pieces[0];
    for (const other of pieces.slice(1)) {
      if (other[0] === null) break;
      const start = fraction(other[0]);
      if (less(at, start) || (other[1] && same(at, start))) break;
      piece = other;
    }
    score = plus(fraction(piece[2]), times(fraction(piece[3]), at));
  }
  if (score[0] < 0n && !item.outside) score = NONE;
  const micro = roundHalfUp(score, BigInt(MICRO));
  return Number(micro < limit ? micro : limit);
}
