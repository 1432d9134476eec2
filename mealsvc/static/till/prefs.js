// What an operator set on this device: preferences only, nothing about anybody.

/** The value kept under a name, or null; a browser that keeps nothing has none. */
export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch (error) {
    return null;
  }
}

export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch (error) {
    return; // it holds until the page closes
  }
}
