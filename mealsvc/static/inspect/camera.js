// Taking a photo: the camera of the phone, where it was taken if the phone tells, and small pictures
// to look at. Nothing is loaded from addresses that the content policy refuses.

const POSITION_MS = 1500;
const KINDS = ["image/jpeg", "image/png", "image/webp"];

let asked = Promise.resolve(null);

/** Begins to find out where we are; the answer is waited for when the photo is there. */
export function findPosition() {
  if (!navigator.geolocation) return;
  asked = new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lon: coords.longitude, lat: coords.latitude }),
      () => done(null),
      { maximumAge: 120000, timeout: 10000, enableHighAccuracy: true },
    );
  });
}

export function position() {
  const late = new Promise((done) => setTimeout(() => done(null), POSITION_MS));
  return Promise.race([asked, late]);
}

/** Why this file is no photo that the server takes; "" if it is one. */
export function badFile(file, limit) {
  if (!file.size) return "照片是空的，请重拍。";
  if (file.size > limit) return `照片超过${Math.floor(limit / 1048576)}MB，请把相机分辨率调低后重拍。`;
  if (file.type && !KINDS.includes(file.type)) return "只收JPEG、PNG或WebP照片，请用手机相机拍摄。";
  return "";
}

export const newKey = (id) => `V${id}-${random(12)}`;

/** Letters and digits that nobody else draws; also over plain http. */
export function random(bytes) {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return [...drawn].map((one) => one.toString(16).padStart(2, "0")).join("");
}

/** Draws a kept photo on a canvas; resolves false where the browser cannot read it. */
export async function drawOn(canvas, blob, longest) {
  try {
    const picture = await createImageBitmap(blob);
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return true;
  } catch (error) {
    return false;
  }
}
