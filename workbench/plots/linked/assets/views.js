// What part of each map is seen: fitting, moving, zooming, alone or together; and when to draw.

const ROOM = 24; // pixels left free around the points
const CLOSEST = 60;

/** More pixels than two a side cost time that nobody sees. */
const screenRatio = () => Math.min(2, window.devicePixelRatio || 1);

function measureAll(map) {
  for (const panel of map.panels) {
    const [width, height] = [panel.stage.clientWidth, panel.stage.clientHeight];
    if (!width || !height) continue;
    const scale = Math.min(
      (width - 2 * ROOM) / panel.extent.width,
      (height - 2 * ROOM) / panel.extent.height,
    );
    const zoomed = panel.view ? panel.view.scale / panel.fit.scale : 1;
    const [x, y] = panel.view ? [panel.view.x, panel.view.y] : [panel.extent.x, panel.extent.y];
    Object.assign(panel, { width, height });
    panel.fit = { x: panel.extent.x, y: panel.extent.y, scale };
    panel.view = { x, y, scale: scale * zoomed };
  }
  drawAll(map);
}

function drawAll(map) {
  for (const panel of map.panels) draw(map, panel);
}

const drawTops = (map) => map.panels.forEach((panel) => draw(map, panel, true));

/** At most once a frame, however many events came. */
function draw(map, panel, topOnly = false) {
  panel.baseToo = panel.baseToo || !topOnly;
  if (panel.waiting) return;
  panel.waiting = requestAnimationFrame(() => {
    panel.waiting = 0;
    if (!panel.view || map.gone) return;
    panel.radius = radiusOf(panel);
    if (panel.baseToo) panel.renderer.draw(map, panel, screenRatio());
    panel.baseToo = false;
    drawTop(map, panel);
  });
}

function zoom(map, panel, factor, px = panel.width / 2, py = panel.height / 2) {
  const { view, fit } = panel;
  const most = CLOSEST * panel.spread * fit.scale;
  const scale = Math.max(0.5 * fit.scale, Math.min(most, view.scale * factor));
  const [dx, dy] = [px - panel.width / 2, panel.height / 2 - py];
  view.x += dx / view.scale - dx / scale;
  view.y += dy / view.scale - dy / scale;
  view.scale = scale;
  moved(map, panel);
}

function pan(map, panel, dx, dy) {
  panel.view.x -= dx / panel.view.scale;
  panel.view.y += dy / panel.view.scale;
  moved(map, panel);
}

function moved(map, panel) {
  map.leader = panel;
  if (map.together) follow(map, panel);
  else draw(map, panel);
  hideCard(map);
}

/** All other maps show the same part, counted from their own fitted view. */
function follow(map, leader) {
  const { view, fit } = leader;
  for (const panel of map.panels) {
    if (panel !== leader && panel.view && view) {
      const step = fit.scale / panel.fit.scale;
      panel.view = {
        x: panel.fit.x + (view.x - fit.x) * step,
        y: panel.fit.y + (view.y - fit.y) * step,
        scale: (panel.fit.scale * view.scale) / fit.scale,
      };
    }
    draw(map, panel);
  }
}

function reset(map, panel) {
  if (!panel.fit) return;
  panel.view = { ...panel.fit };
  moved(map, panel);
}

function resetAll(map) {
  for (const panel of map.panels) reset(map, panel);
}

function setTogether(map, together) {
  map.together = together;
  map.togetherButton.setAttribute("aria-pressed", together);
  if (together && map.leader?.view) follow(map, map.leader);
}
