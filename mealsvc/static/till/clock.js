// The device's clock against the server's: measured, watched for jumps, and judged for each entry.

import { dayOf } from "./words.js";

export const LIMIT_MS = 5 * 60 * 1000; // the server's own tolerance
const BACK_MS = 30 * 1000; // less than that is a clock being set right by the network
const SLOW_MS = 8 * 1000; // an answer that took longer says little about the time

/**
 * @typedef {{offsetMs: number|null, checkedAt: string|null, lastWall: number, turns: number}} Kept
 * @param {Partial<Kept>|null} kept what the last page left behind
 * @param {{wall: () => number, steady: () => number}} hands
 */
export function createClock(kept, hands) {
  const { wall, steady } = hands;
  let offsetMs = kept && kept.offsetMs !== undefined ? kept.offsetMs : null;
  let checkedAt = (kept && kept.checkedAt) || null;
  let turns = (kept && kept.turns) || 0; // how often the wall clock was seen to go back
  let suspect = ""; // "", "back" or "ahead": what was seen since the last measurement
  let anchor = { wall: wall(), steady: steady() };
  let highest = (kept && kept.lastWall) || 0;

  function turnedBack() {
    turns += 1;
    suspect = "back";
  }

  /** Looks at both hands; to be called often. */
  function observe() {
    const now = wall();
    const drift = now - anchor.wall - (steady() - anchor.steady);
    if (drift < -BACK_MS || now < highest - BACK_MS) {
      turnedBack();
      anchor = { wall: now, steady: steady() };
      highest = now;
    } else if (drift > LIMIT_MS && !suspect) {
      suspect = "ahead"; // set forward, or the device slept: the next measurement tells
    }
    highest = Math.max(highest, now);
  }

  /** The server said its time in an answer that took `tookMs`. @returns {boolean} taken */
  function measure(serverTime, tookMs) {
    const server = Date.parse(serverTime);
    if (Number.isNaN(server) || (tookMs > SLOW_MS && offsetMs !== null)) return false;
    observe();
    const now = wall();
    offsetMs = Math.round(server - (now - tookMs / 2));
    checkedAt = new Date(server).toISOString();
    suspect = "";
    anchor = { wall: now, steady: steady() };
    highest = now;
    return true;
  }

  return {
    observe,
    measure,
    now: () => wall() + (offsetMs || 0),
    /** What an entry remembers of the clock under which it was made. */
    stamp() {
      observe();
      return { deviceTime: wall(), offsetMs, suspect, turns };
    },
    measured: () => ({ offsetMs: offsetMs || 0, turns }),
    shown: () => ({
      ok: offsetMs !== null && !suspect && Math.abs(offsetMs) <= LIMIT_MS,
      offsetMs,
      checkedAt,
    }),
    kept: () => ({ id: "clock", offsetMs, checkedAt, lastWall: highest, turns }),
  };
}

/**
 * Whether the time of an entry can't be trusted, seen from a measurement made after it.
 * @param {{deviceTime: number, offsetMs: number|null, suspect: string, turns: number, day: string}} entry
 * @param {{offsetMs: number, turns: number}} measured
 */
export function isDoubtful(entry, measured) {
  const moved = Math.abs(measured.offsetMs - (entry.offsetMs || 0)) > LIMIT_MS;
  const turned = entry.suspect === "back" || entry.turns !== measured.turns;
  return moved || turned || dayOf(entry.deviceTime + measured.offsetMs) !== entry.day;
}
