// The people a point may serve, kept on the device: tokens, masked names, digests of cards, amounts.

import { alone } from "./alone.js";
import { digestOf } from "./digest.js";
import { wait, walk } from "./store.js";
import { fits, isNumber } from "./words.js";

const SHOWN = 7;
const LOOKED_AT = 600; // names compared before the search gives up: nothing may freeze the screen
const STALE_MS = 6 * 3600 * 1000;
const SLICE = 200;
const BREATH_MS = 60; // between two pages: the till has the server and the screen first
const other = (name) => (name === "roster_a" ? "roster_b" : "roster_a");

/**
 * @param {{me: string, point: string, store: import("./store.js").Store, net: any,
 *   changed: () => void, renewed: () => void}} with_ `renewed` tells the other pages
 */
export function createRoster({ me, point, store, net, changed, renewed }) {
  let head = null; // what is known of the roster in use
  let running = null;
  const status = { people: 0, at: null, syncing: false, progress: "" };

  async function load() {
    head = (await store.get("roster")) || null;
    if (head) Object.assign(status, { people: head.people, at: head.at });
  }

  const people = (work) =>
    head ? store.run([head.active], "readonly", (at) => work(at(head.active))) : null;

  /** Everything again, or what changed since; a half-loaded roster never replaces a whole one. */
  async function fetchAll() {
    await load();
    let work = await begun();
    status.syncing = true;
    changed();
    for (;;) {
      const after = work.after ? `&after=${encodeURIComponent(work.after)}` : "";
      const reply = await net.get(`/api/v1/till/${point}/roster?since=${work.since}${after}`);
      if (reply.kind !== "ok" || !Array.isArray(reply.body.residents)) return false;
      work = await keepPage(work, reply.body);
      if (!work) return true;
      status.progress = `${work.people}人`;
      changed();
      await new Promise((go) => setTimeout(go, BREATH_MS));
    }
  }

  /** Where to go on: a full load that was interrupted goes on from its last page. */
  async function begun() {
    const left = await store.get("sync");
    const fresh = left && left.after && Math.abs(Date.now() - left.begun) < STALE_MS;
    if (fresh) return left;
    return { id: "sync", since: head ? head.sequence : 0, after: "", people: 0, begun: Date.now() };
  }

  async function keepPage(work, page) {
    const first = !work.after;
    const target = !page.full ? head && head.active : other((head && head.active) || "roster_b");
    if (!target) return null;
    const sequence = first ? page.sequence : work.sequence;
    const used = {};
    for (const { token, meal } of page.slots || []) (used[token] = used[token] || []).push(meal);
    const next = { ...work, after: page.next || "", sequence };
    await store.run([target, "meta"], "readwrite", async (at) => {
      const all = at(target);
      if (page.full && first) await wait(all.clear());
      for (const [place, person] of page.residents.entries()) {
        const put = all.put(kept(person, used[person.token] || [], page.day));
        if (place % SLICE === SLICE - 1) await wait(put); // a key press comes in between
      }
      next.people += page.full ? page.residents.length : 0;
      const ends = !page.next;
      if (ends) await wait(at("meta").put(headOf(page, target, next, await wait(all.count()))));
      // a list of changes is short: interrupted, it begins again
      await wait(at("meta").put(ends || !page.full ? { id: "sync" } : next));
    });
    if (page.next) return next;
    await load();
    renewed();
    return null;
  }

  const headOf = (page, active, work, count) => ({
    id: "roster",
    active,
    people: count,
    sequence: work.sequence,
    day: page.day,
    stopped: page.stopped || null,
    at: new Date().toISOString(),
    salt: page.salt,
    prices: page.prices,
    referencePriceFen: page.reference_price_fen,
  });

  return {
    load,
    status,
    head: () => head,

    /** Gets it up to date, once at a time. @returns {Promise<boolean|null>} whether it is now;
     * null: another page is at it */
    sync() {
      if (!running) {
        running = alone(`roster-${point}`, store, me, fetchAll)
          .catch(() => false)
          .then((done) => {
            running = null;
            Object.assign(status, { syncing: false, progress: "" });
            changed();
            return done;
          });
      }
      return running;
    },

    /** From the beginning: the server's numbers are no longer those of before. */
    async reset() {
      await load();
      if (head) await store.put({ ...head, sequence: 0 });
      await store.put({ id: "sync" });
    },

    byToken: async (token) => (await people((all) => wait(all.get(token)))) || null,

    /** The person whose card or token this is, or null. @param {string} typed */
    async byCard(typed) {
      if (!head) return null;
      const digest = await digestOf(head.salt, typed);
      const held = await people((all) => wait(all.index("cards").get(digest)));
      return held || (await people((all) => wait(all.get(typed)))) || null;
    },

    /** Those whose initials or masked name fit. @returns {Promise<{people: any[], more: boolean}>} */
    async byName(typed) {
      if (!head || isNumber(typed)) return { people: [], more: false };
      const latin = /^[a-z]+$/i.test(typed);
      const found = latin
        ? await people((all) => within(all.index("initials"), typed.toLowerCase(), () => true))
        : await people((all) => named(all.index("name"), typed));
      return { people: found.slice(0, SHOWN), more: found.length > SHOWN };
    },
  };
}

async function named(index, typed) {
  const signs = Array.from(typed);
  const same = (person) => fits(person.name, typed);
  if (signs.length === 1) return within(index, typed, same);
  const whole = (person) => same(person) && Array.from(person.name).length === signs.length;
  const starts = [`${signs[0]}*`, `${signs[0]}${signs[1]}`]; // 张*丰, and 欧阳**
  const found = new Map();
  for (const fit of [whole, same]) {
    for (const start of starts) {
      if (found.size > SHOWN) break;
      for (const one of await within(index, start, fit)) found.set(one.token, one);
    }
  }
  return Array.from(found.values());
}

/** One more person than is shown, of those whose key in the index begins with `start`. */
async function within(index, start, fit) {
  const found = new Map();
  let seen = 0;
  await walk(index.openCursor(IDBKeyRange.bound(start, `${start}\uffff`)), ({ value }) => {
    if (fit(value)) found.set(value.token, value);
    seen += 1;
    return found.size <= SHOWN && seen < LOOKED_AT;
  });
  return Array.from(found.values());
}

/** Only these members of a person ever reach the device's disk. */
function kept(person, used, day) {
  const { token, name, title, age, place, cards, initials, meals } = person;
  const lower = (initials || []).map((each) => String(each).toLowerCase());
  return { token, name, title, age, place, cards, initials: lower, meals, used, day };
}
