// Points and geometry: pure functions. The files of the linked map are joined into one module.

const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const floatsOf = (text) => new Float32Array(bytesOf(text).buffer);
const intsOf = (text) => new Int32Array(bytesOf(text).buffer);

/** One bit a sample, lowest bit first, in base64. */
function bitsOf(chosen, count) {
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (const sample of chosen) bytes[sample >> 3] |= 1 << (sample & 7);
  return btoa(String.fromCharCode(...bytes));
}

/** Middle and width of the points; a single point is one unit wide. */
function extentOf(x, y) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0; i < x.length; i += 1) {
    left = Math.min(left, x[i]);
    right = Math.max(right, x[i]);
    bottom = Math.min(bottom, y[i]);
    top = Math.max(top, y[i]);
  }
  if (!x.length) return { x: 0, y: 0, width: 1, height: 1 };
  const least = 1e-6 * Math.max(1, Math.abs(left), Math.abs(top));
  return {
    x: (left + right) / 2,
    y: (bottom + top) / 2,
    width: right - left > least ? right - left : 1,
    height: top - bottom > least ? top - bottom : 1,
  };
}

/** Where point i of a panel lies on its stage, in CSS pixels. */
function screenOf(panel, i) {
  const { view, width, height } = panel;
  return [
    width / 2 + (panel.x[i] - view.x) * view.scale,
    height / 2 - (panel.y[i] - view.y) * view.scale,
  ];
}

/** The point nearest to (px, py) within reach, or -1. Points that are faded out are passed over. */
function pointAt(panel, px, py, reach, isShown) {
  let best = -1;
  let least = reach * reach;
  for (let i = 0; i < panel.points.length; i += 1) {
    const [x, y] = screenOf(panel, i);
    const distance = (x - px) ** 2 + (y - py) ** 2;
    if (distance <= least && isShown(panel.points[i])) {
      least = distance;
      best = i;
    }
  }
  return best;
}

/** The next point in a direction: near, and not far off the line. -1 if there is none. */
function pointBeyond(panel, from, dx, dy, isShown) {
  const [startX, startY] = screenOf(panel, from);
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < panel.points.length; i += 1) {
    if (i === from || !isShown(panel.points[i])) continue;
    const [x, y] = screenOf(panel, i);
    const along = (x - startX) * dx + (y - startY) * dy;
    const aside = Math.abs((x - startX) * dy) + Math.abs((y - startY) * dx);
    if (along <= 0.5 || aside > along) continue;
    const cost = along + 2 * aside;
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  return best;
}

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
