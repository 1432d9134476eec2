// The inspector's list: takes each visit along for places without network, and says what is kept.

import { openKept } from "./kept.js";
import { createNet } from "./net.js";
import { isTouched } from "./record.js";
import { received } from "./visit.js";

const page = document.getElementById("visits");
const { root } = page.dataset;
const net = createNet(root);

start();

async function start() {
  navigator.serviceWorker?.register(`${root}/inspect/sw.js`, { scope: `${root}/inspect` }).catch(() => {});
  let kept;
  try {
    kept = await openKept();
  } catch (error) {
    return;
  }
  const rows = new Map((await kept.visits()).map((row) => [row.id, row]));
  for (const mark of page.querySelectorAll("[data-visit]")) {
    const id = Number(mark.dataset.visit);
    say(mark, rows.get(id), await waiting(kept, id));
    if (mark.dataset.open === "") await takeAlong(kept, mark, id);
  }
  leftovers(rows);
}

async function takeAlong(kept, mark, id) {
  const reply = await net.get(`/inspect/${id}/data`);
  if (reply.kind !== "ok" || reply.body.result || reply.body.visit.status === "cancelled") return;
  const row = await kept.visit(id); // read now: the visit may be open in another tab
  if (row && (row.dirty || row.concluding)) return;
  await kept.keepVisit(received(row, id, reply.body).row);
  say(mark, await kept.visit(id), await waiting(kept, id));
}

const waiting = async (kept, id) => (await kept.photosOf(id)).filter((photo) => photo.state === "waiting").length;

function say(mark, row, photos) {
  const box = mark.querySelector("[data-kept]");
  if (!box) return; // signed already
  if (!row) box.textContent = "未下载，要联网才能打开";
  else if (row.concluding) box.textContent = "已签字，等待联网提交";
  else if (row.dirty || photos) box.textContent = `本机有未上传的内容${photos ? `（照片${photos}张）` : ""}`;
  else box.textContent = isTouched(row.document) ? "已下载，已填部分已上传" : "已下载，可离线使用";
  box.dataset.state = row ? (row.dirty || photos ? "dirty" : "kept") : "none";
}

/** Visits that are kept here and stand in no list: signed elsewhere, or of somebody else. */
function leftovers(rows) {
  const shown = new Set([...page.querySelectorAll("[data-visit]")].map((mark) => Number(mark.dataset.visit)));
  const box = document.getElementById("leftovers");
  for (const row of rows.values()) {
    if (shown.has(row.id) || !row.dirty) continue;
    const link = document.createElement("a");
    link.href = `${root}/inspect/${row.id}`;
    link.className = "btn btn-secondary";
    link.textContent = `${row.pack.point.name}：本机有未上传的内容`;
    box.append(link);
    box.hidden = false;
  }
}
