// @ts-check
/**
 * The shapes that the files here share; there is nothing in it to run. `whatif/session.py` makes a `Data`.
 *
 * @typedef {[bigint, bigint]} Exact a fraction, its denominator positive
 * @typedef {string} Written an exact fraction as text: `5/2`; whole ones without a denominator
 * @typedef {Record<string, string>} Named by language
 * @typedef {string} Language
 * @typedef {{name: string, tag: string}} Spoken a language: its name in its own words, and what pages call it
 *
 * @typedef {[Written|null, boolean, Written, Written]} Piece start, whether it begins after that, level and slope
 * @typedef {object} Curve a curve as straight pieces
 * @property {string} by what it looks at: `actual`, `attainment`, `margin` or `margin_percent`
 * @property {string} direction
 * @property {[Written, Piece[]][]} columns by the appraiser's view
 * @property {Written|null} step
 * @property {string} counted which steps count: `parts`, `full` or `started`; empty without steps
 * @property {boolean} points whether steps are points of the form, so that the curve depends on the weight
 *
 * @typedef {object} Item an indicator of a role; weight and cap in hundredths
 * @property {string} id
 * @property {Named} name
 * @property {string} kind its class, by which it is coloured
 * @property {string} side `process` or `result`
 * @property {number} weight
 * @property {string|null} block
 * @property {boolean} counted whether the role's method lets it count
 * @property {boolean} outside whether its points stand outside the weights
 * @property {boolean} may_weigh_nothing whether a design may leave it without a weight
 * @property {number|null} cap
 * @property {[string, number]|null} gate what a veto does beyond its own indicator, and the limit in hundredths
 * @property {boolean} scaled whether its score depends on a target that can be moved
 * @property {number|null} error the variance of error of its ratings (points²); null where none is known or enters
 * @property {number} own_targets how many people have a target of their own for this cycle
 * @property {Curve} curve
 *
 * @typedef {{rows: number[][], least: number[], start: number[], free: number[][]}} Walk weights within statements:
 *   bounds, where a walk through them starts, and the directions in which it may go
 * @typedef {{id: string, name: Named, joined: boolean, geometric: boolean, combined: boolean, items: Item[],
 *   walk: Walk|null}} Role `joined`: put together of two roles that somebody held, and moved with them only
 * @typedef {[number, Written|null, Written|null, Written|null]} Line score in millionths, value, aim and view
 *
 * @typedef {object} Member somebody with scores: a person of this cycle, or one of the cycle before
 * @property {number} role
 * @property {string} team empty for people in none
 * @property {number} adjustment in hundredths
 * @property {Line[]} lines in the order of the role's form
 * @property {number[]} [fixed] of the cycle before: lines whose target was agreed with the person and moves no more
 *
 * @typedef {object} OfThisCycle
 * @property {string} id
 * @property {string|Named} name
 * @property {string} pool empty for people in none
 * @property {number|null} previous
 * @property {number|null} [past] the person's place among those of the cycle before
 * @property {boolean} exempt
 * @property {[string, string, boolean]|null} [decided] the tiers a meeting moved the person from and to, and whether a
 *   step of that was into the bottom tier
 * @property {[number|null, number|null, string|null, string]} agreed score, rank, tier and reason as Python has them
 * @property {[string, string, boolean, number[], boolean]|null} [sure] how sure that is as agreed: the verdict, what it
 *   rests on, whether it always holds, the shares drawn, and whether the doubt about ratings is the larger one
 * @typedef {Member & OfThisCycle} Person
 *
 * @typedef {object} Rules the rules that scores become tiers by; numbers are hundredths but for head counts
 * @property {number} item_cap
 * @property {number|null} total_cap null: the cap of an indicator holds for the total too
 * @property {string} missing
 * @property {number} least_weight below this share of the weight filled in nobody is ranked; 0: no bound
 * @property {number} neutral
 * @property {number} team_share
 * @property {Written[]} shares of the three tiers
 * @property {string} rule
 * @property {number} min_group
 * @property {number} advisory_below
 * @property {number|null} pass_line
 * @property {string} tie
 * @property {string[]} tie_break
 * @property {Record<string, number>} before people ranked in earlier cycles, by pool
 *
 * @typedef {{weights: string, concentration: number, draws: number, seed: number, closed: boolean}} DoubtRules
 * @typedef {object} Data one cycle, ready to be worked out under any state
 * @property {number} schema
 * @property {string} client
 * @property {string} cycle
 * @property {number} version
 * @property {string} design its fingerprint
 * @property {Rules} rules
 * @property {DoubtRules} doubt
 * @property {Role[]} roles
 * @property {Person[]} people
 * @property {Member[]} [past]
 *
 * @typedef {object} State what a scenario may move, by role and indicator
 * @property {number[][]} weights in hundredths
 * @property {number[][]} targets in hundredths of a per cent of those agreed
 * @property {(number|null)[][]} caps
 * @property {number} itemCap
 * @property {Written[]} shares
 *
 * @typedef {object} Pool
 * @property {string} id
 * @property {number} n
 * @property {number[]} quotas
 * @property {number[]} counts
 * @property {boolean} tiered
 * @property {boolean} advisory
 * @property {number[]} members
 *
 * @typedef {object} Outcome by person
 * @property {Int32Array} centi -1 without a score
 * @property {Int32Array} rank 0 without one
 * @property {Int8Array} tier 0, 1, 2, or -1 for none
 * @property {Int8Array} before the tier before the meeting where its decision holds, else -1
 * @property {number[]} overturned whose decision does not hold
 * @property {string[]} reason
 * @property {number[]} order
 * @property {Pool[]} pools
 * @property {number[][]} scores by indicator, in millionths
 * @property {string[][]} states by indicator
 *
 * @typedef {object} Move what a control sets: part of a role's indicator, or (role -1) of the whole design
 * @property {number} role
 * @property {number} [item]
 * @property {"weight"|"target"|"cap"|"share"|"itemCap"} part
 *
 * @typedef {Record<string, Record<string, number>>} ByItem by role and indicator
 * @typedef {{weights?: ByItem, targets?: ByItem, caps?: ByItem, item_cap?: number|null, shares?: number[]}} Changes
 * @typedef {{role: string, method: string, said: string, consistency?: string|number|null}} Elicited
 * @typedef {object} Told a scenario as Python hands it over
 * @property {string} id
 * @property {Named} name
 * @property {Changes} changes
 * @property {string} [asked_by]
 * @property {string} [why]
 * @property {Elicited[]} [elicited]
 * @typedef {object} Scenario
 * @property {State} state
 * @property {Named} name
 * @property {string} [asked_by]
 * @property {string} [why]
 * @property {Elicited[]} [elicited]
 * @typedef {Required<Scenario> & {key: string, safe: boolean}} Kept `safe` once nothing of it can be lost
 *
 * @typedef {Record<string, string | {one?: string, other: string}>} Texts
 * @typedef {object} Page all that a page shows (`pages/whatif_page.py`)
 * @property {Data} session
 * @property {Named} name
 * @property {Named} cycle
 * @property {Language[]} languages
 * @property {Record<Language, Spoken>} spoken
 * @property {number} near
 * @property {Record<string, string>} brand
 * @property {Record<string, string>} colours by class
 * @property {Record<string, Named>} pools
 * @property {Told[]} scenarios
 * @property {Record<Language, string[]>} notes what is said of people who were there for a part of the cycle
 * @property {Record<Language, Texts>} words
 */

export {};
