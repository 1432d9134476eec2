// A visit as the phone keeps it, and how what the server says is put together with it.

import { emptyDocument, isTouched, merge, same } from "./record.js";

/** The kept row after the server's answer; `both` names what this phone and another changed. */
export function received(row, id, body) {
  const { draft, photos, result, ...pack } = body;
  const now = row || { id, document: emptyDocument(), base: emptyDocument(), revision: 0, version: 0, dirty: false, concluding: false };
  now.pack = pack;
  now.sentPhotos = photos;
  if (!draft || draft.revision === now.revision) return { row: now, both: [], draft };
  if (!now.dirty || !isTouched(now.document)) {
    Object.assign(now, { document: draft.document, base: draft.document, revision: draft.revision, dirty: false });
    return { row: now, both: [], draft };
  }
  const { document, both } = merge(now.base, now.document, draft.document);
  Object.assign(now, { document, base: draft.document, revision: draft.revision, concluding: false });
  now.version += 1;
  now.dirty = !same(document, draft.document);
  return { row: now, both, draft };
}

/** Lets one page of this phone work on a visit; another that wants it takes it over. */
export function holdAlone(id, lost) {
  if (!navigator.locks) return Promise.resolve();
  return new Promise((held) => {
    const stay = () => {
      held();
      return new Promise(() => {});
    };
    navigator.locks.request(`inspect-${id}`, { steal: true }, stay).catch(lost);
  });
}
