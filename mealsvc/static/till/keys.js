// One field takes whatever is typed: by hand, by a card reader, by a QR scanner. It keeps the focus.

const GAP_MS = 60; // a reader types faster than any finger
const LEAST = 4; // signs of the shortest card
const FINGER_MS = 160; // after a single digit: longer than that, and it was a finger

/**
 * @param {HTMLInputElement} field
 * @param {{typed: (text: string) => void, entered: (text: string, scanned: boolean) => void,
 *          picks: (digit: number, before: string) => boolean, pick: (digit: number) => void,
 *          arrow: (step: number, event: KeyboardEvent) => void, escape: () => void,
 *          special: (key: string) => boolean, pressed: () => void}} on
 */
export function listen(field, on) {
  let burst = 0; // signs that came as fast as a reader's
  let last = -Infinity;
  let finger = 0;

  function remember(event) {
    burst = event.timeStamp - last < GAP_MS ? burst + 1 : 1;
    last = event.timeStamp;
  }

  function digit(event) {
    const number = Number(event.key);
    const before = field.value;
    if (!(number >= 1 && number <= 9) || !on.picks(number, before)) return;
    finger = setTimeout(() => {
      finger = 0;
      field.value = before;
      on.pick(number);
    }, FINGER_MS);
  }

  function enter(event) {
    event.preventDefault();
    const scanned = burst >= LEAST && event.timeStamp - last < 2 * GAP_MS;
    const text = scanned ? field.value.slice(-burst) : field.value; // what stood there before was no card
    burst = 0;
    if (!event.repeat) on.entered(text, scanned);
  }

  function inField(event) {
    if (event.key === "Enter") enter(event);
    else if (event.key === "ArrowDown") on.arrow(1, event);
    else if (event.key === "ArrowUp") on.arrow(-1, event);
    else if (event.key.length === 1) {
      remember(event);
      digit(event);
    }
  }

  document.addEventListener("keydown", (event) => {
    on.pressed();
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    clearTimeout(finger);
    finger = 0;
    if (event.key === "Escape") return on.escape();
    if (on.special(event.key)) return event.preventDefault();
    const nowhere = event.target === document.body;
    if (nowhere || (isSign(event) && !isInput(event.target))) field.focus({ preventScroll: true });
    if (document.activeElement === field) inField(event);
  });

  field.addEventListener("input", (event) => {
    if (!event.isComposing) on.typed(field.value);
  });
  field.addEventListener("compositionend", () => on.typed(field.value));

  // A tap leaves the focus where it is; the keyboard's own walk (Tab) is left alone.
  document.addEventListener("mousedown", (event) => {
    on.pressed();
    if (!isInput(event.target) && event.target.closest(".counter")) event.preventDefault();
  });

  return {
    /** Whether a digit waits to be taken for a finger's. */
    waiting: () => finger !== 0,
    back: () => field.focus({ preventScroll: true }),
  };
}

const isInput = (target) => target.matches && target.matches("input, select, textarea");
// A space presses the button that has the focus; any other sign belongs into the field.
const isSign = (event) => event.key.length === 1 && event.key !== " ";
