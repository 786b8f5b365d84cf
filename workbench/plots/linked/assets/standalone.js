// Puts the maps into a page without a server: a report, or a notebook's frame.

const told = JSON.parse(document.getElementById("linked-map-data").textContent);
const schemes = matchMedia("(prefers-color-scheme: dark)");

for (const host of document.querySelectorAll("[data-linked-map]")) {
  const parentElement = host.attachShadow({ mode: "open" });
  parentElement.innerHTML = `<style>${told.css}</style>${told.html}`;
  const data = told.maps[host.dataset.linkedMap];
  for (const { sheet } of [data, ...data.satellites])
    if (sheet) sheet.address = told.addresses[sheet.address];
  const ignored = () => {};
  const mount = () =>
    linkedMap({ data, parentElement, setStateValue: ignored, setTriggerValue: ignored });
  mount();
  schemes.addEventListener("change", mount);
}

// A notebook's frame becomes as high as what it holds.
const frame = window.frameElement;
if (frame) {
  const grow = () => (frame.style.height = `${document.documentElement.offsetHeight + 4}px`);
  new ResizeObserver(grow).observe(document.documentElement);
}
