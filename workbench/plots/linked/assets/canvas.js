// The points of a map put into the pixels of a plain canvas. Without a graphics card this is twenty
// times as fast as WebGL, which computes on the processor there.

const FADED = 0.13;
const PHASES = 4; // places within a pixel, a side: points glide and do not jump when moved
const MARGIN = 24; // pixels around the canvas, so that points at its edge need no checks

const brightness = (map) => (map.chosen ? 1 : 0.8);

function canvasRenderer(canvas) {
  const context = canvas.getContext("2d");
  let image = null;
  let stamps = new Map();
  let made = "";
  return {
    kind: "canvas",
    draw(map, panel, ratio) {
      fit(canvas, panel, ratio);
      const wide = canvas.width + 2 * MARGIN;
      const high = canvas.height + 2 * MARGIN;
      if (image?.width !== wide || image.height !== high) image = new ImageData(wide, high);
      // Stamps are for one width of the picture, one size and one set of colours.
      const now = `${wide}|${panel.radius * ratio}|${map.palette.map((l) => l.colour + l.symbol)}`;
      if (now !== made) [stamps, made] = [new Map(), now];
      const pixels = new Uint32Array(image.data.buffer);
      pixels.fill(0);
      for (const [bright, alpha] of [[0, FADED], [1, brightness(map)]])
        stampAll(pixels, wide, high, map, panel, ratio, bright, alpha, stamps);
      unmultiply(pixels);
      context.putImageData(image, -MARGIN, -MARGIN);
      panel.stale = {};
    },
    free() {},
  };
}

/** Puts every point that is bright, or every one that is not, over what is there. */
function stampAll(pixels, wide, high, map, panel, ratio, bright, alpha, stamps) {
  const { x, y, view, order, looks } = panel;
  const scale = view.scale * ratio;
  const left = wide / 2 - view.x * scale;
  const top = high / 2 + view.y * scale;
  const kinds = map.palette.length * PHASES * PHASES;
  const kept = (stamps.get(alpha) ?? stamps.set(alpha, new Array(kinds)).get(alpha));
  const edge = MARGIN / 2;
  for (let k = 0; k < order.length; k += 1) {
    const i = order[k];
    if (panel.bright[i] !== bright) continue;
    const atX = left + x[i] * scale;
    const atY = top - y[i] * scale;
    if (!(atX > edge && atY > edge && atX < wide - edge && atY < high - edge)) continue;
    const [column, line] = [Math.floor(atX), Math.floor(atY)];
    const phaseX = Math.floor((atX - column) * PHASES);
    const phaseY = Math.floor((atY - line) * PHASES);
    const kind = (looks[i] * PHASES + phaseY) * PHASES + phaseX;
    kept[kind] ??= stampOf(map.palette[looks[i]], panel.radius * ratio, phaseX, phaseY, wide, alpha);
    put(pixels, line * wide + column, kept[kind]);
  }
}

/** The pixels of one point that are not empty: where they are, their colours and what they leave. */
function stampOf({ colour, symbol }, radius, phaseX, phaseY, wide, alpha) {
  const reach = Math.min(MARGIN / 2 - 1, Math.ceil(1.4 * radius) + 1);
  const side = 2 * reach + 1;
  const picture = pictureOfPoint(symbol, radius, side, reach, phaseX, phaseY);
  const [red, green, blue] = hexOf(colour);
  const stamp = { offsets: [], colours: [], leaves: [] };
  for (let k = 0; k < side * side; k += 1) {
    const cover = (picture[4 * k + 3] / 255) * alpha;
    const part = (value) => Math.round(value * cover);
    if (part(255) === 0) continue;
    stamp.offsets.push((Math.floor(k / side) - reach) * wide + (k % side) - reach);
    stamp.colours.push(((part(255) << 24) | (part(blue) << 16) | (part(green) << 8) | part(red)) >>> 0);
    stamp.leaves.push(256 - Math.ceil(256 * cover));
  }
  return {
    offsets: Int32Array.from(stamp.offsets),
    colours: Uint32Array.from(stamp.colours),
    leaves: Int32Array.from(stamp.leaves),
  };
}

/** A point as pixels of a small canvas, shifted by a part of a pixel. */
function pictureOfPoint(symbol, radius, side, reach, phaseX, phaseY) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [side, side];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.translate(reach + (phaseX + 0.5) / PHASES, reach + (phaseY + 0.5) / PHASES);
  context.beginPath();
  (SHAPES[symbol] ?? SHAPES.circle)(context, radius);
  context.fill();
  return context.getImageData(0, 0, side, side).data;
}

/** Colours are multiplied by their cover; two channels are computed at a time. */
function put(pixels, at, { offsets, colours, leaves }) {
  for (let k = 0; k < offsets.length; k += 1) {
    const place = at + offsets[k];
    const below = pixels[place];
    const leave = leaves[k];
    const redBlue = (Math.imul(below & 0xff00ff, leave) >>> 8) & 0xff00ff;
    const greenAlpha = Math.imul((below >>> 8) & 0xff00ff, leave) & 0xff00ff00;
    pixels[place] = colours[k] + (redBlue | greenAlpha);
  }
}

/** Back to plain colours, as pictures hold them. */
function unmultiply(pixels) {
  for (let k = 0; k < pixels.length; k += 1) {
    const pixel = pixels[k];
    if (pixel === 0) continue;
    const alpha = pixel >>> 24;
    if (alpha === 255) continue;
    const more = 255 / alpha;
    const red = Math.min(255, (pixel & 255) * more);
    const green = Math.min(255, ((pixel >>> 8) & 255) * more);
    const blue = Math.min(255, ((pixel >>> 16) & 255) * more);
    pixels[k] = ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
}

/** Fits a canvas to its stage and the screen's pixels. */
function fit(canvas, panel, ratio) {
  const [wide, high] = [Math.round(panel.width * ratio), Math.round(panel.height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
}

/** The context of an empty canvas, in CSS pixels. */
function contextOf(canvas, panel, ratio) {
  fit(canvas, panel, ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.globalAlpha = 1;
  context.clearRect(0, 0, panel.width, panel.height);
  return context;
}
