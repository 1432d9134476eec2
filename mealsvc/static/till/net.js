// One way to the server. Whatever comes back becomes one of four kinds:
// "ok", "refused" (a decision with a code), "signed_out" (nobody we know), "away" (try later).

export const QUICK_MS = 1500; // as long as an operator waits
export const PATIENT_MS = 20000;

/** @typedef {{kind: string, status: number, body: any, tookMs: number}} Reply */

/**
 * @param {string} root where the application is mounted ("" at the top)
 * @param {(reply: Reply) => void} heard called with each reply
 */
export function createNet(root, heard) {
  let csrf = "";
  let renew = null; // fetches a fresh token; the engine's to set

  /** @returns {Promise<Reply>} never rejects */
  async function ask(method, path, { body, key, timeout = PATIENT_MS, again = true } = {}) {
    const reply = await once(root + path, method, body, { key, timeout, csrf });
    if (reply.status === 400 && method === "POST" && again && renew) {
      await renew(); // the token may have been another session's
      return ask(method, path, { body, key, timeout, again: false });
    }
    heard(reply);
    return reply;
  }

  return {
    ask,
    get: (path, timeout = PATIENT_MS) => ask("GET", path, { timeout }),
    post: (path, body, more = {}) => ask("POST", path, { body, ...more }),
    trust: (token) => (csrf = token || csrf),
    onForged: (fetchToken) => (renew = fetchToken),
  };
}

async function once(url, method, body, { key, timeout, csrf }) {
  const begun = performance.now();
  const told = (kind, status, said) => {
    return { kind, status, body: said, tookMs: performance.now() - begun };
  };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    const head = { Accept: "application/json" };
    if (body !== undefined) head["Content-Type"] = "application/json";
    if (method !== "GET") head["X-CSRFToken"] = csrf;
    if (key) head["Idempotency-Key"] = key;
    const answer = await fetch(url, {
      method,
      headers: head,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual",
      signal: stop.signal,
    });
    const said = await answer.json(); // a page of a proxy or of a hotel's network fails here
    if (said === null || typeof said !== "object") return told("away", 0, null);
    return told(kindOf(answer.status, said), answer.status, said);
  } catch (error) {
    return told("away", 0, null);
  } finally {
    clearTimeout(timer);
  }
}

/** What a status and a body mean for whoever asked; single results of a batch too. */
export function kindOf(status, said) {
  if (status >= 200 && status < 300) return "ok";
  if (status === 401 || said.code === "must_change_password") return "signed_out";
  if (status === 403) return "signed_out";
  const decided = status > 400 && status < 500 && typeof said.code === "string";
  return decided && status !== 408 && status !== 429 ? "refused" : "away"; // 400: not our token
}
