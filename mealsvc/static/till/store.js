// The device's own database. What it holds: opaque tokens, masked names, amounts; never an ID
// number, phone, address, full name, password or token of a session.

const EDITION = 1;
const ROSTERS = ["roster_a", "roster_b"]; // one in use, the other being filled

/** @typedef {{run: Function, get: Function, put: Function, close: Function}} Store */

/**
 * Opens the database of this point. Rejects where the browser gives none.
 * @param {string} point @returns {Promise<Store>}
 */
export async function openStore(point) {
  const name = `mealsvc-till-${point}`;
  let db = await open(name);
  /** Runs `work` in one transaction; resolves once that is done ("strict": on the disk). */
  async function run(names, mode, work, durability = "relaxed") {
    try {
      return await transact(db, names, mode, work, durability);
    } catch (error) {
      if (!error || error.name !== "InvalidStateError") throw error;
      db = await open(name); // the browser closed it under us
      return transact(db, names, mode, work, durability);
    }
  }
  return {
    run,
    get: (id) => run(["meta"], "readonly", (at) => wait(at("meta").get(id))),
    put: (row) => run(["meta"], "readwrite", (at) => wait(at("meta").put(row))),
    close: () => db.close(),
  };
}

function open(name) {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(name, EDITION);
    asked.onupgradeneeded = () => build(asked.result);
    asked.onerror = () => fail(asked.error);
    asked.onsuccess = () => {
      const db = asked.result;
      db.onversionchange = () => db.close();
      done(db);
    };
  });
}

function build(db) {
  const entries = db.createObjectStore("entries", { keyPath: "key" });
  for (const index of ["state", "slot", "day", "reverses"]) entries.createIndex(index, index);
  for (const each of ROSTERS) {
    const roster = db.createObjectStore(each, { keyPath: "token" });
    roster.createIndex("cards", "cards", { multiEntry: true });
    roster.createIndex("initials", "initials", { multiEntry: true });
    roster.createIndex("name", "name");
  }
  db.createObjectStore("meta", { keyPath: "id" });
}

function transact(db, names, mode, work, durability) {
  return new Promise((done, fail) => {
    const tx = db.transaction(names, mode, { durability });
    let value;
    let cause = null;
    tx.oncomplete = () => done(value);
    tx.onabort = () => fail(cause || tx.error || new Error("aborted"));
    Promise.resolve()
      .then(() => work((store) => tx.objectStore(store)))
      .then(
        (result) => (value = result),
        (error) => {
          cause = error;
          try {
            tx.abort();
          } catch (ended) {
            fail(error); // it had ended by itself
          }
        },
      );
  });
}

/** The result of one IndexedDB request. @param {IDBRequest} request @returns {Promise<any>} */
export function wait(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

/** Walks a cursor; `each` returns false to stop. @param {IDBRequest} request */
export function walk(request, each) {
  return new Promise((done, fail) => {
    request.onerror = () => fail(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor || each(cursor) === false) done();
      else cursor.continue();
    };
  });
}
