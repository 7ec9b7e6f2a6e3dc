// The script of seawatch's offline map. It lays out what the page's JSON says, with
// textContent only: nothing that comes from data is ever parsed as HTML or as script.
function seawatchPage(map) {
  "use strict";

  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const page = read("sw-data-page"), flags = read("sw-data-flags");
  const layers = read("sw-data-layers"), chips = read("sw-data-chips"), words = page.words;
  document.title = page.title + " " + page.issue;
  const COLOURS = { 1: "#c1121f", 2: "#d9660a", 3: "#3d6f96", cleared: "#8a949b" };
  const FAR = 14; // zoomed out further than this, a 40 m flag is smaller than its dot
  const FIRST = 100; // entries of the list drawn at once

  function make(tag, fields, children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(fields || {})) {
      if (name === "text") node.textContent = value;
      else if (name === "click") node.addEventListener("click", value);
      else node.setAttribute(name, value);
    }
    for (const child of children || []) node.appendChild(child);
    return node;
  }

  const colour = (flag) => flag.status === "cleared" ? COLOURS.cleared : COLOURS[flag.priority];
  const phone = () => window.innerWidth <= 760;

  // ---- the sheet: heading, notices, list or card
  const body = make("div", { id: "sw-body" });
  const grip = make("button", {
    id: "sw-grip", type: "button", "aria-label": words.sheet,
    click: () => sheet.classList.toggle("tall"),
  });
  const sheet = make("section", { id: "sw-sheet" }, [
    grip,
    make("header", { id: "sw-head" }, [
      make("h1", { text: page.title }),
      make("div", { "class": "sub", text: summary() }),
    ]),
    body,
  ]);
  document.body.appendChild(sheet);

  function summary() {
    const counts = {};
    for (const flag of flags) counts[flag.status] = (counts[flag.status] || 0) + 1;
    const said = Object.keys(counts).map((s) => words["status_" + s] + " " + counts[s]);
    return [words.run + " " + page.issue, page.on, words.flags + " " + flags.length]
      .concat(said).join(" · ");
  }

  function showList(shown) {
    const count = shown || FIRST;
    endCompare();
    choose(null);
    body.textContent = "";
    for (const notice of page.notices)
      body.appendChild(make("p", { "class": "sw-notice " + notice.tone, text: notice.text }));
    for (const flag of flags.slice(0, count)) body.appendChild(item(flag));
    if (flags.length > count)
      body.appendChild(make("button", {
        "class": "sw-item", type: "button", text: words.more + " (" + (flags.length - count) + ")",
        click: () => showList(count + FIRST),
      }));
    body.appendChild(make("p", { "class": "sw-small", text: words.disclaimer }));
    if (page.head) body.appendChild(make("p", { "class": "sw-small hash", text: page.head }));
    body.scrollTop = 0;
  }

  function item(flag) {
    const dot = make("span", { "class": "dot" });
    dot.style.background = colour(flag);
    return make("button", { "class": "sw-item", type: "button", click: () => open(flag.id) }, [
      dot,
      make("span", { "class": "main" }, [
        make("span", { "class": "name" }, [
          make("span", { text: flag.title }), make("span", { text: flag.size }),
        ]),
        make("div", { "class": "meta", text: flag.tags.concat(flag.id).join(" · ") }),
      ]),
    ]);
  }

  function card(children) {
    body.textContent = "";
    body.appendChild(make("article", { "class": "sw-card" }, [
      make("button", {
        "class": "sw-link", type: "button", text: "‹ " + words.back, click: () => showList(),
      }),
    ].concat(children)));
    body.scrollTop = 0;
  }

  const table = (rows) => make("table", {}, [make("tbody", {}, rows.map((row) =>
    make("tr", {}, [make("th", { text: row[0] }), make("td", { text: row[1] })])))]);

  function showFlag(flag) {
    const mark = make("span", { "class": "sw-tag", text: words["priority_" + flag.priority] });
    mark.style.background = colour(flag);
    mark.style.color = "#fff";
    const tags = [mark].concat(flag.tags.map((t) => make("span", { "class": "sw-tag", text: t })));
    const picture = chips[flag.id]
      ? make("button", {
          "class": "sw-button main", type: "button", text: words.compare,
          click: () => compare(flag),
        })
      : make("p", { "class": "sw-small", text: words.no_picture });
    card([
      make("h2", { text: flag.title }),
      make("div", { "class": "sw-tags" }, tags),
      make("p", { "class": "sw-reason", text: flag.reason }),
      make("div", { "class": "sw-buttons" }, [picture]),
      make("div", { "class": "sw-check" }, [
        make("b", { text: words.check }), make("span", { text: flag.check }),
      ]),
      table([[words.no, flag.id]].concat(flag.rows)),
      make("div", { "class": "sw-buttons" }, ways(flag)),
      make("p", { "class": "sw-small", text: words.disclaimer }),
    ]);
  }

  function ways(flag) {
    const [lat, lon] = flag.at, name = encodeURIComponent(flag.id);
    const copy = make("button", {
      "class": "sw-button", type: "button", text: words.copy,
      click: () => copyText(lat + ", " + lon, copy),
    });
    const link = (text, href) => make("a", {
      "class": "sw-button", text: text, href: href, target: "_blank", rel: "noopener noreferrer",
    });
    return [
      copy,
      link(words.open_maps, "geo:" + lat + "," + lon + "?q=" + lat + "," + lon + "(" + name + ")"),
      link(words.amap, "https://uri.amap.com/marker?position=" + lon + "," + lat + "&name=" + name +
        "&coordinate=wgs84&callnative=1"),
    ];
  }

  function copyText(text, button) {
    // works from a file too, where the clipboard of the browser is closed
    const box = make("textarea", { readonly: "" });
    box.value = text;
    document.body.appendChild(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    button.textContent = words.copied + " " + text;
  }

  // ---- the map
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  for (const [index, name] of ["ground", "before", "after", "lines", "flags"].entries())
    map.createPane("sw-" + name).style.zIndex = 310 + index * 20;
  const ground = L.canvas({ pane: "sw-ground", padding: 0.3 });
  const lines = L.canvas({ pane: "sw-lines", padding: 0.3, tolerance: 6 });
  const marks = L.canvas({ pane: "sw-flags", padding: 0.3, tolerance: 8 });

  const STYLES = {
    coverage_yes: { color: "#7fb7a0", weight: 0, fillColor: "#7fb7a0", fillOpacity: 0.25 },
    coverage_no: { color: "#6b7680", weight: 1, dashArray: "2 4", fillColor: "#4a5560", fillOpacity: 0.3 },
    islands: { color: "#7a5c00", weight: 1.5, fillColor: "#ead9a8", fillOpacity: 0.55 },
    zones: { color: "#b5179e", weight: 2, dashArray: "8 4", fillColor: "#b5179e", fillOpacity: 0.06 },
    permits_ended: { color: "#66707a", weight: 1.5, dashArray: "3 4", fillOpacity: 0.03 },
    permits_in_force: { color: "#0b6e99", weight: 1.8, fillColor: "#0b6e99", fillOpacity: 0.08 },
    coast_artificial: { color: "#6e40c9", weight: 2.5, dashArray: "9 5" },
    coast_natural: { color: "#1a7f37", weight: 2.5 },
  };
  const START_HIDDEN = ["coverage_yes", "cleared_flags"];
  const groups = {};
  for (const [name, features] of Object.entries(layers)) {
    const open = name.startsWith("coast");
    const low = name.startsWith("coverage");
    groups[name] = L.layerGroup(features.map((feature) => {
      const style = Object.assign({}, STYLES[name], {
        renderer: low ? ground : lines, pane: low ? "sw-ground" : "sw-lines", interactive: !low,
      });
      const shape = open ? L.polyline(feature.shape, style) : L.polygon(feature.shape, style);
      if (!low) shape.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        endCompare();
        choose(null);
        card([make("h2", { text: words[name] }), table(feature.rows)]);
      });
      return shape;
    }));
  }

  const shapes = {}, byId = {}, dots = L.layerGroup();
  for (const name of ["priority_1", "priority_2", "priority_3", "cleared_flags"])
    groups[name] = L.layerGroup();
  const groupOf = (f) => f.status === "cleared" ? "cleared_flags" : "priority_" + f.priority;
  for (const flag of flags) {
    byId[flag.id] = flag;
    const style = {
      renderer: marks, pane: "sw-flags", color: colour(flag), fillColor: colour(flag),
      weight: flag.level === "low" ? 2 : 3.5, fillOpacity: 0.22,
      dashArray: flag.status === "unseen" ? "6 5" : null,
    };
    const click = (event) => { L.DomEvent.stopPropagation(event); open(flag.id); };
    shapes[flag.id] = L.polygon(flag.shape, style).on("click", click);
    const dot = L.circleMarker(flag.at, {
      renderer: marks, pane: "sw-flags", radius: 7, weight: 2, color: "#fff",
      fillColor: colour(flag), fillOpacity: 1,
    }).on("click", click);
    shapes[flag.id].dot = dot;
    groups[groupOf(flag)].addLayer(shapes[flag.id]);
  }
  function zoomed() {
    const far = map.getZoom() < FAR;
    for (const flag of flags) {
      const shown = far && map.hasLayer(groups[groupOf(flag)]) && flag.id !== chosen;
      if (shown !== dots.hasLayer(shapes[flag.id].dot))
        dots[shown ? "addLayer" : "removeLayer"](shapes[flag.id].dot);
    }
  }
  let chosen = null;
  function choose(id) {
    if (chosen) shapes[chosen].setStyle({ fillOpacity: 0.22 });
    chosen = id;
    if (id) shapes[id].setStyle({ fillOpacity: 0.05 }).bringToFront();
    zoomed();
  }
  dots.addTo(map);

  function open(id) {
    const flag = byId[id];
    if (!flag) return;
    endCompare();
    showFlag(flag);
    choose(id);
    map.fitBounds(shapes[id].getBounds().pad(1), { maxZoom: 17, animate: false });
    history.replaceState(null, "", "#" + encodeURIComponent(id));
  }

  // ---- the layers' switches, which are the legend too
  function swatch(name) {
    const s = STYLES[name];
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    mark.setAttribute("width", "26");
    mark.setAttribute("height", "16");
    const path = document.createElementNS(mark.namespaceURI, s ? "path" : "circle");
    if (s) {
      path.setAttribute("d", name.startsWith("coast") ? "M1 8H25" : "M2 2H24V14H2Z");
      path.setAttribute("stroke", s.color);
      path.setAttribute("stroke-width", s.weight || 0);
      path.setAttribute("stroke-dasharray", s.dashArray || "none");
      path.setAttribute("fill", s.fillColor || "none");
      path.setAttribute("fill-opacity", Math.max(s.fillOpacity || 0, 0.15));
    } else {
      path.setAttribute("cx", "13");
      path.setAttribute("cy", "8");
      path.setAttribute("r", "7");
      path.setAttribute("fill", COLOURS[name === "cleared_flags" ? "cleared" : name.slice(-1)]);
    }
    mark.appendChild(path);
    return mark;
  }

  const switches = make("div");
  const panel = make("div", { id: "sw-layers" }, [
    make("button", {
      type: "button", text: words.layers + " ▾", "aria-expanded": "true",
      click: (event) => {
        const folded = panel.classList.toggle("folded");
        event.currentTarget.setAttribute("aria-expanded", String(!folded));
      },
    }),
    switches,
  ]);
  const ORDER = ["priority_1", "priority_2", "priority_3", "cleared_flags", "permits_in_force",
    "permits_ended", "zones", "coast_natural", "coast_artificial", "islands", "coverage_no",
    "coverage_yes"];
  for (const name of ORDER) {
    const count = groups[name].getLayers().length;
    const box = make("input", { type: "checkbox", "data-layer": name });
    box.checked = !START_HIDDEN.includes(name);
    box.addEventListener("change", () => {
      if (box.checked) groups[name].addTo(map);
      else groups[name].remove();
      zoomed();
    });
    switches.appendChild(make("label", {}, [
      box, swatch(name), make("span", { text: words[name] }),
      make("span", { "class": "count", text: String(count) }),
    ]));
    if (box.checked) groups[name].addTo(map);
  }
  if (phone()) panel.classList.add("folded");
  map.getContainer().appendChild(panel);
  L.DomEvent.disableClickPropagation(panel);
  L.DomEvent.disableScrollPropagation(panel);

  // ---- before and after, with a divider that is dragged or moved by the arrow keys
  const line = make("div", { "class": "line" });
  const handle = make("button", {
    "class": "grip", type: "button", role: "slider", text: "⇔",
    "aria-label": words.divider, "aria-valuemin": "0", "aria-valuemax": "100",
  });
  const days = [make("span", { "class": "day" }), make("span", { "class": "day" })];
  const stop = make("button", {
    "class": "sw-button stop", type: "button", text: words.compare_end, click: endCompare,
  });
  const swipe = make("div", { id: "sw-swipe" }, [line, days[0], days[1], handle, stop]);
  map.getContainer().appendChild(swipe);
  L.DomEvent.disableClickPropagation(stop);
  let overlays = [], share = 0.5;

  function compare(flag) {
    endCompare();
    const chip = chips[flag.id], [west, south, east, north] = chip.bounds;
    const bounds = L.latLngBounds([south, west], [north, east]);
    map.fitBounds(bounds, { animate: false, padding: [4, 4] });
    overlays = ["before", "after"].map((which) =>
      L.imageOverlay("data:image/jpeg;base64," + chip[which], bounds, { pane: "sw-" + which })
        .addTo(map));
    days[0].textContent = words.before + " " + chip.before_taken;
    days[1].textContent = words.after + " " + chip.after_taken;
    swipe.classList.add("on");
    sheet.classList.remove("tall");
    share = 0.5;
    clip();
  }

  function endCompare() {
    for (const overlay of overlays) overlay.remove();
    overlays = [];
    swipe.classList.remove("on");
  }

  function clip() {
    if (!overlays.length) return;
    const size = map.getSize(), x = Math.round(size.x * share);
    const start = map.containerPointToLayerPoint([0, 0]);
    const end = map.containerPointToLayerPoint(size);
    const parts = { before: [start.x, start.x + x], after: [start.x + x, end.x] };
    for (const [which, [left, right]] of Object.entries(parts))
      map.getPane("sw-" + which).style.clip =
        "rect(" + start.y + "px," + right + "px," + end.y + "px," + left + "px)";
    line.style.left = handle.style.left = x + "px";
    days[0].style.right = size.x - x + 10 + "px";
    days[1].style.left = x + 10 + "px";
    // a label is hidden rather than cut where there is no room for it
    days[0].style.visibility = x > days[0].offsetWidth + 14 ? "" : "hidden";
    days[1].style.visibility = size.x - x > days[1].offsetWidth + 14 ? "" : "hidden";
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
    if (handle.hasPointerCapture(event.pointerId)) {
      const box = map.getContainer().getBoundingClientRect();
      slide((event.clientX - box.left) / box.width);
    }
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.03, ArrowRight: 0.03 }[event.key];
    if (step) { slide(share + step); event.preventDefault(); event.stopPropagation(); }
  });
  L.DomEvent.disableClickPropagation(handle);

  // ---- start
  map.on("move zoom viewreset resize", clip);
  map.on("zoomend", zoomed);
  const [west, south, east, north] = page.bounds;
  map.invalidateSize({ animate: false });
  map.fitBounds([[south, west], [north, east]], { animate: false });
  showList();
  open(decodeURIComponent(location.hash.slice(1)));
  window.seawatch = { flags: flags.length, map: map, open: open, compare: (id) => compare(byId[id]), slide: slide };
}
