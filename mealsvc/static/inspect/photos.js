// The photos of one item: take, look at, take again, remove.

import { badFile, drawOn, findPosition, newKey, position } from "./camera.js";
import { el, icon, tap } from "./parts.js";

const SMALL = 240;
const LARGE = 1200;

/** The row of small pictures and the button of the camera. `ctx` is the screen's. */
export function photoRow(ctx, item) {
  const keys = ctx.entry(item.code).photos || [];
  const row = el("div", { class: "photos", "data-photos": keys.length });
  if (!ctx.signed) row.append(camera(ctx, item, keys));
  keys.forEach((key, at) => row.append(thumb(ctx, item, key, at)));
  return row;
}

function camera(ctx, item, keys) {
  const { per_item: most, per_visit: all } = ctx.pack.limits;
  if (keys.length >= most || ctx.photoCount() >= all) {
    const why = keys.length >= most ? `每项最多${most}张` : `本次检查最多${all}张`;
    return el("p", { class: "shoot full" }, why);
  }
  const input = el("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden", "data-camera": item.code });
  input.addEventListener("click", findPosition);
  input.addEventListener("change", () => take(ctx, item, input));
  return el("label", { class: "shoot" }, input, icon("camera"), el("span", {}, `拍照 ${keys.length}/${most}`));
}

async function take(ctx, item, input, instead = "") {
  const file = input.files[0];
  input.value = "";
  if (!file) return;
  const wrong = badFile(file, ctx.pack.limits.photo_bytes);
  if (wrong) {
    ctx.say("bad", wrong);
    return;
  }
  const at = await position();
  const photo = {
    key: newKey(ctx.row.id),
    visit: ctx.row.id,
    item: item.code,
    blob: new Blob([await file.arrayBuffer()], { type: file.type }),
    takenAt: ctx.now().toISOString(),
    lon: at ? at.lon : null,
    lat: at ? at.lat : null,
    state: "waiting",
  };
  try {
    await ctx.kept.keepPhoto(photo);
  } catch (error) {
    ctx.say("bad", "照片没有存下：本机存储空间不足，请清理后重拍。");
    return;
  }
  ctx.photos.set(photo.key, photo);
  const photos = (ctx.entry(item.code).photos || []).filter((key) => key !== instead);
  ctx.change((document) => (ctx.entryIn(document, item.code).photos = [...photos, photo.key]));
  if (instead) await forget(ctx, instead);
  ctx.render();
  ctx.sync.send();
}

function thumb(ctx, item, key, at) {
  const photo = ctx.photos.get(key);
  const words = photo ? { waiting: "待传", sent: "", refused: "未收" }[photo.state] : "在别处";
  const button = el("button", { type: "button", class: "thumb", "aria-label": `第${at + 1}张照片${words ? `，${words}` : ""}`, "data-state": photo ? photo.state : "elsewhere" });
  if (photo && photo.blob) {
    const canvas = el("canvas", {});
    drawOn(canvas, photo.blob, SMALL);
    button.append(canvas);
  } else if (photo) {
    button.append(el("img", { src: `${ctx.root}/photos/${photo.id}.jpg`, alt: "", loading: "lazy" }));
  } else button.append(icon("wait"));
  if (words) button.append(el("small", {}, words));
  button.addEventListener("click", () => open(ctx, item, key));
  return button;
}

/** One photo large, with what can be done about it. */
function open(ctx, item, key) {
  const photo = ctx.photos.get(key);
  const box = el("dialog", { class: "large", "aria-label": "照片" });
  if (photo && photo.blob) {
    const canvas = el("canvas", {});
    drawOn(canvas, photo.blob, LARGE);
    box.append(canvas);
  } else if (photo) box.append(el("img", { src: `${ctx.root}/photos/${photo.id}.jpg`, alt: `${item.code} 的照片` }));
  else box.append(el("p", {}, "这张照片还在拍摄的那部手机上，请让它联网上传；或删去后重拍。"));
  if (photo && photo.state === "refused") box.append(el("p", { class: "wrong" }, photo.why));
  const close = () => box.remove();
  const again = el("input", { type: "file", accept: "image/*", capture: "environment", class: "visually-hidden" });
  again.addEventListener("click", findPosition);
  again.addEventListener("change", () => take(ctx, item, again, key).then(close));
  const remove = async () => {
    const left = ctx.entry(item.code).photos.filter((one) => one !== key);
    ctx.change((document) => (ctx.entryIn(document, item.code).photos = left));
    await forget(ctx, key);
    close();
    ctx.render();
  };
  box.append(
    el(
      "div",
      { class: "large-acts" },
      tap("返回", close),
      !ctx.signed && el("label", { class: "btn btn-secondary" }, again, "重拍"),
      !ctx.signed && tap("删去", remove, { kind: "danger" }),
    ),
  );
  document.body.append(box);
  box.addEventListener("close", close);
  box.showModal();
}

/** What was not sent yet is gone; what the server has stays there, shown by no item. */
async function forget(ctx, key) {
  ctx.photos.delete(key);
  await ctx.kept.dropPhoto(key);
}
