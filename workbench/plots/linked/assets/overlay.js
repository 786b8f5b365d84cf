// What lies above the points: rings, trails, satellites, and the lasso or box being drawn.

function drawTop(map, panel) {
  const context = contextOf(panel.top, panel, screenRatio());
  const ink = inkOf(map);
  if (panel === map.panels[0]) drawTrails(map, panel, context);
  drawSatellites(map, panel, context, ink);
  for (const sample of map.highlight) ring(context, panel, sample, ink.text, ink.paper, 1.25, 2.5);
  if (map.focus >= 0) ring(context, panel, map.focus, ink.accent, ink.paper, 2.5, 5);
  if (map.hover >= 0) ring(context, panel, map.hover, ink.text, ink.paper, 2, 5);
  if (panel.path?.length > 1) drawPath(context, panel.path, ink.accent);
}

/** The page's colours as they are now. */
function inkOf(map) {
  const style = getComputedStyle(map.root);
  return {
    text: style.color,
    paper: style.getPropertyValue("--st-background-color").trim() || "#fff",
    accent: style.getPropertyValue("--st-primary-color").trim() || "#1480d7",
  };
}

function drawPath(context, path, colour) {
  context.beginPath();
  polygon(context, path);
  context.globalAlpha = 0.12;
  context.fillStyle = colour;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
}

function ring(context, panel, sample, colour, paper, thick, gap) {
  const i = panel.placeOf(sample);
  if (i >= 0) circle(context, ...screenOf(panel, i), panel.radius + gap, colour, paper, thick);
}

/** A ring with a rim of the page's colour, so that it is seen on points of any colour. */
function circle(context, x, y, radius, colour, paper, thick) {
  for (const [stroke, width] of [[paper, thick + 2.5], [colour, thick]]) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.stroke();
  }
}
