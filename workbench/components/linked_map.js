// The linked map: state, events and what is sent to Python. Joined after points and draw.

const REACH = 14; // pixels from the pointer within which a point is met
const STILL = 4; // a press that moves less than this is a click
const MODES = [
  ["move", "Move"],
  ["lasso", "Lasso"],
  ["box", "Box"],
];
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const maps = new WeakMap();

export default function linkedMap({ data, parentElement, setStateValue }) {
  let map = maps.get(parentElement);
  if (!map) {
    map = newMap(parentElement.querySelector(".linked-map"));
    maps.set(parentElement, map);
  }
  map.send = (choice) => setStateValue("choice", choice);
  if (map.data !== data) takeData(map, data);
  drawAll(map);
  return () => {
    map.watcher.disconnect();
    maps.delete(parentElement);
  };
}

function newMap(root) {
  const find = (name) => root.querySelector(`.${name}`);
  const map = {
    root,
    stages: find("panels"),
    legend: find("legend"),
    card: find("card"),
    spoken: find("spoken"),
    count: find("count"),
    clear: find("clear"),
    modes: find("modes"),
    mode: "move",
    data: null,
    panels: [],
    labels: null,
    selected: new Set(),
    highlight: [],
    isolated: new Set(),
    hover: -1,
    focus: -1,
  };
  map.isShown = (sample) => !map.isolated.size || map.isolated.has(map.labels?.[sample]);
  map.watcher = new ResizeObserver(() => measureAll(map));
  map.watcher.observe(map.stages);
  for (const [mode, name] of MODES) map.modes.append(modeButton(map, mode, name));
  find("reset").onclick = () => resetAll(map);
  map.clear.onclick = () => choose(map, new Set(), -1);
  setMode(map, "move");
  return map;
}

// ---- Data from Python -------------------------------------------------------------------------

function takeData(map, data) {
  const before = map.data;
  map.data = data;
  const sameSamples = before?.ids === data.ids;
  map.labels = data.labels ? intsOf(data.labels) : null;
  map.highlight = data.highlight ?? [];
  if (!sameSamples) [map.selected, map.focus, map.hover] = [new Set(), -1, -1];
  const asked = JSON.stringify(data.selected);
  if (data.selected && (!sameSamples || asked !== JSON.stringify(before.selected)))
    map.selected = new Set(data.selected);
  if (!sameSamples || JSON.stringify(before.classes) !== JSON.stringify(data.classes)) {
    map.isolated = new Set();
    buildLegend(map);
  }
  if (JSON.stringify(before?.panels) !== JSON.stringify(data.panels)) buildPanels(map);
  showCount(map);
}

function buildPanels(map) {
  const { panels } = map.data;
  map.stages.style.setProperty("--across", panels.length);
  map.stages.classList.toggle("four", panels.length > 2);
  map.panels = panels.map((told) => newPanel(map, told));
  map.stages.replaceChildren(...map.panels.map((panel) => panel.figure));
  if (map.data.sameScale) {
    const width = Math.max(...map.panels.map((panel) => panel.extent.width));
    const height = Math.max(...map.panels.map((panel) => panel.extent.height));
    for (const panel of map.panels) Object.assign(panel.extent, { width, height });
  }
  measureAll(map);
}

function newPanel(map, told) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  const stage = document.createElement("div");
  const [base, top] = [document.createElement("canvas"), document.createElement("canvas")];
  const [title, subtitle] = [document.createElement("strong"), document.createElement("span")];
  title.textContent = told.title;
  subtitle.textContent = told.subtitle;
  caption.append(title, subtitle);
  stage.className = "stage";
  top.className = "top";
  top.tabIndex = 0;
  top.setAttribute("role", "application");
  top.setAttribute("aria-roledescription", "map");
  stage.append(base, top);
  figure.append(caption, stage);
  const points = intsOf(told.points);
  top.setAttribute(
    "aria-label",
    `${told.title}. ${told.subtitle} Map of ${points.length} samples. Arrow keys go from point to ` +
      "point, Enter picks one, plus and minus zoom, Shift with arrows moves the map, 0 resets it.",
  );
  const [x, y] = [floatsOf(told.x), floatsOf(told.y)];
  const panel = { figure, stage, base, top, points, x, y, extent: extentOf(x, y), pointers: new Map() };
  panel.placeOf = new Map(Array.from(points, (sample, i) => [sample, i]));
  panel.order = scattered(points.length);
  listen(map, panel);
  return panel;
}

