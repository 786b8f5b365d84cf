// Points and geometry: pure functions. The files of the linked map are joined into one module.

function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const floatsOf = (text) => new Float32Array(bytesOf(text).buffer);
const intsOf = (text) => new Int32Array(bytesOf(text).buffer);

/** One bit a sample, lowest bit first, in base64. */
function bitsOf(chosen) {
  const bytes = new Uint8Array(Math.ceil(chosen.length / 8));
  for (let sample = 0; sample < chosen.length; sample += 1)
    if (chosen[sample]) bytes[sample >> 3] |= 1 << (sample & 7);
  return btoa(String.fromCharCode(...bytes));
}

/** Left, right, bottom and top of points; of several sets of them together. */
function boundsOf(sets) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of sets) {
    for (let i = 0; i < x.length; i += 1) {
      if (x[i] < left) left = x[i];
      if (x[i] > right) right = x[i];
      if (y[i] < bottom) bottom = y[i];
      if (y[i] > top) top = y[i];
    }
  }
  return left <= right ? { left, right, bottom, top } : { left: 0, right: 0, bottom: 0, top: 0 };
}

/** Middle and size of the points. A side that is nothing gets the other's, a single point one. */
function extentOf(sets) {
  const { left, right, bottom, top } = boundsOf(sets);
  const least = 1e-6 * Math.max(1, Math.abs(left), Math.abs(top));
  const [wide, high] = [right - left, top - bottom];
  const instead = Math.max(wide, high) > least ? Math.max(wide, high) : 1;
  return {
    x: (left + right) / 2,
    y: (bottom + top) / 2,
    width: wide > least ? wide : instead,
    height: high > least ? high : instead,
  };
}

/** How much wider all points lie than the middle 98 of 100 do: far above 1 where some lie apart. */
function spreadOf(x, y) {
  const wider = (values) => {
    const sorted = Float32Array.from(values).sort();
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    return (at(1) - at(0)) / Math.max(at(0.99) - at(0.01), 1e-9);
  };
  return x.length < 3 ? 1 : Math.min(1e5, Math.max(wider(x), wider(y)));
}

/** Where (x, y) of a panel lies on its stage, in CSS pixels. */
function placeOn(panel, x, y) {
  const { view, width, height } = panel;
  return [width / 2 + (x - view.x) * view.scale, height / 2 - (y - view.y) * view.scale];
}

const screenOf = (panel, i) => placeOn(panel, panel.x[i], panel.y[i]);

/** Whether a point lies inside a closed path of [x, y] pairs (even-odd rule). */
function inside(path, px, py) {
  let within = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i, i += 1) {
    const [ax, ay] = path[i];
    const [bx, by] = path[j];
    if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) within = !within;
  }
  return within;
}

/** The corners of the box between two points, as a path. */
const boxOf = ([ax, ay], [bx, by]) => [
  [ax, ay],
  [bx, ay],
  [bx, by],
  [ax, by],
];

/** A fixed mixed order, so that no class lies on top of the others. */
function scattered(count) {
  let step = Math.max(1, Math.floor(count * 0.618));
  const divides = (a, b) => (b ? divides(b, a % b) : a);
  while (divides(step, count) > 1) step += 1;
  return Int32Array.from({ length: count }, (_, i) => (i * step) % count);
}
