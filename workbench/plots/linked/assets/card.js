// The card of a hovered sample: picture, label, text, number.

function hover(map, panel, i) {
  const sample = i < 0 ? -1 : panel.points[i];
  if (sample === map.hover) return;
  map.hover = sample;
  drawTops(map);
  if (sample < 0) hideCard(map);
  else showCard(map, panel, i);
}

function showCard(map, panel, i) {
  const sample = panel.points[i];
  const { sheet, texts } = map.data;
  const parts = [];
  if (sheet) parts.push(pictureOf(sheet, sample));
  if (map.labels) parts.push(element("strong", map.classes[map.labels[sample]] ?? "no label"));
  if (texts) parts.push(element("p", texts[sample]));
  map.ids ??= {};
  if (map.ids.from !== map.data.ids) map.ids = { from: map.data.ids, list: intsOf(map.data.ids) };
  parts.push(element("small", `sample ${map.ids.list[sample]}`));
  map.card.replaceChildren(...parts);
  map.card.hidden = false;
  const [x, y] = screenOf(panel, i);
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
  map.card.hidden = true;
  if (map.hover < 0) return;
  map.hover = -1;
  drawTops(map);
}

function pictureOf(sheet, sample) {
  const side = 112 / Math.max(sheet.width, sheet.height);
  const picture = element("div", "");
  const [column, line] = [sample % sheet.columns, Math.floor(sample / sheet.columns)];
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
