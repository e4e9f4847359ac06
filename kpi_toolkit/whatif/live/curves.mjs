// @ts-check
/** What a number scores: curves as straight pieces (`method/curves.py`). */

import {
  HUNDRED, MICRO, NONE, fraction, less, minus, over, plus, roundHalfUp, same, size, times,
} from "./numbers.mjs";

/** @import { Curve, Exact, Item, Piece, Written } from "./types.mjs" */

/**
 * How far a target was reached, in per cent; null stands for "better than any number".
 * @param {Exact} actual @param {Exact} target @param {string} direction @returns {Exact|null}
 */
function attainment(actual, target, direction) {
  if (direction === "higher") return times(HUNDRED, over(actual, target));
  if (direction === "target") {
    const off = over(size(plus(actual, minus(target))), size(target));
    return times(HUNDRED, plus([1n, 1n], minus(off)));
  }
  if (actual[0] <= 0n) return target[0] === 0n ? HUNDRED : null;
  return times(HUNDRED, over(target, actual));
}

/** @param {string} by @param {Exact} actual @param {Exact} target @param {string} direction @returns {Exact|null} */
function measure(by, actual, target, direction) {
  if (by === "actual") return actual;
  if (by === "attainment") return attainment(actual, target, direction);
  const gap = plus(actual, minus(target));
  const better = direction === "higher" ? gap : minus(direction === "lower" ? gap : size(gap));
  return by === "margin" ? better : times(HUNDRED, over(better, size(target)));
}

/** @param {Exact} value @param {Written} step @param {string} counted @returns {Exact} */
function stepped(value, step, counted) {
  const steps = over(value, fraction(step));
  if (counted === "parts") return steps;
  const [n, d] = size(steps);
  const whole = counted === "full" ? n / d : (n + d - 1n) / d;
  return [steps[0] < 0n ? -whole : whole, 1n];
}

/**
 * What the curve is read at.
 * @param {Curve} curve @param {Written} value @param {Written|null} aim @param {number} weight
 */
function readAt(curve, value, aim, weight) {
  const at = measure(curve.by, fraction(value), fraction(aim ?? "0"), curve.direction);
  const steps = at && curve.step ? stepped(at, curve.step, curve.counted) : at;
  // A point of the form, in per cent of it.
  return steps && curve.points && weight ? times(steps, [10_000n, BigInt(weight)]) : steps;
}

/** @param {Curve} curve @param {Written|null} view @returns {Piece[]} */
function piecesFor({ columns }, view) {
  const seen = fraction(view ?? "0");
  return ([...columns].reverse().find(([start]) => !less(seen, fraction(start))) ?? columns[0])[1];
}

/** @param {Piece[]} pieces @param {Exact} at @returns {Exact} */
function readOff(pieces, at) {
  let piece = pieces[0];
  for (const other of pieces.slice(1)) {
    if (other[0] === null) break;
    const start = fraction(other[0]);
    if (less(at, start) || (other[1] && same(at, start))) break;
    piece = other;
  }
  return plus(fraction(piece[2]), times(fraction(piece[3]), at));
}

/**
 * The score in millionths, from 0 to the cap (what stands outside the weights may be below 0).
 * @param {Item} item @param {Written} value @param {Written|null} aim @param {Written|null} view
 * @param {number} cap @param {number} weight
 */
export function scoreMicro(item, value, aim, view, cap, weight) {
  const limit = BigInt(cap) * 10_000n, pieces = piecesFor(item.curve, view), last = pieces[pieces.length - 1];
  const at = readAt(item.curve, value, aim, weight);
  if (at === null && fraction(last[3])[0] > 0n) return Number(limit);
  let score = at === null ? fraction(last[2]) : readOff(pieces, at);
  if (score[0] < 0n && !item.outside) score = NONE;
  const micro = roundHalfUp(score, BigInt(MICRO));
  return Number(micro < limit ? micro : limit);
}
