// What only one page of the device may do at a time.

import { wait } from "./store.js";

const LEASE_MS = 45000; // longer than a request may take

/**
 * Runs `work` unless another page is at it: by a lock where the browser has them, else by a lease.
 * @param {string} name @param {import("./store.js").Store} store @param {string} me this page
 * @returns {Promise<any>} what `work` returns; null if another page is at it
 */
export async function alone(name, store, me, work) {
  if (navigator.locks) {
    const lock = `mealsvc-till-${name}`;
    return navigator.locks.request(lock, { ifAvailable: true }, (held) => (held ? work() : null));
  }
  const lease = (forMs) =>
    store.run(["meta"], "readwrite", async (at) => {
      const held = await wait(at("meta").get(name));
      const left = held ? held.until - Date.now() : 0;
      const taken = held && held.by !== me && left > 0 && left <= LEASE_MS;
      if (!taken) await wait(at("meta").put({ id: name, by: me, until: Date.now() + forMs }));
      return !taken;
    });
  if (!(await lease(LEASE_MS))) return null;
  const renewing = setInterval(() => lease(LEASE_MS).catch(() => {}), LEASE_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await lease(0).catch(() => {});
  }
}
