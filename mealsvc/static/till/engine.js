// The till's engine: finds, previews, records and takes back, with and without a network.
// Whatever is recorded is first written to the device; the server's answer only updates it.

import { createClock } from "./clock.js";
import { createActs } from "./acts.js";
import { createDrain } from "./drain.js";
import { createFinding } from "./finding.js";
import { countOf, lastLines, unmadeUndos } from "./lines.js";
import { createLink, createPulse } from "./link.js";
import { QUICK_MS, createNet } from "./net.js";
import { createQueue } from "./queue.js";
import { createRoster } from "./roster.js";
import { openStore } from "./store.js";
import { dayOf, mealFor } from "./words.js";

const ROSTER_MS = 60000;
const RETRY_MS = 1000;
const HANDS = { wall: () => Date.now(), steady: () => performance.now() };
const MANAGES = ["manager", "店长"];

/** A store that keeps nothing: the till still works as long as the server answers. */
const BROKEN = {
  run: () => Promise.reject(new Error("no storage")),
  get: () => Promise.resolve(null),
  put: () => Promise.reject(new Error("no storage")),
  close() {},
};

/**
 * Opens the till of a point. Resolves when it can be used, with or without a network.
 * @param {{point: string, root?: string}} options
 */
export async function openTill({ point, root = "" }) {
  const store = await openStore(point).catch(() => BROKEN);
  const clock = createClock(await store.get("clock").catch(() => null), HANDS);
  const queue = createQueue(store);
  const me = Math.random().toString(36).slice(2); // this page, among the tabs of the device
  const sendingNow = new Set();
  const listeners = new Set();
  const tabs = typeof BroadcastChannel === "function" ? new BroadcastChannel(`till-${point}`) : null;
  let survey = { pending: 0, waiting: [], today: [], unmade: [] };
  let persistent = false;
  let full = store === BROKEN; // nothing can be written: to be said loudly
  let syncedAt = -Infinity;
  let closed = false;

  const net = createNet(root, (reply) => link.heard(reply));
  const link = createLink({
    point,
    store,
    queue,
    clock,
    net,
    changed: () => changed(),
    lost: () => pulse.soon(RETRY_MS),
  });
  const roster = createRoster({
    me,
    point,
    store,
    net,
    changed: () => changed(),
    renewed: () => tell("roster"),
  });
  const drain = createDrain({
    me,
    point,
    store,
    queue,
    net,
    clock,
    sendingNow,
    greet: () => link.greet(true),
    hear: (body) => link.hear(body),
    changed: () => changed(true),
  });
  const pulse = createPulse(beat);
  const engine = { state: null };

  net.onForged(() => link.greet());
  link.whenRestored(() => roster.reset().then(() => (syncedAt = -Infinity)));

  /** Everything that is due now. @returns {Promise<boolean>} whether all is well */
  async function beat() {
    clock.observe();
    full = await store.put(clock.kept()).then(
      () => false,
      () => true,
    );
    if (navigator.onLine === false) link.turn("offline");
    const reply = await link.greet();
    await refresh();
    if (reply.kind !== "ok") return false;
    if (survey.pending) await drain.kick();
    await refresh();
    await link.report(survey.pending);
    await tidyUp();
    freshen();
    return survey.pending === 0 && link.counted(); // else soon again
  }

  /** The roster in the background: on a new day, and each minute somebody is looking. */
  function freshen() {
    const head = roster.head();
    const today = dayOf(clock.now());
    const stopped = link.network() === "online" && head && head.stopped !== link.server().stopped;
    const old = !head || head.day !== today || stopped || performance.now() - syncedAt > ROSTER_MS;
    if (store === BROKEN || !old || document.visibilityState === "hidden") return;
    const begun = performance.now();
    roster.sync().then((done) => {
      if (done) syncedAt = begun;
      if (done === null) lookAtRoster();
    });
  }

  /** Another page gets the roster, and may have no way to tell. */
  async function lookAtRoster() {
    await roster.load().catch(() => {});
    show();
    if (!roster.head()) pulse.soon(RETRY_MS);
  }

  const tidyUp = () => queue.prune(dayOf(clock.now()), link.server().backedUp).catch(() => 0);

  function tell(what) {
    if (tabs && !closed) tabs.postMessage(what);
  }

  async function hearTab({ data }) {
    if (data === "roster") {
      syncedAt = performance.now();
      await roster.load().catch(() => {});
    }
    await refresh();
  }

  let reading = null;
  let readAgain = false;

  /** Reads the queue again and tells the screen; resolves after a look begun no earlier than now. */
  function refresh() {
    readAgain = true;
    if (!reading) reading = look();
    return reading;
  }

  async function look() {
    while (readAgain) {
      readAgain = false;
      try {
        survey = await queue.survey(dayOf(clock.now()));
      } catch (error) {
        full = true;
      }
      if (!readAgain) reading = null;
      show();
    }
  }

  function changed(queueToo = false) {
    if (queueToo) tell("queue");
    return queueToo ? refresh() : show();
  }

  function show() {
    engine.state = stateNow();
    listeners.forEach((listener) => listener(engine.state));
  }

  function stateNow() {
    const server = link.server();
    const isNews = ({ kind, conflict, heardAt }) =>
      kind === "serving" && conflict && heardAt > server.countedAt;
    const operator = link.operator();
    const now = clock.now();
    const mayUndo = !server.dayClosed || Boolean(operator && MANAGES.includes(operator.role));
    const { people, at, syncing, progress } = roster.status;
    const last = lastLines(link.told(), survey.today, { mayUndo });
    return {
      network: link.network(),
      pending: survey.pending,
      sending: sendingNow.size > 0 || survey.waiting.some((entry) => entry.state === "sending"),
      deviceConflicts: survey.today.filter(isNews).length,
      count: countOf(server.base, survey.today, dayOf(now)),
      capacity: server.capacity,
      dayClosed: server.dayClosed,
      stopped: server.stopped,
      conflicts: server.conflicts,
      clock: clock.shown(),
      roster: { people, at, syncing, progress },
      storage: { persistent, full },
      operator,
      device: server.device,
      point: { code: point, name: server.pointName },
      meal: mealFor(now, server.prices),
      prices: server.prices,
      last,
      unmade: unmadeUndos(survey.unmade, last, Date.now()),
    };
  }

  const finding = createFinding({ point, net, link, queue, roster, clock });
  const acts = createActs({
    me,
    point,
    net,
    link,
    queue,
    roster,
    clock,
    sendingNow,
    changed,
    preview: finding.preview,
    full: () => (full = true),
    nudge: () => pulse.soon(300),
  });

  const wake = () => pulse.now();
  const seen = () => document.visibilityState === "visible" && wake();
  const away = () => link.turn("offline");
  window.addEventListener("online", wake);
  window.addEventListener("offline", away);
  window.addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", seen);
  if (tabs) tabs.onmessage = hearTab;
  register(root);
  askToKeep().then((kept) => {
    persistent = kept;
    show();
  });

  await Promise.all([link.load(), roster.load()]).catch(() => {});
  await refresh();
  const first = pulse.now();
  if (navigator.onLine !== false) {
    await Promise.race([first, new Promise((go) => setTimeout(go, QUICK_MS))]);
  }

  return Object.assign(engine, finding, acts, {
    now: () => new Date(clock.now()),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** Sends and fetches what is due, now. */
    refresh: () => pulse.now(),
    close() {
      closed = true;
      pulse.stop();
      window.removeEventListener("online", wake);
      window.removeEventListener("offline", away);
      window.removeEventListener("pageshow", wake);
      document.removeEventListener("visibilitychange", seen);
      if (tabs) tabs.close();
      store.close();
    },
  });
}

/** The page must open without a network; over plain http there is no service worker. */
function register(root) {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.register(`${root}/till/sw.js`, { scope: `${root}/till` }).catch(() => {});
}

/** Asks the browser not to clear what is kept here when the device runs out of room. */
async function askToKeep() {
  const { storage } = navigator;
  if (!storage || !storage.persist) return false;
  return (await storage.persisted().catch(() => false)) || storage.persist().catch(() => false);
}
