// The device's queue: each serving and reversal, from the moment it is asked for until the server
// has it safe. States: queued, sending, recorded, refused, conflict.

import { isDoubtful } from "./clock.js";
import { wait, walk } from "./store.js";

const OPEN = ["queued", "sending"];
const KEEP_REFUSED_DAYS = 31;
const DAY_MS = 24 * 3600 * 1000;

/**
 * @typedef {{key: string, kind: "serving"|"reversal", state: string, slot: string, day: string,
 *   deviceTime: number, offsetMs: number|null, suspect: string, turns: number, doubtful: boolean,
 *   tries: number, sequence: number|null, conflict: string|null, message: string|null}} Entry
 */

/** A time-ordered key that is later than `before`. @param {string|null} before */
export function newKey(ms, before) {
  const last = before ? parseInt(before.slice(2, 14), 16) : 0;
  const time = Math.max(Math.floor(ms), last + 1).toString(16).padStart(12, "0");
  const noise = crypto.getRandomValues(new Uint8Array(8));
  return `T-${time}${Array.from(noise, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Which slot a meal takes on the device. */
export const slotOf = (day, meal, token) => `${day}/${meal}/${token}`;

/** @param {import("./store.js").Store} store */
export function createQueue(store) {
  const entries = (mode, work, durability) =>
    store.run(["entries"], mode, (at) => work(at("entries")), durability);

  /**
   * Changes entries in one transaction; `change` gets each and returns it, or null to delete. An
   * answer that is lost in a power cut is had again, so that nobody waits for the disk here.
   */
  const edit = (keys, change, durability) =>
    entries(
      "readwrite",
      async (all) => {
        for (const key of keys) {
          const found = await wait(all.get(key));
          if (!found) continue;
          const changed = change(found);
          await wait(changed ? all.put(changed) : all.delete(key));
        }
      },
      durability,
    );

  return {
    edit,

    /**
     * Writes a new entry and gives it its key. A serving whose slot another entry has taken, of
     * which the operator did not know (`known`), is not written.
     * @returns {Promise<{entry: Entry|null, taken: Entry|null}>}
     */
    add: (entry, known) =>
      entries(
        "readwrite",
        async (all) => {
          const taken = entry.kind === "serving" ? await liveIn(all, entry.slot) : null;
          if (taken && taken.key !== known) return { entry: null, taken };
          const last = await lastKey(all);
          const made = { ...entry, key: newKey(entry.deviceTime + (entry.offsetMs || 0), last) };
          await wait(all.put(made));
          return { entry: made, taken: null };
        },
        "strict",
      ),

    /** The entry that serves this slot as far as the device knows, or null. */
    live: (slot) => entries("readonly", (all) => liveIn(all, slot)),

    reversalOf: (key) => entries("readonly", (all) => standing(all, key)),

    get: (key) => entries("readonly", (all) => wait(all.get(key))),

    /** What the screen shows, in one snapshot. */
    survey: (day) =>
      entries("readonly", async (all) => {
        const states = all.index("state");
        const open = await Promise.all(OPEN.map((state) => wait(states.count(state))));
        const waiting = await Promise.all(OPEN.map((state) => wait(states.getAll(state))));
        const today = await wait(all.index("day").getAll(day));
        const refused = await wait(states.getAll("refused"));
        const unmade = refused.filter(({ conflict }) => conflict === "undo");
        return { pending: open[0] + open[1], waiting: waiting.flat(), today, unmade };
      }),

    /** The next entries in order; what a dead page was sending is taken up again. */
    take: (most, skip) =>
      entries("readwrite", async (all) => {
        for (const left of await wait(all.index("state").getAll("sending"))) {
          await wait(all.put({ ...left, state: "queued" }));
        }
        const next = [];
        await walk(all.index("state").openCursor(IDBKeyRange.only("queued")), (cursor) => {
          if (!skip(cursor.value)) next.push(cursor.value);
          return next.length < most;
        });
        return next;
      }),

    /** Before they are sent: judged by the clock, unless they may be on the server already. */
    send: (keys, measured) =>
      edit(
        keys,
        (entry) => ({
          ...entry,
          state: "sending",
          doubtful: entry.doubtful || (entry.tries === 0 && isDoubtful(entry, measured)),
          tries: entry.tries + 1,
        }),
        "strict",
      ),

    back: (keys) =>
      edit(keys, (entry) => (entry.state === "sending" ? { ...entry, state: "queued" } : entry)),

    /** The server was restored from a backup: all that it had taken in is sent again. */
    replay: () =>
      entries("readwrite", (all) =>
        walk(all.openCursor(), (cursor) => {
          const { state, conflict } = cursor.value;
          if (state !== "recorded" && !conflict) return;
          cursor.update({ ...cursor.value, state: "queued", sequence: null, replayed: true });
        }),
      ),

    /** Forgets what is backed up and of an earlier day. @returns {Promise<number>} how many */
    prune: (today, backedUp) =>
      entries("readwrite", async (all) => {
        const old = new Date(Date.parse(today) - KEEP_REFUSED_DAYS * DAY_MS);
        const oldest = old.toISOString().slice(0, 10);
        let gone = 0;
        const past = all.index("day").openCursor(IDBKeyRange.upperBound(today, true));
        await walk(past, (cursor) => {
          const { state, sequence, day } = cursor.value;
          const safe = state === "recorded" && sequence !== null && sequence <= backedUp;
          const settled = (state === "refused" || state === "conflict") && day < oldest;
          if (!safe && !settled) return;
          cursor.delete();
          gone += 1;
        });
        return gone;
      }),
  };
}

async function lastKey(all) {
  let last = null;
  await walk(all.openKeyCursor(null, "prev"), (cursor) => {
    last = cursor.key;
    return false;
  });
  return last;
}

async function liveIn(all, slot) {
  for (const entry of await wait(all.index("slot").getAll(slot))) {
    if (entry.kind !== "serving" || entry.state === "refused") continue;
    if (!(await standing(all, entry.key))) return entry;
  }
  return null;
}

/** The reversal of this entry that holds or is on its way, or null. */
async function standing(all, key) {
  const found = await wait(all.index("reverses").getAll(key));
  return found.find((entry) => entry.state !== "refused") || null;
}