/** A fixed mixed order, so that no class lies on top of the others. */
function scattered(count) {
  let step = Math.max(1, Math.floor(count * 0.618));
  const divides = (a, b) => (b ? divides(b, a % b) : a);
  while (divides(step, count) > 1) step += 1;
  return Int32Array.from({ length: count }, (_, i) => (i * step) % count);
}

function buildLegend(map) {
  const { classes } = map.data;
  const present = new Set(map.labels ?? []);
  const entries = map.labels ? [...classes.entries()].filter(([index]) => present.has(index)) : [];
  if (entries.length && present.has(-1)) entries.push([-1, "no label"]);
  map.legend.replaceChildren(...entries.map(([index, name]) => legendButton(map, index, name)));
  map.legend.hidden = !entries.length;
  showIsolated(map);
}

function legendButton(map, index, name) {
  const button = document.createElement("button");
  const mark = document.createElement("canvas");
  const text = document.createElement("span");
  [mark.width, mark.height] = [24, 24];
  const context = mark.getContext("2d");
  const picture = sprite(...lookOf(map.data, index), 4, 2);
  context.drawImage(picture, 12 - picture.width / 2, 12 - picture.height / 2);
  text.textContent = name;
  button.type = "button";
  button.title = `Show only ${name} (Shift adds a class)`;
  button.dataset.index = index;
  button.append(mark, text);
  button.onclick = (event) => isolate(map, index, event.shiftKey);
  return button;
}

// ---- Views ------------------------------------------------------------------------------------

function measureAll(map) {
  for (const panel of map.panels) {
    const [width, height] = [panel.stage.clientWidth, panel.stage.clientHeight];
    if (!width || !height) continue;
    const room = 24;
    const scale = Math.min(
      (width - 2 * room) / panel.extent.width,
      (height - 2 * room) / panel.extent.height,
    );
    const zoom = panel.view ? panel.view.scale / panel.fit.scale : 1;
    const [x, y] = panel.view ? [panel.view.x, panel.view.y] : [panel.extent.x, panel.extent.y];
    Object.assign(panel, { width, height });
    panel.fit = { x: panel.extent.x, y: panel.extent.y, scale };
    panel.view = { x, y, scale: scale * zoom };
  }
  drawAll(map);
}

function drawAll(map) {
  for (const panel of map.panels) draw(map, panel);
}

/** At most once a frame, however many events came. */
function draw(map, panel, topOnly = false) {
  panel.stale = panel.stale || !topOnly;
  if (panel.waiting) return;
  panel.waiting = requestAnimationFrame(() => {
    panel.waiting = 0;
    if (!panel.view) return;
    if (panel.stale) drawPoints(map, panel);
    panel.stale = false;
    drawTop(map, panel);
  });
}

const drawTops = (map) => map.panels.forEach((panel) => draw(map, panel, true));

function zoom(map, panel, factor, px = panel.width / 2, py = panel.height / 2) {
  const { view, fit } = panel;
  const scale = Math.max(0.5 * fit.scale, Math.min(60 * fit.scale, view.scale * factor));
  const [dx, dy] = [px - panel.width / 2, panel.height / 2 - py];
  view.x += dx / view.scale - dx / scale;
  view.y += dy / view.scale - dy / scale;
  view.scale = scale;
  draw(map, panel);
  hideCard(map);
}

