// Which colour and symbol each point has, and which points are faded out.

const NO_VALUE = "#8b8b8b";
const RAMP_STEPS = 64;

/** The colouring in use, with its values unpacked; null without one. */
function colouringOf(map) {
  const told = map.data.colourings.find((one) => one.name === map.colour);
  if (!told) return null;
  if (!map.unpacked.has(told)) map.unpacked.set(told, unpacked(map.data, told));
  return map.unpacked.get(told);
}

/** palette: looks by number, the last one for samples without a value. */
function unpacked(data, told) {
  const read = told.classes ? intsOf : floatsOf;
  const looks = told.classes
    ? told.classes.map((_, index) => classLook({ ...data, colours: told.colours ?? data.colours }, index))
    : Array.from({ length: RAMP_STEPS }, (_, k) => ({
        colour: rampColour(data.ramp, k / (RAMP_STEPS - 1)),
        symbol: "circle",
      }));
  const palette = [...looks, { colour: NO_VALUE, symbol: "circle" }];
  return { ...told, values: told.values.map(read), palette };
}

/** Colours come back after the last one, with another symbol. */
function classLook({ colours, symbols }, index) {
  return {
    colour: colours[index % colours.length],
    symbol: symbols[Math.floor(index / colours.length) % symbols.length],
  };
}

const hexOf = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

/** The ramp's colour at a share from 0 to 1. */
function rampColour(ramp, share) {
  const at = share * (ramp.length - 1);
  const below = Math.min(ramp.length - 2, Math.floor(at));
  const [low, high] = [hexOf(ramp[below]), hexOf(ramp[below + 1])];
  const mixed = low.map((part, k) => Math.round(part + (high[k] - part) * (at - below)));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Values of a map's own, or the ones that all maps share. */
const valuesFor = (colouring, number) => colouring.values[number] ?? colouring.values[0];

function lookNumber({ classes, palette, low, high }, value) {
  const none = palette.length - 1;
  if (classes) return value >= 0 && value < none ? value : none;
  if (Number.isNaN(value)) return none;
  return high > low ? Math.round(((value - low) / (high - low)) * (RAMP_STEPS - 1)) : 0;
}

/** Looks of all points of all maps, after the colouring or the class filter has changed. */
function colourAll(map) {
  const colouring = colouringOf(map);
  map.palette = colouring?.palette ?? [classLook(map.data, 0)];
  map.panels.forEach((panel, number) => {
    const values = colouring && valuesFor(colouring, number);
    panel.looks = new Uint16Array(panel.points.length);
    panel.shown = new Uint8Array(panel.points.length).fill(1);
    panel.points.forEach((sample, i) => {
      if (values) panel.looks[i] = lookNumber(colouring, values[sample]);
      if (map.isolated.size) panel.shown[i] = map.isolated.has(panel.looks[i]) ? 1 : 0;
    });
    panel.stale.looks = true;
  });
  fadeAll(map);
}

/** Points that stand out: shown by the class filter, and selected if any is. */
function fadeAll(map) {
  for (const panel of map.panels) {
    panel.bright = panel.shown.map((shown, i) =>
      shown && (!map.chosen || map.selected[panel.points[i]]) ? 1 : 0,
    );
    panel.stale.states = true;
  }
  drawAll(map);
}

/** What a sample's value is called: a class, a number, or nothing. */
function valueWords(colouring, number, sample) {
  const value = valuesFor(colouring, number)[sample];
  if (colouring.classes) return colouring.classes[value] ?? "no value";
  return Number.isNaN(value) ? "no value" : numberWords(value);
}

function numberWords(value) {
  if (!Number.isFinite(value)) return "";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** Points get smaller where there are many, and larger when looked at from near. */
function radiusOf(panel) {
  const count = panel.points.length;
  const zoomed = Math.sqrt(panel.view.scale / panel.fit.scale);
  const room = 0.3 * Math.sqrt((panel.width * panel.height) / Math.max(1, count));
  const least = count > 50_000 ? 1 : 2;
  return Math.round(4 * Math.max(least, Math.min(5, room * Math.min(2, zoomed)))) / 4;
}
