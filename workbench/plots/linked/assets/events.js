// What pointer, wheel and keys do on one map.

const REACH = 14; // pixels from the pointer within which a point is met
const STILL = 4; // a press that moves less than this is a click
const CLOSE = 2; // corners of a lasso nearer than this are one
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function listen(map, panel) {
  const { top, pointers } = panel;
  const at = (event) => {
    const box = top.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  top.onpointerdown = (event) => {
    top.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    panel.moved = 0;
    const draws = map.mode !== "move" || event.shiftKey;
    panel.path = draws && pointers.size === 1 ? [at(event)] : null;
  };
  top.onpointermove = (event) => {
    const now = at(event);
    const before = pointers.get(event.pointerId);
    if (!before) return meet(map, panel, now);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    panel.moved += Math.hypot(dx, dy);
    if (pointers.size === 2) pinch(map, panel, event.pointerId, now);
    else if (panel.path) extend(map, panel, now);
    else if (panel.moved > STILL) pan(map, panel, dx, dy);
    pointers.set(event.pointerId, now);
  };
  top.onpointerup = (event) => {
    const now = at(event);
    pointers.delete(event.pointerId);
    const path = panel.path;
    panel.path = null;
    if (panel.moved <= STILL) click(map, panel, now);
    else if (path) enclose(map, panel, path, event.shiftKey && map.mode !== "move");
    draw(map, panel, true);
  };
  top.onpointercancel = (event) => {
    pointers.delete(event.pointerId);
    panel.path = null;
    draw(map, panel, true);
  };
  // A finger leaves as soon as it is lifted; its card stays until the next tap.
  top.onpointerleave = (event) => event.pointerType !== "touch" && hover(map, panel, -1);
  top.onblur = () => hideCard(map);
  top.ondblclick = () => reset(map, panel);
  // Until the map has the focus, the wheel scrolls the page as everywhere else.
  top.addEventListener(
    "wheel",
    (event) => {
      const focused = top.getRootNode().activeElement === top;
      if (!focused && !event.ctrlKey) return;
      event.preventDefault();
      zoom(map, panel, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), ...at(event));
    },
    { passive: false },
  );
  top.onkeydown = (event) => press(map, panel, event);
}

/** The pointer rests on a satellite, on a point, or on nothing. */
function meet(map, panel, [px, py]) {
  const found = satelliteAt(map, panel, px, py);
  if (found) return pointOut(map, found.around, found.k);
  if (map.satellite) hideCard(map);
  hover(map, panel, pointAt(panel, px, py, REACH));
}

function pinch(map, panel, moving, now) {
  const [still] = [...panel.pointers].filter(([id]) => id !== moving).map(([, place]) => place);
  const before = panel.pointers.get(moving);
  const apart = ([x, y]) => Math.max(10, Math.hypot(x - still[0], y - still[1]));
  panel.path = null;
  zoom(map, panel, apart(now) / apart(before), (now[0] + still[0]) / 2, (now[1] + still[1]) / 2);
}

/** The path goes on. A card would stand still meanwhile, and stay when the path is closed. */
function extend(map, panel, now) {
  hideCard(map);
  const [lastX, lastY] = panel.path[panel.path.length - 1];
  if (map.mode === "box") panel.path = boxOf(panel.path[0], now);
  else if (Math.hypot(now[0] - lastX, now[1] - lastY) >= CLOSE) panel.path.push(now);
  draw(map, panel, true);
}

function click(map, panel, [px, py]) {
  const i = pointAt(panel, px, py, REACH);
  hover(map, panel, i, 0);
  pick(map, i < 0 ? -1 : panel.points[i]);
}

function press(map, panel, event) {
  const direction = DIRECTIONS[event.key];
  const here = Math.max(panel.placeOf(map.hover), panel.placeOf(map.hover < 0 ? map.focus : -1));
  if (direction && event.shiftKey) pan(map, panel, -40 * direction[0], -40 * direction[1]);
  else if (direction) step(map, panel, here, direction);
  else if (event.key === "+" || event.key === "=") zoom(map, panel, 1.25);
  else if (event.key === "-") zoom(map, panel, 0.8);
  else if (event.key === "0") reset(map, panel);
  else if (event.key === "Enter" && here >= 0) pick(map, panel.points[here]);
  else if (event.key === "Escape") escape(map);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function step(map, panel, here, [dx, dy]) {
  const next =
    here < 0
      ? pointAt(panel, panel.width / 2, panel.height / 2, Infinity)
      : pointBeyond(panel, here, dx, dy);
  if (next < 0) return;
  const [x, y] = screenOf(panel, next);
  if (x < 0 || y < 0 || x > panel.width || y > panel.height)
    pan(map, panel, panel.width / 2 - x, panel.height / 2 - y);
  hover(map, panel, next, 0);
  map.spoken.textContent = map.card.textContent;
}

function escape(map) {
  hideCard(map);
  if (map.isolated.size) {
    map.isolated = new Set();
    showIsolated(map);
    colourAll(map);
  } else if (map.chosen || map.focus >= 0) choose(map, nothing(map), -1);
}
