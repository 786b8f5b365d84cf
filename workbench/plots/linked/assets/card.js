// The card of a hovered sample: picture, values, text, number. The ring is drawn at once, the card
// after a short rest; both stay a moment when the pointer leaves, so that gliding does not flicker.

const DWELL = 125;
const GRACE = 260;
const MOST_VALUES = 4;

function hover(map, panel, i, waits = DWELL) {
  clearTimeout(map.leaving);
  const sample = i < 0 ? -1 : panel.points[i];
  if (sample < 0) {
    if (map.hover >= 0) map.leaving = setTimeout(() => hideCard(map), GRACE);
    return;
  }
  if (sample === map.hover && panel === map.hovered) return;
  [map.hover, map.hovered] = [sample, panel];
  drawTops(map);
  clearTimeout(map.dwelling);
  // An open card never shows another sample than the ringed one.
  if (!waits || !map.card.hidden) showCard(map, panel, sample);
  else map.dwelling = setTimeout(() => showCard(map, panel, sample), waits);
}

function showCard(map, panel, sample) {
  const { sheet, texts, names } = map.data;
  const parts = [];
  if (sheet) parts.push(pictureOf(sheet, sample, 112));
  parts.push(...values(map, panel, sample));
  if (texts?.[sample]) parts.push(element("p", texts[sample]));
  if (names) parts.push(element("small", names[sample]));
  parts.push(element("small", `sample ${map.ids[sample]}`));
  placeCard(map, panel, screenOf(panel, panel.placeOf(sample)), parts);
}

/** The file name of a sample, else its number. */
const nameOf = (map, sample) => map.data.names?.[sample] ?? `sample ${map.ids[sample]}`;

/** The value of the colouring in use, large, and of some others. */
function values(map, panel, sample) {
  const used = colouringOf(map);
  if (!used) return [];
  const others = map.data.colourings.filter((one) => one.name !== map.colour);
  const alone = used.classes && !others.length;
  const words = (one) => `${one.name}: ${valueWords(one, panel.number, sample)}`;
  const lines = others.slice(0, MOST_VALUES - 1).map((told) => {
    if (!map.unpacked.has(told)) map.unpacked.set(told, unpacked(map.data, told));
    return element("small", words(map.unpacked.get(told)));
  });
  const first = alone ? valueWords(used, panel.number, sample) : words(used);
  return [element("strong", first), ...lines];
}

/** Directly above a place of a panel; below it only where the screen ends. */
function placeCard(map, panel, [x, y], parts) {
  map.card.replaceChildren(...parts);
  map.card.hidden = false;
  const [root, stage] = [map.root.getBoundingClientRect(), panel.stage.getBoundingClientRect()];
  const half = map.card.offsetWidth / 2;
  const left = Math.max(half, Math.min(root.width - half, stage.left - root.left + x));
  const above = stage.top - root.top + y - 12;
  const fits = stage.top + y - 12 - map.card.offsetHeight > 0;
  map.card.classList.toggle("below", !fits);
  map.card.style.left = `${left}px`;
  map.card.style.top = `${fits ? above : above + 24}px`;
}

function hideCard(map) {
  clearTimeout(map.dwelling);
  clearTimeout(map.leaving);
  map.card.hidden = true;
  if (map.hover < 0 && !map.satellite) return;
  [map.hover, map.hovered, map.satellite] = [-1, null, null];
  drawTops(map);
}

/** Tile ``index`` of a sheet, its longer side ``most`` pixels. */
function pictureOf(sheet, index, most) {
  const side = most / Math.max(sheet.width, sheet.height);
  const picture = element("div", "");
  const [column, line] = [index % sheet.columns, Math.floor(index / sheet.columns)];
  const [width, height] = [sheet.width * side, sheet.height * side];
  picture.className = sheet.width < 48 ? "picture exact" : "picture";
  Object.assign(picture.style, {
    width: `${width}px`,
    height: `${height}px`,
    backgroundImage: `url("${sheet.address}")`,
    backgroundPosition: `${-column * width}px ${-line * height}px`,
    backgroundSize: `${sheet.columns * width}px ${sheet.down * height}px`,
  });
  return picture;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
