/**
 * The shapes that the files here share; there is nothing in it to run.
 *
 * @typedef {[bigint, bigint]} Exact a fraction, its denominator positive
 * @typedef {{weights: number[][], targets: number[][], caps: (number|null)[][], itemCap: number, shares: string[]}} State
 *   weights, targets (hundredths of a per cent of those agreed) and caps by role and indicator; shares as fractions
 * @typedef {{centi: Int32Array, rank: Int32Array, tier: Int8Array, before: Int8Array, overturned: number[], reason: string[],
 *   order: number[], pools: Pool[], scores: number[][], states: string[][]}} Outcome `centi` is -1 without a score, `tier` 0,
 *   1, 2 or -1 for none; `before` the tier before the meeting where its decision holds, `overturned` where it does not
 * @typedef {{id: string, n: number, quotas: number[], counts: number[], tiered: boolean, advisory: boolean,
 *   members: number[]}} Pool
 */
