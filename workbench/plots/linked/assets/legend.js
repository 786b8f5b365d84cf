// Which colouring is in use: the list to choose from, and its legend, where a class can be isolated
// and, among many, searched.

const MANY_CLASSES = 64;

/** The list of colourings; hidden where there is nothing to choose. */
function buildColours(map) {
  const { colourings } = map.data;
  const [label, select] = [map.colours.querySelector("label"), map.colours.querySelector("select")];
  const options = colourings.map(({ name }) => {
    const option = element("option", name);
    option.value = name;
    return option;
  });
  select.replaceChildren(...options);
  select.value = map.colour ?? "";
  select.onkeydown = (event) => event.stopPropagation();
  select.onchange = () => {
    setColour(map, select.value);
    sendLook(map);
  };
  map.colours.hidden = !colourings.length;
  select.hidden = colourings.length < 2;
  label.textContent = colourings.length === 1 ? `Coloured by ${colourings[0].name}` : "Colour by";
}

function setColour(map, name) {
  map.colour = name;
  map.isolated = new Set();
  map.colours.querySelector("select").value = name ?? "";
  hideCard(map);
  colourAll(map);
  buildLegend(map);
}

/** Tells Python the colouring and the step in use. */
function sendLook(map) {
  const look = { colour: map.colour, step: map.frames ? map.frames.steps[map.frames.at] : null };
  for (const what of ["colour", "step"])
    if (look[what] !== map.look?.[what]) map.told[what].push(look[what]);
  map.look = look;
  map.send("look", look);
}

function buildLegend(map) {
  const colouring = colouringOf(map);
  map.legend.hidden = !colouring;
  map.search.hidden = true;
  map.help.textContent = colouring?.help ?? "";
  map.help.hidden = !colouring?.help;
  if (!colouring) return;
  map.legend.setAttribute("aria-label", colouring.classes ? "Classes" : "Range of values");
  map.legend.replaceChildren(...(colouring.classes ? classesOf(map, colouring) : rampOf(map, colouring)));
  buildSearch(map);
  showIsolated(map);
}

/** The field that searches a legend of many classes; Enter shows only the classes found. */
function buildSearch(map) {
  const buttons = [...map.legend.querySelectorAll("button")];
  map.search.hidden = buttons.length <= MANY_CLASSES;
  map.search.value = "";
  map.search.oninput = () => {
    const wanted = map.search.value.trim().toLowerCase();
    for (const button of buttons) button.hidden = !button.textContent.toLowerCase().includes(wanted);
  };
  map.search.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key !== "Enter") return;
    const found = buttons.filter((button) => !button.hidden);
    map.isolated = new Set(map.search.value.trim() ? found.map((one) => Number(one.dataset.look)) : []);
    showIsolated(map);
    colourAll(map);
  };
}

/** A button for each class that is on a map. */
function classesOf(map, { classes, palette }) {
  const present = new Set();
  for (const panel of map.panels) panel.looks.forEach((look) => present.add(look));
  return palette
    .map((look, number) => [look, number])
    .filter(([, number]) => present.has(number))
    .map(([look, number]) => legendButton(map, look, number, classes[number] ?? "no value"));
}

function legendButton(map, look, number, name) {
  const button = element("button", "");
  button.type = "button";
  button.title = `Show only ${name} (Shift adds a class)`;
  button.dataset.look = number;
  button.append(markOf(look), element("span", name));
  button.onclick = (event) => isolate(map, number, event.shiftKey);
  return button;
}

function markOf(look) {
  const mark = element("canvas", "");
  [mark.width, mark.height] = [24, 24];
  const picture = sprite(look, 4, 2);
  mark.getContext("2d").drawImage(picture, 12 - picture.width / 2, 12 - picture.height / 2);
  return mark;
}

/** The ramp between its ends, which are printed, and how many samples have no value. */
function rampOf(map, { values, palette, low, high }) {
  if (low === null) return [element("span", "No sample has a value.")];
  const bar = element("span", "");
  bar.className = "ramp";
  bar.style.background = `linear-gradient(to right, ${map.data.ramp.join(", ")})`;
  const parts = [element("span", numberWords(low)), bar, element("span", numberWords(high))];
  const without = values.reduce((sum, one) => sum + one.filter(Number.isNaN).length, 0);
  if (!without) return parts;
  const none = markOf(palette[palette.length - 1]);
  return [...parts, none, element("span", "no value")];
}

function isolate(map, number, adds) {
  const alone = map.isolated.size === 1 && map.isolated.has(number);
  if (adds && map.isolated.has(number)) map.isolated.delete(number);
  else if (adds) map.isolated.add(number);
  else map.isolated = new Set(alone ? [] : [number]);
  showIsolated(map);
  colourAll(map);
}

function showIsolated(map) {
  map.legend.classList.toggle("isolated", map.isolated.size > 0);
  for (const button of map.legend.querySelectorAll("button"))
    button.setAttribute("aria-pressed", map.isolated.has(Number(button.dataset.look)));
}
