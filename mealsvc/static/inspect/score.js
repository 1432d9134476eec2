// Score and grade as the server computes them, for a preview on the phone. Pure; a test holds both
// to the same results.

const HALVES = { PASS: 2, PARTIAL: 1, FAIL: 0 };
const GRADES = [
  ["A", 90],
  ["B", 75],
  ["C", 60],
  ["D", 0],
];

/**
 * @param {{code: string, weight: number, critical: boolean}[]} items
 * @param {Record<string, string>} results code → PASS, PARTIAL, FAIL or NA
 * @returns {{points: ?number, grade: string, failedKey: string[], applicable: number}} points in tenths
 */
export function score(items, results) {
  let halves = 0;
  let weight = 0;
  let applicable = 0;
  const failedKey = [];
  for (const item of items) {
    const result = results[item.code];
    if (!(result in HALVES)) continue;
    halves += HALVES[result] * item.weight;
    weight += item.weight;
    applicable += 1;
    if (item.critical && result === "FAIL") failedKey.push(item.code);
  }
  if (!weight) return { points: null, grade: "", failedKey: [], applicable: 0 };
  const points = Math.floor((1000 * halves + weight) / (2 * weight));
  const earned = GRADES.find(([, least]) => 100 * halves >= least * 2 * weight)[0];
  return { points, grade: failedKey.length ? "D" : earned, failedKey: failedKey.sort(), applicable };
}

/** 925 → 92.5 */
export const shown = (points) => (points === null ? "" : (points / 10).toFixed(1));
