// Drawing: points as small ready-made pictures, one a colour and symbol, so that panels stay smooth.

const UNLABELLED = "rgba(128, 128, 128, 0.75)";
const SHAPES = {
  circle: (c, r) => c.arc(0, 0, r, 0, 2 * Math.PI),
  square: (c, r) => c.rect(-0.85 * r, -0.85 * r, 1.7 * r, 1.7 * r),
  "triangle-up": (c, r) => polygon(c, [[0, -1.15 * r], [1.1 * r, 0.85 * r], [-1.1 * r, 0.85 * r]]),
  "triangle-down": (c, r) => polygon(c, [[0, 1.15 * r], [1.1 * r, -0.85 * r], [-1.1 * r, -0.85 * r]]),
  diamond: (c, r) => polygon(c, [[0, -1.25 * r], [1.05 * r, 0], [0, 1.25 * r], [-1.05 * r, 0]]),
  cross: (c, r) => plus(c, r),
  x: (c, r) => {
    c.rotate(Math.PI / 4);
    plus(c, r);
  },
  star: (c, r) => polygon(c, starPoints(r)),
};

function polygon(context, corners) {
  corners.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

function plus(context, r) {
  context.rect(-1.1 * r, -0.38 * r, 2.2 * r, 0.76 * r);
  context.rect(-0.38 * r, -1.1 * r, 0.76 * r, 2.2 * r);
}

function starPoints(r) {
  return Array.from({ length: 10 }, (_, i) => {
    const far = i % 2 ? 0.55 * r : 1.3 * r;
    return [far * Math.sin((i * Math.PI) / 5), -far * Math.cos((i * Math.PI) / 5)];
  });
}

const sprites = new Map();

/** A picture of one point, drawn once for every colour, symbol, size and screen. */
function sprite(colour, symbol, radius, ratio) {
  const name = `${colour}|${symbol}|${radius}|${ratio}`;
  if (!sprites.has(name)) {
    const side = Math.ceil(2.8 * radius * ratio) + 2;
    const canvas = document.createElement("canvas");
    canvas.width = side;
    canvas.height = side;
    const context = canvas.getContext("2d");
    context.translate(side / 2, side / 2);
    context.scale(ratio, ratio);
    context.fillStyle = colour;
    context.beginPath();
    (SHAPES[symbol] ?? SHAPES.circle)(context, radius);
    context.fill();
    sprites.set(name, canvas);
  }
  return sprites.get(name);
}

/** Colour and symbol of a class: colours come back after the last one, with another symbol. */
function lookOf(data, index) {
  if (index === undefined || index < 0) return [index === undefined ? data.colours[0] : UNLABELLED, "circle"];
  const { colours, symbols } = data;
  return [
    colours[index % colours.length],
    symbols[Math.floor(index / colours.length) % symbols.length],
  ];
}

/** Fits a canvas to its stage and the screen's pixels; returns its context in CSS pixels. */
function contextOf(canvas, panel, ratio) {
  const [wide, high] = [Math.round(panel.width * ratio), Math.round(panel.height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, panel.width, panel.height);
  return context;
}

/** All points of a panel: faded ones first, selected ones last. */
function drawPoints(map, panel) {
  const ratio = window.devicePixelRatio || 1;
  const context = contextOf(panel.base, panel, ratio);
  const area = panel.width * panel.height;
  const zoomed = Math.sqrt(panel.view.scale / panel.fit.scale);
  const size = 0.3 * Math.sqrt(area / Math.max(1, panel.points.length)) * Math.min(2, zoomed);
  const radius = Math.round(4 * Math.max(2, Math.min(5, size))) / 4;
  const chosen = map.selected.size > 0;
  const passes = [
    [(s) => !map.isShown(s) || (chosen && !map.selected.has(s)), 0.13],
    [(s) => map.isShown(s) && !(chosen && !map.selected.has(s)), chosen ? 1 : 0.8],
  ];
  for (const [takes, alpha] of passes) {
    context.globalAlpha = alpha;
    for (const i of panel.order) {
      const sample = panel.points[i];
      if (!takes(sample)) continue;
      const [x, y] = screenOf(panel, i);
      if (x < -9 || y < -9 || x > panel.width + 9 || y > panel.height + 9) continue;
      const picture = sprite(...lookOf(map.data, map.labels?.[sample]), radius, ratio);
      const side = picture.width / ratio;
      context.drawImage(picture, x - side / 2, y - side / 2, side, side);
    }
  }
  context.globalAlpha = 1;
  panel.radius = radius;
}

/** What lies above the points: rings, and the lasso or box being drawn. */
function drawTop(map, panel) {
  const context = contextOf(panel.top, panel, window.devicePixelRatio || 1);
  const style = getComputedStyle(map.root);
  const ink = style.color;
  const paper = style.getPropertyValue("--st-background-color").trim() || "#fff";
  const accent = style.getPropertyValue("--st-primary-color").trim() || "#1480d7";
  for (const sample of map.highlight) ring(context, panel, sample, ink, paper, 1.25, 2.5);
  if (map.focus >= 0) ring(context, panel, map.focus, accent, paper, 2.5, 5);
  if (map.hover >= 0) ring(context, panel, map.hover, ink, paper, 2, 5);
  if (panel.path?.length > 1) {
    context.beginPath();
    polygon(context, panel.path);
    context.globalAlpha = 0.12;
    context.fillStyle = accent;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = accent;
    context.lineWidth = 1.5;
    context.stroke();
  }
}

function ring(context, panel, sample, ink, paper, thick, gap) {
  const i = panel.placeOf.get(sample);
  if (i === undefined) return;
  const [x, y] = screenOf(panel, i);
  for (const [colour, width] of [[paper, thick + 2.5], [ink, thick]]) {
    context.beginPath();
    context.arc(x, y, (panel.radius ?? 3) + gap, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