function pan(map, panel, dx, dy) {
  panel.view.x -= dx / panel.view.scale;
  panel.view.y += dy / panel.view.scale;
  draw(map, panel);
  hideCard(map);
}

function reset(map, panel) {
  panel.view = { ...panel.fit };
  draw(map, panel);
}

function resetAll(map) {
  for (const panel of map.panels) reset(map, panel);
  hideCard(map);
}

// ---- What is chosen ---------------------------------------------------------------------------

function choose(map, selected, focus = map.focus) {
  map.selected = selected;
  map.focus = focus;
  showCount(map);
  drawAll(map);
  map.send({ count: map.data.count, bits: bitsOf(selected, map.data.count), focus });
}

function showCount(map) {
  const chosen = map.selected.size;
  map.count.textContent = chosen
    ? `${chosen.toLocaleString("en")} of ${map.data.count.toLocaleString("en")} selected`
    : "";
  map.clear.hidden = !chosen && map.focus < 0;
}

function isolate(map, index, adds) {
  const alone = map.isolated.size === 1 && map.isolated.has(index);
  if (adds && map.isolated.has(index)) map.isolated.delete(index);
  else if (adds) map.isolated.add(index);
  else map.isolated = new Set(alone ? [] : [index]);
  showIsolated(map);
  drawAll(map);
}

function showIsolated(map) {
  map.legend.classList.toggle("isolated", map.isolated.size > 0);
  for (const button of map.legend.children)
    button.setAttribute("aria-pressed", map.isolated.has(Number(button.dataset.index)));
}

function modeButton(map, mode, name) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.setAttribute("role", "radio");
  button.dataset.mode = mode;
  button.onclick = () => setMode(map, mode);
  button.onkeydown = (event) => {
    const [dx, dy] = DIRECTIONS[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    const at = MODES.findIndex(([name]) => name === mode);
    setMode(map, MODES[(at + dx + dy + MODES.length) % MODES.length][0]);
    map.modes.querySelector('[aria-checked="true"]').focus();
  };
  return button;
}

function setMode(map, mode) {
  map.mode = mode;
  map.root.classList.toggle("drawing", mode !== "move");
  for (const button of map.modes.children) {
    const is = button.dataset.mode === mode;
    button.setAttribute("aria-checked", is);
    button.tabIndex = is ? 0 : -1;
  }
}

// ---- The card ---------------------------------------------------------------------------------

function hover(map, panel, i) {
  const sample = i < 0 ? -1 : panel.points[i];
  if (sample === map.hover) return;
  map.hover = sample;
  drawTops(map);
  if (sample < 0) hideCard(map);
  else showCard(map, panel, i);
}

function showCard(map, panel, i) {
  const sample = panel.points[i];
  const { sheet, texts, classes } = map.data;
  const parts = [];
  if (sheet) parts.push(pictureOf(sheet, sample));
  if (map.labels) parts.push(element("strong", classes[map.labels[sample]] ?? "no label"));
  if (texts) parts.push(element("p", texts[sample]));
  map.ids ??= {};
  if (map.ids.from !== map.data.ids) map.ids = { from: map.data.ids, list: intsOf(map.data.ids) };
  parts.push(element("small", `sample ${map.ids.list[sample]}`));
  map.card.replaceChildren(...parts);
  map.card.hidden = false;
  const [x, y] = screenOf(panel, i);
  const [root, stage] = [map.root.getBoundingClientRect(), panel.stage.getBoundingClientRect()];
  const half = map.card.offsetWidth / 2;
  const left = Math.max(half, Math.min(root.width - half, stage.left - root.left + x));
  const above = stage.top - root.top + y - 12;
  const fits = stage.top + y - 12 - map.card.offsetHeight > 0;
  map.card.classList.toggle("below", !fits);
  map.card.style.left = `${left}px`;
  map.card.style.top = `${fits ? above : above + 24}px`;
}

