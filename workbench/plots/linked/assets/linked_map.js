// The linked map: its state, what Python sends, and what is sent to Python. It comes last.

const MODES = [
  ["move", "Move"],
  ["lasso", "Lasso"],
  ["box", "Box"],
];
const maps = new WeakMap();

/** Called again whenever data or theme change; what it returns is called once, at the end. */
export default function linkedMap({ data, parentElement, setStateValue, setTriggerValue }) {
  let map = maps.get(parentElement);
  if (!map) {
    map = newMap(parentElement.querySelector(".linked-map"));
    maps.set(parentElement, map);
  }
  [map.send, map.tell] = [setStateValue, setTriggerValue];
  if (map.data !== data) takeData(map, data);
  drawAll(map);
  return () => {
    end(map);
    maps.delete(parentElement);
  };
}

function newMap(root) {
  const find = (name) => root.querySelector(`.${name}`);
  const map = {
    root,
    body: find("body"),
    stages: find("panels"),
    pictures: find("pictures"),
    togetherButton: find("together"),
    modes: find("modes"),
    count: find("count"),
    clear: find("clear"),
    naming: find("naming"),
    scrubber: find("scrubber"),
    views: find("views"),
    colours: find("colours"),
    search: find("search"),
    legend: find("legend"),
    help: find("help"),
    card: find("card"),
    spoken: find("spoken"),
    data: null,
    panels: [],
    around: [],
    frames: null,
    colour: null,
    unpacked: new Map(),
    told: { colour: [], step: [] },
    selected: new Uint8Array(0),
    chosen: 0,
    highlight: [],
    isolated: new Set(),
    hover: -1,
    focus: -1,
  };
  map.watcher = new ResizeObserver(() => measureAll(map));
  map.watcher.observe(map.stages);
  for (const [mode, name] of MODES) map.modes.append(modeButton(map, mode, name));
  find("reset").onclick = () => resetAll(map);
  map.togetherButton.onclick = () => setTogether(map, !map.together);
  map.clear.onclick = () => choose(map, nothing(map), -1);
  listenNaming(map);
  setMode(map, "move");
  setTogether(map, false);
  return map;
}

/** Keeps what the user has done, as far as it still fits what Python sends. */
function takeData(map, data) {
  const before = map.data;
  const changed = (...names) =>
    !before || names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(data[name]));
  map.data = data;
  map.unpacked.clear();
  map.highlight = data.highlight ?? [];
  hideCard(map);
  if (changed("ids")) {
    map.ids = intsOf(data.ids);
    setSelected(map, nothing(map));
    map.focus = -1;
  }
  if (data.selected && changed("ids", "selected")) {
    setSelected(map, maskOf(map, data.selected));
    // Python hears of it too, so that clearing it later is a change to Python.
    sendChoice(map);
  }
  if (changed("panels", "ids", "sameScale", "renderer")) buildPanels(map);
  if (changed("colourings", "colour")) {
    map.isolated = new Set();
    const known = data.colourings.some((one) => one.name === map.colour);
    if (!known || (changed("colour") && !echoed(map, "colour", data.colour))) map.colour = data.colour;
  }
  if (changed("satellites")) buildSatellites(map);
  colourAll(map);
  if (changed("frames", "panels", "ids")) buildFrames(map);
  else if (changed("step") && !echoed(map, "step", data.step)) toStep(map, data.step);
  buildColours(map);
  buildLegend(map);
  showChoice(map);
  measureAll(map);
}

/** Whether Python repeats what was chosen here, which may have changed again since. */
function echoed(map, what, value) {
  const at = map.told[what].indexOf(value);
  if (at >= 0) map.told[what].splice(0, at + 1);
  return at >= 0;
}

function modeButton(map, mode, name) {
  const button = element("button", name);
  button.type = "button";
  button.setAttribute("role", "radio");
  button.dataset.mode = mode;
  button.onclick = () => setMode(map, mode);
  button.onkeydown = (event) => {
    const [dx, dy] = DIRECTIONS[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    event.preventDefault();
    const at = MODES.findIndex(([one]) => one === mode);
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

/** Gives back what the browser has few of, and asks for no more. */
function end(map) {
  map.gone = true;
  map.watcher.disconnect();
  stop(map);
  hideCard(map);
  freePanels(map);
}
