// Sends what the phone keeps of one visit, whenever the server can be reached: photos one by one,
// then what was entered, then the conclusion. On load, when the network is back, and on a timer.

import { merge, same } from "./record.js";

const EVERY_MS = 15000;
const SETTLE_MS = 1500; // after the last change
const APART_MS = 8000; // between two drafts, unless it is urgent

/**
 * @param {object} to {kept, net, row (the kept visit), device, changed(), conflicted(theirs, both), concluded(body), refused(body)}
 */
export function createSync({ kept, net, row, device, tell }) {
  const status = { network: "unknown", waiting: 0, sending: false, note: "", lastSaved: 0 };
  let timer = 0;
  let running = null;
  let again = false;
  let stopped = false;

  const path = (end) => `/inspect/${row.id}/${end}`;

  async function turn(urgent) {
    status.sending = true;
    tell.changed();
    try {
      const reached = await photos();
      if (reached && !stopped) await draft(urgent || row.concluding);
      if (reached && !stopped && row.concluding && !row.dirty && !status.waiting) await conclude();
    } finally {
      status.sending = false;
      tell.changed();
    }
  }

  /** Sends now, once; a change while sending asks for another round. */
  function send(urgent = false) {
    if (stopped) return Promise.resolve();
    clearTimeout(timer);
    timer = setTimeout(() => send(), EVERY_MS);
    if (running) {
      again = again || urgent;
      return running;
    }
    running = turn(urgent)
      .catch((error) => (status.note = error && error.name === "QuotaExceededError" ? "本机存储空间不足，请清理。" : ""))
      .finally(() => {
        running = null;
        if (again) {
          again = false;
          send(true);
        }
      });
    return running;
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(() => send(), SETTLE_MS);
  }

  function heard(reply) {
    const names = { ok: "ok", refused: "ok", signed_out: "signed_out", forbidden: "forbidden" };
    status.network = names[reply.kind] || "away";
    return status.network === "ok";
  }

  async function photos() {
    const all = await kept.photosOf(row.id);
    let waiting = all.filter((photo) => photo.state === "waiting");
    status.waiting = waiting.length;
    for (const photo of waiting) {
      const form = new FormData();
      form.append("key", photo.key);
      form.append("taken_at", photo.takenAt);
      form.append("device", device);
      if (photo.lon !== null) form.append("lon", photo.lon);
      if (photo.lat !== null) form.append("lat", photo.lat);
      form.append("file", photo.blob, "photo");
      const reply = await net.upload(path("photos"), form);
      if (!heard(reply)) return false;
      const current = await kept.photo(photo.key);
      if (!current) continue; // taken away meanwhile
      if (reply.kind === "ok") await kept.keepPhoto({ ...current, state: "sent", id: reply.body.id });
      else if (reply.body.code === "photos_busy") return true;
      else if (reply.body.code === "visit_not_open") return closed();
      else await kept.keepPhoto({ ...current, state: "refused", why: reply.body.message });
      status.waiting -= 1;
      tell.photos();
    }
    return true;
  }

  async function draft(urgent) {
    if (!row.dirty) {
      if (status.network === "ok") return;
      heard(await net.renew());
      return;
    }
    if (!urgent && Date.now() - status.lastSaved < APART_MS) return soon();
    const sent = row.document;
    const version = row.version;
    const reply = await net.post(path("draft"), { document: sent, revision: row.revision, device });
    if (!heard(reply)) return;
    status.lastSaved = Date.now();
    if (reply.kind === "ok") {
      Object.assign(row, { revision: reply.body.revision, base: JSON.parse(JSON.stringify(sent)) });
      row.dirty = row.version !== version;
      status.note = "";
      await kept.keepVisit(row);
    } else if (reply.status === 409) await meet(reply.body.draft);
    else if (reply.body.code === "visit_not_open") await closed();
    else status.note = reply.body.message;
  }

  /** Somebody saved another document since: what only one of us changed is taken, the rest is asked. */
  async function meet(theirs) {
    const { document, both } = merge(row.base, row.document, theirs.document);
    Object.assign(row, { revision: theirs.revision, base: theirs.document });
    if (row.concluding) row.concluding = false; // what is signed is not what was merged
    row.document = document;
    row.version += 1;
    row.dirty = !same(document, theirs.document);
    await kept.keepVisit(row);
    tell.merged(theirs, both);
    if (!both.length && row.dirty) again = true;
  }

  async function conclude() {
    const reply = await net.post(path("conclude"), { document: row.document });
    if (!heard(reply)) return;
    if (reply.kind === "ok") {
      await finish(reply.body);
      return;
    }
    row.concluding = false;
    await kept.keepVisit(row);
    tell.refused(reply.body);
  }

  /** The visit is signed or cancelled on the server: ours, or somebody else's. */
  async function closed() {
    const reply = await net.get(path("data"));
    if (reply.kind !== "ok") return false;
    await finish({ result: reply.body.result, links: null, cancelled: !reply.body.result });
    return false;
  }

  async function finish(body) {
    stop();
    const ours =
      body.result &&
      row.concluding &&
      Date.parse(body.result.ended_at) === Date.parse(row.document.ended_at) &&
      Date.parse(body.result.started_at) === Date.parse(row.document.started_at);
    if (ours) await kept.wipe(row.id);
    tell.concluded(body, Boolean(ours));
  }

  function stop() {
    stopped = true;
    clearTimeout(timer);
  }

  return { status, send, soon, stop };
}
