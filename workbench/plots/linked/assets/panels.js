// One panel a map: title and verdict above, the canvases, what to know below.

function buildPanels(map) {
  const { panels } = map.data;
  freePanels(map);
  map.stages.style.setProperty("--across", panels.length);
  map.stages.classList.toggle("four", panels.length > 3);
  map.panels = panels.map((told, number) => newPanel(map, told, number));
  map.stages.replaceChildren(...map.panels.map((panel) => panel.figure));
  if (map.data.sameScale) {
    const width = Math.max(...map.panels.map((panel) => panel.extent.width));
    const height = Math.max(...map.panels.map((panel) => panel.extent.height));
    for (const panel of map.panels) Object.assign(panel.extent, { width, height });
  }
  map.togetherButton.hidden = panels.length < 2;
}

function newPanel(map, told, number) {
  const figure = element("figure", "");
  const caption = element("figcaption", "");
  const stage = element("div", "");
  const [base, top] = [element("canvas", ""), element("canvas", "")];
  caption.append(element("strong", told.title), element("span", told.subtitle));
  stage.className = "stage";
  stage.append(base, top);
  figure.append(caption, stage, element("p", told.caption));
  const points = intsOf(told.points);
  describe(top, told, points.length);
  const places = new Int32Array(map.data.count).fill(-1);
  points.forEach((sample, i) => (places[sample] = i));
  const [x, y] = [floatsOf(told.x), floatsOf(told.y)];
  const panel = {
    ...{ number, figure, stage, base, top, points, x, y, radius: 3 },
    placeOf: (sample) => places[sample] ?? -1,
    extent: extentOf([[x, y]]),
    spread: spreadOf(x, y),
    order: scattered(points.length),
    pointers: new Map(),
  };
  giveRenderer(map, panel);
  listen(map, panel);
  return panel;
}

function describe(canvas, told, count) {
  canvas.className = "top";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "map");
  canvas.setAttribute(
    "aria-label",
    `${[told.title, told.subtitle].filter(Boolean).join(". ")}. Map of ${count} samples. Arrow keys go from point to ` +
      "point, Enter picks one, plus and minus zoom, Shift with arrows moves the map, 0 resets it.",
  );
}

/** WebGL where there is a graphics card, now and until the browser takes it away. */
function giveRenderer(map, panel) {
  const use = (renderer) => {
    panel.renderer = renderer;
    panel.stale = { points: true, looks: true, states: true };
    panel.stage.dataset.drawn = renderer.kind;
  };
  // A canvas that was asked for WebGL cannot be drawn on otherwise: another takes its place.
  const plainly = () => {
    const fresh = element("canvas", "");
    panel.base.replaceWith(fresh);
    panel.base = fresh;
    use(canvasRenderer(fresh));
  };
  const lost = () => {
    plainly();
    draw(map, panel);
  };
  const wanted = map.data.renderer;
  const renderer = wanted === "canvas" ? null : webglRenderer(panel.base, wanted === "webgl", lost);
  if (renderer) use(renderer);
  else plainly();
}

function freePanels(map) {
  for (const panel of map.panels) {
    cancelAnimationFrame(panel.waiting);
    panel.renderer.free();
  }
  map.panels = [];
}
