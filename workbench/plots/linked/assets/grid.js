// A grid over the points of a panel, so that a pointer meets few of them however many there are.

const PER_CELL = 4;
const MOST_CELLS = 256; // a side

/** Points sorted by cell: those of cell c are items[starts[c]] to items[starts[c + 1] - 1]. */
function gridOf(x, y) {
  const count = x.length;
  const side = Math.max(1, Math.min(MOST_CELLS, Math.ceil(Math.sqrt(count / PER_CELL))));
  const { left, right, bottom, top } = boundsOf([[x, y]]);
  const grid = {
    side,
    left,
    bottom,
    perX: right > left ? side / (right - left) : 0,
    perY: top > bottom ? side / (top - bottom) : 0,
    starts: new Int32Array(side * side + 1),
    items: new Int32Array(count),
  };
  const cells = new Int32Array(count);
  for (let i = 0; i < count; i += 1) {
    cells[i] = lineOf(grid, y[i]) * side + columnOf(grid, x[i]);
    grid.starts[cells[i] + 1] += 1;
  }
  for (let cell = 0; cell < side * side; cell += 1) grid.starts[cell + 1] += grid.starts[cell];
  const next = grid.starts.slice();
  for (let i = 0; i < count; i += 1) grid.items[next[cells[i]]++] = i;
  return grid;
}

const within = (side, cell) => Math.max(0, Math.min(side - 1, Math.floor(cell)));
const columnOf = (grid, x) => (grid.perX ? within(grid.side, (x - grid.left) * grid.perX) : 0);
const lineOf = (grid, y) => (grid.perY ? within(grid.side, (y - grid.bottom) * grid.perY) : 0);

/** The point nearest to (px, py) within reach, or -1. Points that are faded out are passed over. */
function pointAt(panel, px, py, reach) {
  const { view, x, y, shown } = panel;
  panel.grid ??= gridOf(x, y);
  const { side, starts, items } = panel.grid;
  const atX = view.x + (px - panel.width / 2) / view.scale;
  const atY = view.y - (py - panel.height / 2) / view.scale;
  const far = reach / view.scale;
  const [first, last] = [columnOf(panel.grid, atX - far), columnOf(panel.grid, atX + far)];
  const [low, high] = [lineOf(panel.grid, atY - far), lineOf(panel.grid, atY + far)];
  let best = -1;
  let least = far * far;
  for (let line = low; line <= high; line += 1) {
    const end = starts[line * side + last + 1];
    for (let k = starts[line * side + first]; k < end; k += 1) {
      const i = items[k];
      const distance = (x[i] - atX) ** 2 + (y[i] - atY) ** 2;
      if (distance <= least && shown[i]) {
        least = distance;
        best = i;
      }
    }
  }
  return best;
}

/** The next point in a direction: near, and not far off the line. -1 if there is none. */
function pointBeyond(panel, from, dx, dy) {
  const { x, y, shown, view } = panel;
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < x.length; i += 1) {
    if (i === from || !shown[i]) continue;
    const [right, down] = [(x[i] - x[from]) * view.scale, (y[from] - y[i]) * view.scale];
    const along = right * dx + down * dy;
    const aside = Math.abs(right * dy) + Math.abs(down * dx);
    if (along <= 0.5 || aside > along) continue;
    const cost = along + 2 * aside;
    if (cost < least) {
      least = cost;
      best = i;
    }
  }
  return best;
}
