// Everything is made; now it is put in its place and shown.
document.title = page.title + " " + page.issue;
sub.textContent = summary();
map.attributionControl.setPrefix(false);
L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
control("topleft", make("div", { "class": "sw-bar" }, [
  press("+", words.zoom_in, () => map.zoomIn(1)),
  press("−", words.zoom_out, () => map.zoomOut(1)),
  press("◎", words.locate, locate),
  press("⤢", words.fit, () => fit(whole())),
  press("◐", words.theme, () => { wear(theme === "dark" ? "light" : "dark"); }),
]));
map.getContainer().setAttribute("role", "application");
map.getContainer().setAttribute("aria-label", words.map_help);
for (const node of [stamp(), panel, cursor, said]) if (node) map.getContainer().appendChild(node);
const box = tileBox();
if (box) panel.appendChild(box);
L.DomEvent.disableClickPropagation(panel);
L.DomEvent.disableScrollPropagation(panel);

function whole() {
  const [west, south, east, north] = page.bounds;
  return [[south, west], [north, east]];
}

map.on("click", (event) => {
  const at = event.latlng, x = pixelX(at.lng), y = pixelY(at.lat);
  const reach = window.matchMedia("(pointer: coarse)").matches ? 24 : 14;
  const flag = flagAt(at, x, y, reach);
  if (flag >= 0) { open(idOf(flag)); return; }
  const found = thingsAt(at, x, y);
  if (found.length && !comparing) showThings(found);
});
map.on("moveend zoomend resize viewreset", redraw);
map.on("move zoom viewreset resize", clip);
window.addEventListener("hashchange", () => open(fromHash()));
function fromHash() {
  try { return decodeURIComponent(location.hash.slice(1)); } catch (fault) { return ""; }
}

wear(firstTheme());
foldLayers(window.innerWidth < 1000);
map.invalidateSize({ animate: false });
fit(whole());
openStore().then(() => {
  showList();
  open(fromHash());
  redraw();
  window.seawatch = Object.assign({
    flags: flags.count, map: map, open: open, slide: slide, drawn: drawn,
    compare: (id) => compare(indexOf.get(id)), ready: performance.now(),
  }, hooks());
});
