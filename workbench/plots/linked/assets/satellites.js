// Augmented views of one sample around it on the map, and a list of them for the keyboard.

const VIEW_SIDE = 26;

/** Reads the satellites and fills the list below the maps. */
function buildSatellites(map) {
  map.around = map.data.satellites.map((told) => ({
    ...told,
    x: floatsOf(told.x),
    y: floatsOf(told.y),
    image: told.sheet && loaded(map, told.sheet.address),
  }));
  const lists = map.around.filter(({ names }) => names.length).map((around) => viewsOf(map, around));
  map.views.replaceChildren(...lists);
  map.views.hidden = !lists.length;
}

function loaded(map, address) {
  const image = new Image();
  image.onload = () => drawTops(map);
  image.src = address;
  return image;
}

function viewsOf(map, around) {
  const group = element("div", "");
  group.setAttribute("role", "group");
  const title = `Augmented views of sample ${map.ids[around.anchor]}`;
  group.setAttribute("aria-label", title);
  const where = map.data.panels.length > 1 ? ` on ${map.data.panels[around.panel].title}` : "";
  group.append(element("span", title + where));
  around.names.forEach((name, k) => {
    const button = element("button", "");
    button.type = "button";
    if (around.sheet) button.append(pictureOf(around.sheet, k, VIEW_SIDE));
    button.append(element("span", name));
    const show = () => pointOut(map, around, k, false);
    [button.onfocus, button.onpointerenter, button.onclick] = [show, show, show];
    [button.onblur, button.onpointerleave] = [() => hideCard(map), () => hideCard(map)];
    group.append(button);
  });
  return group;
}

/** Lines from the sample to its views; each view is its picture, or a diamond. */
function drawSatellites(map, panel, context, ink) {
  for (const around of map.around) {
    const anchor = around.panel === panel.number ? panel.placeOf(around.anchor) : -1;
    if (anchor < 0) continue;
    const [startX, startY] = screenOf(panel, anchor);
    context.strokeStyle = ink.text;
    for (let k = 0; k < around.x.length; k += 1) {
      const [x, y] = placeOn(panel, around.x[k], around.y[k]);
      context.globalAlpha = 0.55;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(startX, startY);
      context.lineTo(x, y);
      context.stroke();
      context.globalAlpha = 1;
      drawView(context, around, k, x, y, ink);
      const is = map.satellite?.around === around && map.satellite.k === k;
      if (is) circle(context, x, y, VIEW_SIDE * 0.72, ink.accent, ink.paper, 2.5);
    }
    circle(context, startX, startY, panel.radius + 4, ink.accent, ink.paper, 2.5);
  }
}

function drawView(context, { sheet, image }, k, x, y, ink) {
  if (!image?.complete || !image.naturalWidth) {
    const picture = sprite({ colour: ink.accent, symbol: "diamond" }, 5, 2);
    context.drawImage(picture, x - picture.width / 4, y - picture.height / 4, picture.width / 2, picture.height / 2);
    return;
  }
  const scale = VIEW_SIDE / Math.max(sheet.width, sheet.height);
  const [wide, high] = [sheet.width * scale, sheet.height * scale];
  const [left, top] = [(k % sheet.columns) * sheet.width, Math.floor(k / sheet.columns) * sheet.height];
  context.imageSmoothingEnabled = sheet.width >= VIEW_SIDE;
  context.drawImage(image, left, top, sheet.width, sheet.height, x - wide / 2, y - high / 2, wide, high);
  context.strokeStyle = ink.text;
  context.lineWidth = 1;
  context.strokeRect(x - wide / 2, y - high / 2, wide, high);
}

/** The satellite under the pointer, or null. The last one lies on top. */
function satelliteAt(map, panel, px, py) {
  for (const around of map.around) {
    if (around.panel !== panel.number) continue;
    for (let k = around.x.length - 1; k >= 0; k -= 1) {
      const [x, y] = placeOn(panel, around.x[k], around.y[k]);
      if (Math.abs(x - px) <= VIEW_SIDE / 2 && Math.abs(y - py) <= VIEW_SIDE / 2) return { around, k };
    }
  }
  return null;
}

/** Rings a satellite and says what it is. */
function pointOut(map, around, k, withCard = true) {
  const panel = map.panels[around.panel];
  if (map.satellite?.around === around && map.satellite.k === k) return;
  hideCard(map);
  map.satellite = { around, k };
  drawTops(map);
  if (!withCard || !panel?.view) return;
  const parts = around.sheet ? [pictureOf(around.sheet, k, 112)] : [];
  parts.push(element("strong", around.names[k]));
  parts.push(element("small", `augmented view of sample ${map.ids[around.anchor]}`));
  const [x, y] = placeOn(panel, around.x[k], around.y[k]);
  placeCard(map, panel, [x, y - VIEW_SIDE / 2], parts);
}
