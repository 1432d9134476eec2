// The last servings as the screen lists them, and the count: the server's words and the device's own.

const SHOWN = 10;
const UNMADE_MS = 24 * 3600 * 1000;
const STATUS = { queued: "pending", sending: "pending", recorded: "recorded" };

/**
 * The newest lines. What the server listed names the elder in full and lives in memory only; what
 * the device wrote itself says how far it has got.
 * @param {any[]} told the server's, newest first @param {any[]} own entries of today
 * @param {{mayUndo: boolean}} rights
 */
export function lastLines(told, own, rights) {
  const lines = new Map();
  for (const line of told) lines.set(line.key, fromServer(line));
  const taken = new Set();
  const returning = new Set();
  for (const { kind, state, reverses } of own) {
    if (kind !== "reversal" || state === "refused") continue;
    (state === "recorded" ? taken : returning).add(reverses);
  }
  for (const entry of own) {
    if (entry.kind === "serving") lines.set(entry.key, merged(lines.get(entry.key), entry));
  }
  for (const line of lines.values()) {
    line.undone = line.undone || taken.has(line.key) || returning.has(line.key);
    if (line.mayUndo === null) line.mayUndo = rights.mayUndo && line.status !== "refused";
    line.mayUndo = line.mayUndo && !line.undone;
  }
  const newest = Array.from(lines.values()).sort(byTime);
  return newest.slice(0, SHOWN);
}

/** Reversals that were promised without network and that the server refused: for a day and a night. */
export function unmadeUndos(refused, last, now) {
  const undone = new Set(last.filter((line) => line.undone).map((line) => line.key));
  return refused.filter(({ reverses, heardAt }) => !undone.has(reverses) && now - heardAt < UNMADE_MS);
}

const byTime = (a, b) => Date.parse(b.servedAt) - Date.parse(a.servedAt) || (a.key < b.key ? 1 : -1);

function fromServer(line) {
  return {
    key: line.key,
    name: line.name,
    title: line.title,
    meal: line.meal,
    mode: line.mode,
    servedAt: line.served_at,
    priceFen: line.price_fen,
    subsidyFen: line.subsidy_fen,
    selfPayFen: line.self_pay_fen,
    reason: line.reason || null,
    status: "recorded",
    message: null,
    undone: Boolean(line.undone),
    mayUndo: Boolean(line.may_undo),
  };
}

/** @returns {any} the line of an entry of this device */
export function lineOf(entry) {
  return {
    key: entry.key,
    name: entry.name,
    title: entry.title,
    meal: entry.meal,
    mode: entry.mode,
    servedAt: entry.servedAt,
    priceFen: entry.priceFen,
    subsidyFen: entry.subsidyFen,
    selfPayFen: entry.selfPayFen,
    reason: entry.reason,
    status: STATUS[entry.state] || "refused",
    message: entry.message,
    conflict: entry.conflict,
    undone: false,
    mayUndo: null,
  };
}

function merged(line, entry) {
  const own = lineOf(entry);
  if (!line) return own;
  // the server lists it: it is recorded, even if its answer has not come through yet
  return { ...own, name: line.name, undone: line.undone, mayUndo: line.mayUndo };
}

/**
 * The server's count, and what it has acknowledged to this device since it counted.
 * @param {{count: any, sequence: number, day: string}|null} base @param {any[]} own entries of today
 */
export function countOf(base, own, day) {
  const count = { servings: 0, subsidised: 0 };
  if (base && base.day === day) Object.assign(count, base.count);
  const since = base ? base.sequence : 0;
  for (const entry of own) {
    if (entry.state !== "recorded" || entry.sequence === null || entry.sequence <= since) continue;
    const sign = entry.kind === "reversal" ? -1 : 1;
    count.servings += sign;
    if (entry.subsidyFen > 0) count.subsidised += sign;
  }
  return count;
}

/**
 * Whether a count can be taken over: not while something is on its way, or was answered after the
 * server counted, of which we can't say whether it is in the count.
 */
export function isSettled(waiting, own, sequence) {
  return waiting.every((entry) => entry.tries === 0) && own.every((entry) => !(entry.sequence > sequence));
}
