// The linked map: its state, its parts, and what is sent to Python. The other files come before it.

const MODES = [
  ["move", "Move"],
  ["lasso", "Lasso"],
  ["box", "Box"],
];
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
  const [first] = data.colourings.filter((one) => one.classes);
  map.labels = first ? intsOf(first.values[0]) : null;
  map.classes = first?.classes ?? [];
  map.highlight = data.highlight ?? [];
  if (!sameSamples) [map.selected, map.focus, map.hover] = [new Set(), -1, -1];
  const asked = JSON.stringify(data.selected);
  if (data.selected && (!sameSamples || asked !== JSON.stringify(before.selected)))
    map.selected = new Set(data.selected);
  if (!sameSamples || JSON.stringify(before.colourings) !== JSON.stringify(data.colourings)) {
    map.isolated = new Set();
    buildLegend(map);
  }
  if (JSON.stringify(before?.panels) !== JSON.stringify(data.panels)) buildPanels(map);
  showCount(map);
}

function buildPanels(map) {
  const { panels } = map.data;
  map.stages.style.setProperty("--across", panels.length);
  map.stages.classList.toggle("four", panels.length > 3);
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
  const { classes } = map;
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
