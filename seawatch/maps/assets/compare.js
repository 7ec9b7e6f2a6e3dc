// Before and after: a divider that is dragged or moved by the arrow keys, or the two in turn.
const BLINK_MS = 700;
const divider = make("div", { "class": "line" });
const handle = make("button", { "class": "grip", type: "button", role: "slider", text: "⇔",
  "aria-label": words.divider, "aria-valuemin": "0", "aria-valuemax": "100" });
const sides = [make("div", { "class": "side left" }), make("div", { "class": "side right" })];
const blinker = make("button", { "class": "sw-button", type: "button", text: words.blink,
  "aria-pressed": "false", click: () => blink(blinking === null) });
const outliner = make("button", { "class": "sw-button", type: "button", text: words.outline,
  "aria-pressed": "true", click: () => {
    outlineOn = !outlineOn;
    outliner.setAttribute("aria-pressed", String(outlineOn));
    redrawSoon();
  } });
const indexer = make("button", { "class": "sw-button", type: "button", text: words.index,
  "aria-pressed": "false", click: () => showIndex(indexer.getAttribute("aria-pressed") !== "true") });
const stop = make("button", { "class": "sw-button", type: "button", text: words.compare_end,
  click: () => endCompare() });
const strip = make("div", { "class": "series" });
const tools = make("div", { "class": "tools" }, [blinker, indexer, outliner, stop]);
const swipe = make("div", { id: "sw-swipe" },
  [divider, handle, make("div", { "class": "top" }, sides), strip, tools]);
let overlays = [], chip = null, share = 0.5, blinking = null, side = 0;

const picture = (text) => "data:image/jpeg;base64," + text;

function told(which, seen) {
  const parts = [seen.sensor, seen.tide && words.side_tide + " " + seen.tide,
    seen.sigma && words.side_sigma + " " + seen.sigma, seen.pixel && words.side_pixel + " " + seen.pixel];
  return [make("b", { text: words[which] + " " + seen.taken }),
    make("span", { text: parts.filter((part) => part).join(" · ") })];
}

function compare(i) {
  endCompare();
  chip = read(page.pictures[idOf(i)]);
  const [west, south, east, north] = chip.bounds;
  const bounds = L.latLngBounds([south, west], [north, east]);
  room(true);
  map.fitBounds(bounds, { animate: false, padding: [4, 4] });
  overlays = ["before", "after"].map((which) => L.imageOverlay(picture(chip[which]), bounds, {
    pane: "sw-" + which, alt: words[which], className: "sw-pixels" }).addTo(map));
  indexer.hidden = !chip.index;
  showIndex(false);
  strip.textContent = "";
  if (chip.series.length) strip.setAttribute("aria-label", words.series);
  for (const one of chip.series) strip.appendChild(make("figure", {}, [
    make("img", { src: picture(one.picture), alt: one.said }),
    make("figcaption", { text: one.said })]));
  comparing = true;
  swipe.classList.add("on");
  panel.classList.add("away");
  sheet.classList.remove("tall");
  share = 0.5;
  clip();
  redrawSoon();
}

// The pictures in colour, or as the water index that the change was seen in.
function showIndex(on) {
  const shown = on ? chip.index : chip;
  indexer.setAttribute("aria-pressed", String(on));
  ["before", "after"].forEach((which, n) => {
    overlays[n].setUrl(picture(shown[which]));
    sides[n].textContent = "";
    for (const part of told(which, chip.sides[n])) sides[n].appendChild(part);
    const more = on ? chip.index.said + " · " + fill(words.index_scale, { range: page.index_range }) :
      chip.pixel_m ? fill(words.side_coarser, { m: chip.pixel_m }) : "";
    if (more) sides[n].appendChild(make("span", { text: more }));
  });
}

function endCompare() {
  blink(false);
  for (const overlay of overlays) overlay.remove();
  overlays = [];
  if (comparing) { comparing = false; room(false); redrawSoon(); }
  swipe.classList.remove("on");
  panel.classList.remove("away");
}

// On a phone the pictures take the sheet's place.
function room(more) {
  document.body.classList.toggle("comparing", more);
  map.invalidateSize({ animate: false });
}

function blink(start) {
  clearInterval(blinking);
  blinking = null;
  side = 0;
  if (start) blinking = setInterval(() => { side = 1 - side; clip(); }, BLINK_MS);
  swipe.classList.toggle("blinks", start);
  blinker.setAttribute("aria-pressed", String(start));
  blinker.textContent = start ? words.blink_stop : words.blink;
  clip();
}

function clip() {
  if (!overlays.length) return;
  const size = map.getSize(), x = blinking === null ? Math.round(size.x * share) : side ? 0 : size.x;
  const start = map.containerPointToLayerPoint([0, 0]), end = map.containerPointToLayerPoint(size);
  const parts = { before: [start.x, start.x + x], after: [start.x + x, end.x] };
  for (const [which, [left, right]] of Object.entries(parts))
    map.getPane("sw-" + which).style.clip =
      "rect(" + start.y + "px," + right + "px," + end.y + "px," + left + "px)";
  divider.style.left = handle.style.left = x + "px";
  sides[0].classList.toggle("off", blinking !== null && side === 1);
  sides[1].classList.toggle("off", blinking !== null && side === 0);
  handle.setAttribute("aria-valuenow", String(Math.round(share * 100)));
}

function slide(to) {
  share = Math.min(0.98, Math.max(0.02, to));
  clip();
}
handle.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
  handle.focus();
});
handle.addEventListener("pointermove", (event) => {
  if (!handle.hasPointerCapture(event.pointerId)) return;
  const box = map.getContainer().getBoundingClientRect();
  slide((event.clientX - box.left) / box.width);
});
handle.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -0.03, ArrowRight: 0.03 }[event.key];
  if (event.key === "Home" || event.key === "End") slide(event.key === "End" ? 1 : 0);
  else if (step) slide(share + step);
  else return;
  event.preventDefault();
  event.stopPropagation();
});
for (const node of [handle, tools, strip]) {
  L.DomEvent.disableClickPropagation(node);
  L.DomEvent.disableScrollPropagation(node);
}
map.getContainer().appendChild(swipe);
