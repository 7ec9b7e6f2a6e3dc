// What only the office's own page has: ways to other maps, and tiles. No public page names a host.
function links(lat, lon, id) {
  const link = (text, href) => make("a", { "class": "sw-button", text: text, href: href,
    target: "_blank", rel: "noopener noreferrer" });
  const at = lat + "," + lon, turned = lon + "," + lat, name = encodeURIComponent(id);
  return [
    link(words.open_maps, "geo:" + at + "?q=" + at + "(" + name + ")"),
    link(words.amap, "https://uri.amap.com/marker?position=" + turned + "&name=" + name +
      "&coordinate=wgs84&callnative=1"),
    link(words.tianditu, "https://map.tianditu.gov.cn/?center=" + turned + "&zoom=16"),
  ];
}

function stamp() { return null; }

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
