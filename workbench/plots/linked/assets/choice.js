// What is selected, what is picked, and the name that a selection can be given.

function choose(map, selected, focus = map.focus) {
  setSelected(map, selected);
  map.focus = focus;
  showChoice(map);
  fadeAll(map);
  sendChoice(map);
}

/** What is selected, as a number and as pictures. */
function showChoice(map) {
  showCount(map);
  showPictures(map, (sample) => pick(map, sample));
}

function sendChoice(map) {
  map.send("choice", { count: map.data.count, bits: bitsOf(map.selected), focus: map.focus });
}

/** selected: one byte a sample. */
function setSelected(map, selected) {
  map.selected = selected;
  map.chosen = selected.reduce((sum, one) => sum + one, 0);
}

const nothing = (map) => new Uint8Array(map.data.count);

function maskOf(map, samples) {
  const mask = nothing(map);
  for (const sample of samples) mask[sample] = 1;
  return mask;
}

/** Selects what lies inside a path on a panel, of what the class filter shows. */
function enclose(map, panel, path, adds) {
  const chosen = adds ? map.selected.slice() : nothing(map);
  const { left, right, bottom, top } = boundsOf([[path.map(([x]) => x), path.map(([, y]) => y)]]);
  for (let i = 0; i < panel.points.length; i += 1) {
    if (!panel.shown[i]) continue;
    const [x, y] = screenOf(panel, i);
    if (x < left || x > right || y < bottom || y > top) continue;
    if (inside(path, x, y)) chosen[panel.points[i]] = 1;
  }
  choose(map, chosen);
}

function pick(map, sample) {
  if (sample !== map.focus) choose(map, map.selected, sample);
}

function showCount(map) {
  const [chosen, count] = [map.chosen.toLocaleString("en"), map.data.count.toLocaleString("en")];
  map.count.textContent = map.chosen ? `${chosen} of ${count} selected` : "";
  map.clear.hidden = !map.chosen && map.focus < 0;
  map.naming.hidden = !map.data.nameable || !map.chosen;
}

function listenNaming(map) {
  const field = map.naming.querySelector("input");
  // The page has shortcuts of single letters, and takes keys from here for its own.
  field.onkeydown = (event) => event.stopPropagation();
  map.naming.onsubmit = (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (!name) return field.focus();
    field.value = "";
    map.spoken.textContent = `Named ${name}.`;
    map.tell("named", { name });
  };
}
