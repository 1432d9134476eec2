// What this phone keeps until the server has it: visits with what was entered, and photos as they
// were taken. Never a token of a session. Signatures go with the visit and are wiped with it.

const NAME = "mealsvc-inspect";

/** Opens the database. Rejects where the browser gives none. */
export async function openKept() {
  let db = await open();
  async function run(stores, mode, work) {
    try {
      return await transact(db, stores, mode, work);
    } catch (error) {
      if (!error || error.name !== "InvalidStateError") throw error;
      db = await open(); // the browser closed it under us
      return transact(db, stores, mode, work);
    }
  }
  const get = (store, key) => run([store], "readonly", (at) => at(store).get(key));
  const put = (store, row) => run([store], "readwrite", (at) => at(store).put(row));
  return {
    visit: (id) => get("visits", id),
    visits: () => run(["visits"], "readonly", (at) => at("visits").getAll()),
    keepVisit: (row) => put("visits", row),
    photo: (key) => get("photos", key),
    photosOf: (id) => run(["photos"], "readonly", (at) => at("photos").index("visit").getAll(id)),
    keepPhoto: (row) => put("photos", row),
    dropPhoto: (key) => run(["photos"], "readwrite", (at) => at("photos").delete(key)),
    wipe: (id) => run(["visits", "photos"], "readwrite", (at) => wipe(at, id)),
    meta: (id) => get("meta", id),
    keepMeta: (row) => put("meta", row),
    close: () => db.close(),
  };
}

/** Everything of one visit: what was entered, its signatures, its photos. */
function wipe(at, id) {
  at("visits").delete(id);
  const photos = at("photos");
  const asked = photos.index("visit").getAllKeys(id);
  asked.onsuccess = () => asked.result.forEach((key) => photos.delete(key));
  return asked;
}

function open() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      const db = asked.result;
      db.createObjectStore("visits", { keyPath: "id" });
      db.createObjectStore("photos", { keyPath: "key" }).createIndex("visit", "visit");
      db.createObjectStore("meta", { keyPath: "id" });
    };
    asked.onerror = () => fail(asked.error);
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      done(asked.result);
    };
  });
}

/** Resolves with the result of `work`'s request once the transaction is on the disk. */
function transact(db, stores, mode, work) {
  return new Promise((done, fail) => {
    const tx = db.transaction(stores, mode, { durability: "strict" });
    const asked = work((name) => tx.objectStore(name));
    tx.oncomplete = () => done(asked.result);
    tx.onabort = () => fail(tx.error || new Error("aborted"));
  });
}
