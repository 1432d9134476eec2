// The conversation with the server: who is signed in, what it has counted, whether it is there.

import { isSettled } from "./lines.js";
import { QUICK_MS } from "./net.js";

const CALM_MS = 20000;
const HIDDEN_MS = 60000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30000;
const REPORT_MS = 60000;
const FRESH_MS = 4000;

/** What is kept of the server's state: nothing of a person, but the operator's sign-in name. */
const EMPTY = {
  id: "server",
  epoch: null,
  backedUp: 0,
  base: null, // {count, sequence, day}
  day: null,
  capacity: null,
  dayClosed: false,
  stopped: null, // "point": may not serve today, "subsidy": at full price
  conflicts: 0,
  countedAt: 0, // by the device: when the server counted them
  prices: {},
  pointName: "",
  operator: null,
  device: null,
};

/**
 * @param {{point: string, store: any, queue: any, clock: any, net: any,
 *   changed: () => void, lost: () => void}} with_
 */
export function createLink({ point, store, queue, clock, net, changed, lost }) {
  let server = { ...EMPTY };
  let network = "offline";
  let told = []; // the server's last lines: full names, in memory only
  let operatorName = "";
  let counted = false; // whether the last count could be taken over
  let greetedAt = -Infinity;
  let reportedAt = -Infinity;

  const path = (end) => `/api/v1/till/${point}/${end}`;

  /** What a reply says about the network itself. */
  function heard({ kind, status }) {
    if (kind === "signed_out" && status !== 401) return; // one thing is forbidden: ask who we are
    turn(kind === "away" ? "offline" : kind === "signed_out" ? gone() : "online");
  }

  const gone = () => (server.device && !server.operator ? "revoked" : "signed_out");

  function turn(to) {
    if (network === to) return;
    network = to;
    if (to === "offline") lost();
    changed();
  }

  /** Asks for the state; `recent`: unless that was done just now. @returns {Promise<{kind: string}>} */
  async function greet(recent = false) {
    const fresh = network === "online" && performance.now() - greetedAt < FRESH_MS;
    if (recent && fresh) return { kind: "ok" };
    const reply = await net.get(path("state"), QUICK_MS * 4);
    if (reply.kind === "signed_out") turn(gone());
    if (reply.kind === "ok" && reply.body.server_time) {
      greetedAt = performance.now();
      clock.measure(reply.body.server_time, reply.tookMs);
      net.trust(reply.body.csrf_token);
      await adopt(reply.body);
    }
    changed();
    return reply;
  }

  /** Tells the server how many wait here, and how wrong the clock is. */
  async function report(pending) {
    if (performance.now() - reportedAt < REPORT_MS) return;
    reportedAt = performance.now();
    const { offsetMs } = clock.measured();
    const device_time = new Date(Date.now()).toISOString();
    const reply = await net.post(path("report"), {
      pending,
      clock_offset_ms: offsetMs,
      device_time,
    });
    if (reply.kind === "ok") await hear(reply.body);
  }

  async function adopt(body) {
    await hear(body);
    told = body.last || [];
    const { operator, device } = body;
    operatorName = operator ? operator.name : "";
    Object.assign(server, {
      day: body.day,
      capacity: body.capacity,
      dayClosed: body.day_closed,
      stopped: body.stopped || null,
      conflicts: body.conflicts,
      countedAt: Date.now(),
      prices: body.prices,
      pointName: body.point.name,
      operator: operator ? { login: operator.login, role: operator.role } : null,
      device: device || null,
    });
    const base = { count: body.count, sequence: body.sequence, day: body.day };
    try {
      const { waiting, today } = await queue.survey(body.day);
      counted = isSettled(waiting, today, base.sequence);
      if (counted) server.base = base;
      await keep();
    } catch (broken) {
      server.base = base; // nothing is kept here: the server's count is all there is
      counted = true;
    }
  }

  /** What every answer about the queue tells: the edition of the database, and what is safe. */
  async function hear(body) {
    if (typeof body.epoch === "undefined") return;
    const restored = server.epoch !== null && server.epoch !== body.epoch;
    if (restored) {
      await queue.replay();
      server.base = null;
    }
    const news = restored || server.epoch !== body.epoch || server.backedUp !== body.backed_up;
    server.epoch = body.epoch;
    server.backedUp = body.backed_up || 0;
    if (news) await keep();
    if (restored) onRestored();
  }

  const keep = () => store.put(server).catch(() => {});
  let onRestored = () => {};

  return {
    heard,
    greet,
    report,
    hear,
    turn,
    async load() {
      server = { ...EMPTY, ...(await store.get("server")) };
    },
    whenRestored: (then) => (onRestored = then),
    server: () => server,
    counted: () => counted,
    told: () => told,
    network: () => network,
    operator() {
      const { operator } = server;
      return operator && { ...operator, name: operatorName || operator.login };
    },
  };
}

/**
 * Calls `beat` again and again: soon after a failure, calmly otherwise, at once when asked.
 * @param {() => Promise<boolean>} beat whether all is well
 */
export function createPulse(beat) {
  let timer = 0;
  let failures = 0;
  let beating = false;
  let again = false;

  async function run() {
    clearTimeout(timer);
    if (beating) {
      again = true;
      return;
    }
    beating = true;
    const well = await beat().catch(() => false);
    beating = false;
    failures = well ? 0 : failures + 1;
    const retry = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
    const calm = document.visibilityState === "hidden" ? HIDDEN_MS : CALM_MS;
    const wait = again ? 50 : (well ? calm : retry) * (0.75 + Math.random() / 2);
    again = false;
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  }

  return {
    now: run,
    /** Within `ms`, if not sooner. */
    soon(ms) {
      if (beating) again = true;
      else {
        clearTimeout(timer);
        timer = setTimeout(run, ms);
      }
    },
    stop: () => clearTimeout(timer),
  };
}
