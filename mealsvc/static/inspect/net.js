// One way to the server. Whatever comes back is one of: "ok", "refused" (with a code), "signed_out",
// "forbidden" (somebody else's visit, or none), "away" (try later).

const PATIENCE_MS = 20000;
const UPLOAD_MS = 60000;

/** @typedef {{kind: string, status: number, body: any}} Reply */

/** @param {string} root where the application is mounted ("" at the top) */
export function createNet(root) {
  let csrf = "";
  let skewMs = 0;

  async function ask(method, path, { json, form, again = true } = {}) {
    if (method === "POST" && !csrf) {
      const state = await renew();
      if (state.kind !== "ok") return state;
    }
    const reply = await once(root + path, method, { json, form, csrf });
    if (reply.status === 400 && method === "POST" && again) {
      csrf = ""; // the token was another session's
      return ask(method, path, { json, form, again: false });
    }
    return reply;
  }

  /** Who is signed in; brings a token and the server's time along. */
  async function renew() {
    const sent = Date.now();
    const reply = await once(`${root}/inspect/state`, "GET", {});
    if (reply.kind === "ok") {
      csrf = reply.body.csrf;
      skewMs = Date.parse(reply.body.now) - (sent + Date.now()) / 2;
    }
    return reply;
  }

  return {
    renew,
    get: (path) => ask("GET", path),
    post: (path, json) => ask("POST", path, { json }),
    upload: (path, form) => ask("POST", path, { form }),
    now: () => new Date(Date.now() + (Math.abs(skewMs) > 2000 ? skewMs : 0)),
    skew: (ms) => (ms === undefined ? skewMs : (skewMs = ms)),
  };
}

async function once(url, method, { json, form, csrf }) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), form ? UPLOAD_MS : PATIENCE_MS);
  try {
    const headers = { Accept: "application/json" };
    if (json !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["X-CSRFToken"] = csrf;
    const answer = await fetch(url, {
      method,
      headers,
      body: form || (json === undefined ? undefined : JSON.stringify(json)),
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual",
      signal: stop.signal,
    });
    return await heard(answer);
  } catch (error) {
    return { kind: "away", status: 0, body: null };
  } finally {
    clearTimeout(timer);
  }
}

async function heard(answer) {
  const { status } = answer;
  if (answer.type === "opaqueredirect" || status === 401) return told("signed_out", 401);
  const json = (answer.headers.get("Content-Type") || "").startsWith("application/json");
  const body = json ? await answer.json() : null;
  if (answer.ok) return body ? told("ok", status, body) : told("away", 0);
  if (body && body.code && status < 500) return told("refused", status, body);
  if (status === 403 || status === 404) return told("forbidden", status);
  if (status === 413) {
    return told("refused", 413, { code: "too_large", message: "内容太大，无法上传。" });
  }
  return told("away", status);
}

const told = (kind, status, body = null) => ({ kind, status, body });
