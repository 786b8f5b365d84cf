// The pictures of the selected samples beside the maps, without waiting for Python.

const MOST_PICTURES = 60;
const TILE = 42;

/** Shows the selected samples, else the picked one; onPick is called with the one clicked. */
function showPictures(map, onPick) {
  const { sheet, count } = map.data;
  map.body.classList.toggle("pictured", Boolean(sheet));
  map.pictures.hidden = !sheet;
  if (!sheet) return;
  const shown = [];
  for (let i = 0; i < count && shown.length < MOST_PICTURES; i += 1) if (map.selected[i]) shown.push(i);
  if (!shown.length && map.focus >= 0) shown.push(map.focus);
  const list = element("div", "");
  list.append(...shown.map((sample) => tileOf(map, sample, onPick)));
  if (!shown.length) list.append(element("p", "Select points to see their pictures here."));
  const more = map.chosen - shown.length;
  if (more > 0) list.append(element("p", `and ${more.toLocaleString("en")} more`));
  map.pictures.replaceChildren(list);
}

/** A picture that rings its sample on all maps while the pointer is on it. */
function tileOf(map, sample, onPick) {
  const tile = element("button", "");
  tile.type = "button";
  tile.title = nameOf(map, sample);
  tile.setAttribute("aria-label", tile.title);
  tile.append(pictureOf(map.data.sheet, sample, TILE));
  const ring = (met) => {
    map.hover = met;
    drawTops(map);
  };
  tile.onpointerenter = tile.onfocus = () => ring(sample);
  tile.onpointerleave = tile.onblur = () => ring(-1);
  tile.onclick = () => onPick(sample);
  return tile;
}
