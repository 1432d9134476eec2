// Sends the queue in order, by one page at a time over all that are open on the device.

import { alone } from "./alone.js";
import { REASONS, SAID, dayOf } from "./words.js";
import { kindOf } from "./net.js";

const CHUNK = 50;
const MOST_STUCK = 3; // refused unread one after the other: it is not the entries
const YOUNG_MS = 2500; // the page that made an entry tries first, by itself

/**
 * @param {{me: string, point: string, store: any, queue: any, net: any, clock: any, greet: () => Promise<any>,
 *   sendingNow: Set<string>, changed: () => Promise<void>, hear: (body: any) => Promise<void>}} with_
 */
export function createDrain({ me, point, store, queue, net, clock, greet, sendingNow, changed, hear }) {
  let running = null;

  /** Whether the page that made this entry is sending it by itself just now. */
  function isElsewhere({ key, by, direct, tries, deviceTime }) {
    if (by === me) return sendingNow.has(key);
    return direct && tries <= 1 && Math.abs(Date.now() - deviceTime) < YOUNG_MS;
  }

  /** Sends until nothing is left or nothing gets on. @returns {Promise<boolean>} all sent */
  async function work() {
    const hello = await greet(); // measures the clock, by which entries are judged
    if (hello.kind !== "ok") return false;
    let most = CHUNK;
    const stuck = new Set(); // what was refused unread: no word on the meal, so it goes on waiting
    const skip = (entry) => stuck.has(entry.key) || isElsewhere(entry);
    for (;;) {
      const batch = await queue.take(most, skip);
      if (!batch.length) return stuck.size === 0;
      const keys = batch.map((entry) => entry.key);
      await queue.send(keys, clock.measured());
      await changed();
      const reply = await upload(keys);
      if (reply.kind === "refused") {
        await queue.back(keys); // one of them can't be read: find out which
        if (most === 1) stuck.add(keys[0]);
        if (stuck.size >= MOST_STUCK) return false;
        most = Math.max(1, most >> 2);
        continue;
      }
      const got = await settle(keys, reply);
      await changed();
      if (!got) return false;
    }
  }

  async function upload(keys) {
    const entries = [];
    for (const key of keys) entries.push(bodyOf(await queue.get(key)));
    const device_time = new Date(Date.now()).toISOString();
    return net.post(`/api/v1/till/${point}/uploads`, { device_time, entries });
  }

  /** Writes what the server said of each; what it did not decide stays in the queue. */
  async function settle(keys, reply) {
    const results = new Map();
    if (reply.kind === "ok" && Array.isArray(reply.body.results)) {
      for (const result of reply.body.results) results.set(result.key, result);
    }
    let decided = 0;
    await queue.edit(keys, (entry) => {
      const next = { ...settled(entry, results.get(entry.key)), heardAt: Date.now() };
      if (next.state !== "queued" || next.corrected > (entry.corrected || 0)) decided += 1;
      return next;
    });
    if (reply.kind === "ok") await hear(reply.body);
    return decided > 0;
  }

  return {
    /** Starts unless it is at work. @returns {Promise<boolean>} */
    kick() {
      if (!running) {
        running = alone(`drain-${point}`, store, me, work)
          .catch(() => false)
          .then((done) => {
            running = null;
            return Boolean(done);
          });
      }
      return running;
    },
  };
}

/** An entry as the server reads it. */
export function bodyOf(entry) {
  if (entry.kind === "reversal") {
    return { kind: "reversal", key: entry.key, reverses: entry.reverses, reason: entry.reason };
  }
  return {
    kind: "serving",
    key: entry.key,
    ...orderOf(entry),
    shown: { subsidy_fen: entry.shownSubsidyFen, self_pay_fen: entry.shownSelfPayFen },
    clock: { offset_ms: entry.offsetMs, doubtful: entry.doubtful },
  };
}

/** What is the same in a single request and in an upload. */
export function orderOf(entry) {
  return {
    point: entry.point,
    credential: entry.token,
    served_at: entry.servedAt,
    meal: entry.meal,
    mode: entry.mode,
    price_fen: entry.priceFen,
    method: entry.method,
    operator: entry.operator || undefined,
    note: entry.note || undefined,
  };
}

/** The entry after the server's word on it. */
export function settled(entry, result) {
  if (entry.state !== "sending" && entry.state !== "queued") return entry; // decided meanwhile
  const waiting = { ...entry, state: "queued" };
  if (!result) return waiting;
  const kind = kindOf(result.status, result);
  if (kind === "ok") return recorded(entry, result);
  if (result.conflict === "clock") {
    return { ...entry, state: "conflict", conflict: "clock", message: SAID.clock };
  }
  if (kind !== "refused" && result.status !== 403) return waiting;
  if (result.code === "in_future" && result.server_time) {
    const right = corrected(waiting, result.server_time);
    return entry.corrected > 1 ? { ...right, doubtful: true } : right; // the manager names the day
  }
  return { ...entry, state: "refused", code: result.code, ...whyRefused(entry, result) };
}

/** A reversal that the till had promised is no server's conflict: the device itself has to say it. */
function whyRefused({ kind, replayed }, { code, title, conflict }) {
  const message = title || code;
  if (kind === "serving") return { conflict: conflict || "refused", message };
  if (code === "already_reversed") return { conflict: null, message };
  const moot = code === "unknown_serving" && !replayed;
  return moot ? { conflict: null, message: SAID.moot } : { conflict: "undo", message };
}

/** @returns the entry as the server recorded it */
export function recorded(entry, body) {
  const conflict = body.conflict || null;
  const known = { ...entry, state: "recorded", sequence: body.sequence, conflict, message: null };
  if (entry.kind === "reversal") return known;
  const { price_fen, subsidy_fen, self_pay_fen, reason } = body;
  if (conflict) known.message = reason ? `${SAID.atFullPrice}${REASONS[reason]}` : SAID.otherAmount;
  return {
    ...known,
    priceFen: price_fen,
    subsidyFen: subsidy_fen,
    selfPayFen: self_pay_fen,
    reason: reason || null,
  };
}

/** The clock was ahead of the server's: the same key again at the right time. */
export function corrected(entry, serverTime) {
  const offsetMs = Date.parse(serverTime) - Date.now();
  const right = entry.deviceTime + offsetMs;
  const moved = dayOf(right) !== entry.day;
  return {
    ...entry,
    offsetMs,
    servedAt: new Date(right).toISOString(),
    doubtful: entry.doubtful || moved,
    corrected: (entry.corrected || 0) + 1,
  };
}
