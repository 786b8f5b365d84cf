// Small charts under the maps: curves over the steps with a cursor, and a spectrum.

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH] = [200, 60];

function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** An empty chart with a title; ``shape`` is stretched to the chart's width. */
function newChart(name) {
  const figure = element("figure", "");
  const [title, said] = [element("span", name), element("output", "")];
  const caption = element("figcaption", "");
  const shape = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img" });
  caption.append(title, said);
  figure.append(caption, shape);
  figure.className = "chart";
  return { figure, said, shape, name };
}

/** Values from low to high as a place in the chart; a flat curve lies in the middle. */
function scaled(low, high, size) {
  return (value) => (high > low ? ((value - low) / (high - low)) * size : size / 2);
}

const cornersOf = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");

const stroke = (points, kind) => svg("polyline", { points: cornersOf(points), class: kind });

/** A curve of [step, value] pairs whose cursor can be dragged. drag: called with a step, and whether
 *  it is the last one. */
function curveChart(name, curve, [first, last], drag) {
  const chart = newChart(name);
  const values = curve.map(([, value]) => value);
  const across = scaled(first, last, WIDE);
  const up = scaled(Math.min(...values), Math.max(...values), HIGH - 8);
  chart.shape.append(stroke(curve.map(([step, value]) => [across(step), HIGH - 4 - up(value)]), "curve"));
  const cursor = svg("line", { y1: 0, y2: HIGH, class: "cursor" });
  chart.shape.append(cursor);
  chart.show = (step) => {
    cursor.setAttribute("x1", across(step));
    cursor.setAttribute("x2", across(step));
    const near = nearest(curve.map(([at]) => at), step);
    chart.said.textContent = numberWords(curve[near][1]);
    chart.shape.setAttribute("aria-label", `${name}: ${chart.said.textContent} at step ${step}`);
  };
  const stepAt = (event) => {
    const box = chart.shape.getBoundingClientRect();
    return first + ((event.clientX - box.left) / box.width) * (last - first);
  };
  chart.shape.onpointerdown = (event) => {
    chart.shape.setPointerCapture(event.pointerId);
    drag(stepAt(event), false);
  };
  chart.shape.onpointermove = (event) =>
    chart.shape.hasPointerCapture(event.pointerId) && drag(stepAt(event), false);
  chart.shape.onpointerup = (event) => drag(stepAt(event), true);
  return chart;
}

/** Eigenvalues of each frame on a logarithmic scale; the first frame's stays for comparison. */
function spectrumChart(spectra) {
  const chart = newChart("spectrum, log scale");
  const logs = spectra.map((values) => Array.from(values, (v) => Math.log10(Math.max(v, 1e-12))));
  const all = logs.flat();
  const up = scaled(Math.max(Math.min(...all), Math.max(...all) - 8), Math.max(...all), HIGH - 8);
  const across = scaled(0, Math.max(1, logs[0].length - 1), WIDE);
  const points = (values) => values.map((v, k) => [across(k), HIGH - 4 - Math.max(0, up(v))]);
  const now = stroke(points(logs[0]), "curve");
  chart.shape.append(stroke(points(logs[0]), "before"), now);
  chart.show = (step, index) => {
    now.setAttribute("points", cornersOf(points(logs[index])));
    chart.said.textContent = `${spectra[index].length} directions`;
    chart.shape.setAttribute("aria-label", `Eigenvalue spectrum at step ${step}; dashed: the first one`);
  };
  return chart;
}