function hideCard(map) {
  map.card.hidden = true;
  if (map.hover < 0) return;
  map.hover = -1;
  drawTops(map);
}

function pictureOf(sheet, sample) {
  const side = 112 / Math.max(sheet.width, sheet.height);
  const picture = element("div", "");
  const [column, line] = [sample % sheet.columns, Math.floor(sample / sheet.columns)];
  const [width, height] = [sheet.width * side, sheet.height * side];
  picture.className = sheet.width < 48 ? "picture exact" : "picture";
  Object.assign(picture.style, {
    width: `${width}px`,
    height: `${height}px`,
    backgroundImage: `url("${sheet.address}")`,
    backgroundPosition: `${-column * width}px ${-line * height}px`,
    backgroundSize: `${sheet.columns * width}px ${sheet.down * height}px`,
  });
  return picture;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

// ---- Pointer and keys -------------------------------------------------------------------------

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
    if (!before) {
      hover(map, panel, pointAt(panel, ...now, REACH, map.isShown));
      return;
    }
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
  top.onblur = () => hover(map, panel, -1);
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

function pinch(map, panel, moving, now) {
  const [still] = [...panel.pointers].filter(([id]) => id !== moving).map(([, place]) => place);
  const before = panel.pointers.get(moving);
  const apart = ([x, y]) => Math.max(10, Math.hypot(x - still[0], y - still[1]));
  panel.path = null;
  zoom(map, panel, apart(now) / apart(before), (now[0] + still[0]) / 2, (now[1] + still[1]) / 2);
}

function extend(map, panel, now) {
  const box = map.mode === "box";
  panel.path = box ? boxOf(panel.path[0], now) : [...panel.path, now];
  draw(map, panel, true);
}

function enclose(map, panel, path, adds) {
  const chosen = new Set(adds ? map.selected : []);
  panel.points.forEach((sample, i) => {
    if (map.isShown(sample) && inside(path, ...screenOf(panel, i))) chosen.add(sample);
  });
  choose(map, chosen);
}

function click(map, panel, [px, py]) {
  const i = pointAt(panel, px, py, REACH, map.isShown);
  hover(map, panel, i);
  pick(map, i < 0 ? -1 : panel.points[i]);
}

function pick(map, sample) {
  if (sample !== map.focus) choose(map, map.selected, sample);
}

function press(map, panel, event) {
  const direction = DIRECTIONS[event.key];
  const here = panel.placeOf.get(map.hover) ?? panel.placeOf.get(map.focus) ?? -1;
  if (direction && event.shiftKey) pan(map, panel, -40 * direction[0], -40 * direction[1]);
  else if (direction) step(map, panel, here, direction);
  else if (event.key === "+" || event.key === "=") zoom(map, panel, 1.25);
  else if (event.key === "-") zoom(map, panel, 0.8);
  else if (event.key === "0") reset(map, panel);
  else if (event.key === "Enter" && here >= 0) pick(map, panel.points[here]);
  else if (event.key === "Escape") escape(map, panel);
  else return;
  event.preventDefault();
}

function step(map, panel, here, [dx, dy]) {
  const next =
    here < 0
      ? pointAt(panel, panel.width / 2, panel.height / 2, Infinity, map.isShown)
      : pointBeyond(panel, here, dx, dy, map.isShown);
  if (next < 0) return;
  const [x, y] = screenOf(panel, next);
  if (x < 0 || y < 0 || x > panel.width || y > panel.height)
    pan(map, panel, panel.width / 2 - x, panel.height / 2 - y);
  map.hover = -1;
  hover(map, panel, next);
  map.spoken.textContent = map.card.textContent;
}

function escape(map, panel) {
  hover(map, panel, -1);
  if (map.isolated.size) {
    map.isolated = new Set();
    showIsolated(map);
    drawAll(map);
  } else if (map.selected.size || map.focus >= 0) choose(map, new Set(), -1);
}
