// The symbols of points, drawn with the canvas's own means; webgl.js has the same ones as formulas.

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

/** The number by which the shader knows a symbol. */
const codeOf = (symbol) => Math.max(0, Object.keys(SHAPES).indexOf(symbol));

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
function sprite({ colour, symbol }, radius, ratio) {
  const name = `${colour}|${symbol}|${radius}|${ratio}`;
  if (!sprites.has(name)) {
    const side = Math.ceil(2.8 * radius * ratio) + 2;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [side, side];
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
