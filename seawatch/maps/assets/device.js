// What the device gives: where it is, what lies under the finger, light or dark, tiles if asked for.
function control(corner, node) {
  const holder = L.control({ position: corner });
  holder.onAdd = () => {
    L.DomEvent.disableClickPropagation(node);
    L.DomEvent.disableScrollPropagation(node);
    return node;
  };
  return holder.addTo(map);
}
const press = (sign, name, act) => make("button", { type: "button", "class": "sw-press",
  text: sign, "aria-label": name, title: name, click: act });

const said = make("div", { id: "sw-said", role: "status" });
let saidTimer = null;
function tell(text) {
  said.textContent = text;
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => { said.textContent = ""; }, 9000);
}

// One position, or why there is none, in words.
function whereAmI(found, failed) {
  if (!navigator.geolocation) { failed(words.locate_none); return; }
  navigator.geolocation.getCurrentPosition((at) => found({
    lat: at.coords.latitude, lon: at.coords.longitude, accuracy: at.coords.accuracy,
  }), (fault) => failed(words["locate_" + fault.code] || words.locate_none),
  { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
}

function locate() {
  tell(words.form_position_wait);
  whereAmI((at) => {
    position = at;
    tell(placed(at.lat, at.lon) + " · " + fill(words.accuracy, { m: Math.round(at.accuracy) }));
    map.setView([at.lat, at.lon], Math.max(map.getZoom(), 14), { animate: false });
    redrawSoon();
  }, tell);
}

function wear(name) {
  theme = name;
  document.documentElement.setAttribute("data-theme", name);
  try { localStorage.setItem("seawatch-theme", name); } catch (fault) { /* it is asked for again */ }
  legend();
  redrawSoon();
}
function firstTheme() {
  let kept = null;
  try { kept = localStorage.getItem("seawatch-theme"); } catch (fault) { kept = null; }
  if (kept === "light" || kept === "dark") return kept;
  return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

const cursor = make("div", { id: "sw-cursor", "aria-hidden": "true" });
for (const name of ["pointermove", "pointerdown"])
  map.getContainer().addEventListener(name, (event) => {
    const at = map.mouseEventToLatLng(event);
    cursor.textContent = placed(at.lat, at.lng);
  });

// Tianditu's tiles: only where the map was made with them, and with a key typed here.
let tileLayers = [];
function tiles(kind, key) {
  for (const layer of tileLayers) layer.remove();
  tileLayers = [];
  if (!kind || !key) return;
  const labels = { vec: "cva", img: "cia" }[kind];
  for (const name of [kind, labels])
    tileLayers.push(L.tileLayer("https://t{s}.tianditu.gov.cn/" + name + "_w/wmts?SERVICE=WMTS" +
      "&REQUEST=GetTile&VERSION=1.0.0&LAYER=" + name + "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles" +
      "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=" + encodeURIComponent(key),
    { subdomains: "01234567", maxZoom: 18, attribution: words.tianditu, pane: "tilePane" }).addTo(map));
}
function tileBox() {
  if (page.tiles !== "tianditu") return null;
  const key = make("input", { type: "password", autocomplete: "off", "aria-label": words.tiles_key });
  const button = (kind, text) => make("button", { "class": "sw-button", type: "button", text: text,
    click: () => tiles(kind, key.value.trim()) });
  return make("div", { id: "sw-tiles" }, [
    make("b", { text: words.tiles }), make("span", { text: words.tiles_key }), key,
    make("div", { "class": "sw-buttons" }, [button("vec", words.tiles_vector),
      button("img", words.tiles_image), button("", words.tiles_off)])]);
}
