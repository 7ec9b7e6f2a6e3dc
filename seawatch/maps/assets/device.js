// What the device gives: where it is, what lies under the finger, light or dark.
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
