// The first map at several steps of training: slider, play, trails of the samples that moved most.

const MOST_TRAILS = 12;
const TAIL = 5; // frames that a trail reaches back: all of a run would be a tangle
const PER_FRAME = 350; // milliseconds from one frame to the next while playing

/** Reads the frames and builds their controls; the first panel shows one of them from now on. */
function buildFrames(map) {
  stop(map);
  const told = map.data.frames;
  map.scrubber.hidden = !told;
  map.frames = null;
  if (!told) return;
  const moved = floatsOf(told.moved);
  const byMoved = Array.from(moved.keys()).sort((a, b) => moved[b] - moved[a]);
  const frames = {
    steps: told.steps,
    x: told.x.map(floatsOf),
    y: told.y.map(floatsOf),
    most: byMoved.slice(0, MOST_TRAILS).filter((i) => moved[i] > 0),
    trails: map.scrubber.querySelector(".trails input").checked,
    at: 0,
  };
  map.frames = frames;
  frames.charts = chartsOf(map, told, frames);
  map.scrubber.querySelector(".charts").replaceChildren(...frames.charts.map((one) => one.figure));
  const panel = map.panels[0];
  panel.extent = extentOf(frames.x.map((x, k) => [x, frames.y[k]]));
  listenFrames(map, frames);
  const start = frames.steps.indexOf(map.data.step);
  showFrame(map, start < 0 ? frames.steps.length - 1 : start);
}

function chartsOf(map, told, { steps }) {
  const curves = Object.entries(told.curves).filter(([, curve]) => curve.length);
  const all = [...steps, ...curves.flatMap(([, curve]) => curve.map(([step]) => step))];
  const range = [Math.min(...all), Math.max(...all)];
  const drag = (step, done) => {
    stop(map);
    showFrame(map, nearest(steps, step));
    if (done) sendLook(map);
  };
  const charts = curves.map(([name, curve]) => curveChart(name, curve, range, drag));
  if (told.spectra) charts.push(spectrumChart(told.spectra.map(floatsOf)));
  return charts;
}

const nearest = (steps, step) =>
  steps.reduce((best, one, k) => (Math.abs(one - step) < Math.abs(steps[best] - step) ? k : best), 0);

function listenFrames(map, frames) {
  const [slider, play, trails] = ["input.step", ".play", ".trails input"].map((one) =>
    map.scrubber.querySelector(one),
  );
  slider.max = frames.steps.length - 1;
  slider.oninput = () => {
    stop(map);
    showFrame(map, Number(slider.value));
  };
  slider.onchange = () => sendLook(map);
  slider.onkeydown = (event) => event.stopPropagation();
  play.onclick = () => (map.playing ? settle(map, frames.at) : start(map));
  trails.onchange = () => {
    frames.trails = trails.checked;
    drawTops(map);
  };
}

/** Shows frame ``at``; between two whole numbers, points are on their way. */
function showFrame(map, at) {
  const { frames } = map;
  const panel = map.panels[0];
  const [below, above] = [Math.floor(at), Math.ceil(at)];
  panel.x = between(frames.x[below], frames.x[above], at - below);
  panel.y = between(frames.y[below], frames.y[above], at - below);
  panel.grid = null;
  panel.stale.points = true;
  frames.at = Math.round(at);
  frames.exact = at;
  const step = frames.steps[frames.at];
  const slider = map.scrubber.querySelector("input.step");
  slider.value = frames.at;
  slider.setAttribute("aria-valuetext", `step ${step}`);
  map.scrubber.querySelector(".now").textContent = `step ${step.toLocaleString("en")}`;
  for (const chart of frames.charts) chart.show(step, frames.at);
  if (map.hover >= 0) hideCard(map);
  draw(map, panel);
}

function between(from, to, share) {
  if (!share) return from;
  return from.map((value, i) => value + (to[i] - value) * share);
}

/** Shows the frame of a step that Python names, if it is another one. */
function toStep(map, step) {
  const at = map.frames ? map.frames.steps.indexOf(step) : -1;
  if (at >= 0 && at !== map.frames.at) showFrame(map, at);
}

/** Stops at a frame and tells Python. */
function settle(map, at) {
  stop(map);
  showFrame(map, at);
  sendLook(map);
}

function start(map) {
  const last = map.frames.steps.length - 1;
  const from = map.frames.at >= last ? 0 : map.frames.at;
  const jumps = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const began = performance.now();
  setPlaying(map, true);
  const tick = (now) => {
    const at = from + Math.max(0, now - began) / PER_FRAME;
    if (at >= last) return settle(map, last);
    showFrame(map, jumps ? Math.floor(at) : at);
    map.playing = requestAnimationFrame(tick);
  };
  map.playing = requestAnimationFrame(tick);
}

function stop(map) {
  if (!map.playing) return;
  cancelAnimationFrame(map.playing);
  setPlaying(map, false);
}

function setPlaying(map, playing) {
  if (!playing) map.playing = 0;
  map.scrubber.querySelector(".play").textContent = playing ? "Pause" : "Play";
}

/** Where the most moved samples came from, paler the longer ago. */
function drawTrails(map, panel, context) {
  const { frames } = map;
  if (!frames?.trails) return;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  for (const i of frames.most) {
    if (!panel.shown[i]) continue;
    context.strokeStyle = map.palette[panel.looks[i]].colour;
    const last = Math.ceil(frames.exact);
    for (let k = Math.max(1, last - TAIL + 1); k <= last; k += 1) {
      const end = k === last ? screenOf(panel, i) : placeOn(panel, frames.x[k][i], frames.y[k][i]);
      context.globalAlpha = (k - last + TAIL) / TAIL;
      context.beginPath();
      context.moveTo(...placeOn(panel, frames.x[k - 1][i], frames.y[k - 1][i]));
      context.lineTo(...end);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}
