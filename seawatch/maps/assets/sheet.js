// The sheet: heading, search and filters, the list of flags or one card; and the layers' switches.
const FIRST = 100; // entries of the list drawn at once
const MOST_PLACES = 12;
const phone = () => window.innerWidth <= 760;
const body = make("div", { id: "sw-body", tabindex: "-1" });
const sub = make("div", { "class": "sub" });
const wanted = { text: "", rule: "", level: "", priority: "", status: "", owner: "", fresh: false };
const indexOf = new Map();
for (let i = 0; i < flags.count; i++) indexOf.set(textOf(flags.id, i), i);
const idOf = (i) => textOf(flags.id, i);
const personal = (name, i) => flags.people[name] ? textOf(flags.people[name], i) : "";
// the machine's opinion is the office's
const levelOf = (i) => flags.level ? words.level + " " + words["level_" + textOf(flags.level, i)] : "";
const titleOf = (i) => flags.rules[textOf(flags.rule, i)];

function summary() {
  const counts = {};
  for (let i = 0; i < flags.count; i++) {
    const status = textOf(flags.status, i);
    counts[status] = (counts[status] || 0) + 1;
  }
  const said = Object.keys(counts).map((s) => words["status_" + s] + " " + counts[s]);
  return [words.run + " " + page.issue, page.on, words.flags + " " + flags.count]
    .concat(said).join(" · ");
}

// ---- search and filters
const find = make("input", {
  id: "sw-find", type: "search", placeholder: words.search_short, "aria-label": words.search,
  autocomplete: "off", input: () => later(() => { wanted.text = find.value; showList(); }),
});
let timer = null;
function later(act) {
  clearTimeout(timer);
  timer = setTimeout(act, 120);
}

const CHOICES = {
  rule: [Object.keys(flags.rules), (r) => flags.rules[r]],
  priority: [["1", "2", "3"], (p) => words["priority_" + p]],
  status: [["new", "open", "unseen", "settled", "cleared"], (s) => words["status_" + s]],
};
if (flags.level) CHOICES.level = [["highest", "high", "low"], (l) => words["level_" + l]];
if (flags.people.owner) {
  const known = new Set();
  for (let i = 0; i < flags.count; i++) known.add(personal("owner", i));
  CHOICES.owner = [Array.from(known).sort(), (o) => o || words.unowned];
}
const selects = Object.keys(CHOICES).map((name) => {
  const select = make("select", { "data-filter": name, "aria-label": words[name],
    change: () => { wanted[name] = select.value; showList(); } },
  [make("option", { value: "", text: words.all })].concat(CHOICES[name][0].map((value) =>
    make("option", { value: value || "\u0000", text: CHOICES[name][1](value) }))));
  return make("label", {}, [make("span", { text: words[name] }), select]);
});
const onlyNew = make("input", { type: "checkbox", "data-filter": "fresh",
  change: () => { wanted.fresh = onlyNew.checked; showList(); } });
const filters = make("div", { id: "sw-filters", hidden: "" }, selects.concat([
  make("label", { "class": "sw-check-line" }, [onlyNew, make("span", { text: words.only_new })]),
  make("button", { "class": "sw-button", type: "button", text: words.clear_filters,
    click: clearFilters }),
]));
const more = make("button", { "class": "sw-button", type: "button", text: words.filters,
  "aria-expanded": "false", "aria-controls": "sw-filters", click: () => {
    filters.hidden = !filters.hidden;
    more.setAttribute("aria-expanded", String(!filters.hidden));
  } });

function clearFilters() {
  for (const name of Object.keys(wanted)) wanted[name] = name === "fresh" ? false : "";
  for (const select of filters.querySelectorAll("select")) select.value = "";
  onlyNew.checked = false;
  find.value = "";
  showList();
}

const same = (value, chosenValue) => !chosenValue || (value || "\u0000") === chosenValue;
function fits(i, text) {
  return same(textOf(flags.rule, i), wanted.rule) && (!flags.level || same(textOf(flags.level, i), wanted.level)) &&
    same(String(flags.priority[i]), wanted.priority) &&
    same(textOf(flags.status, i), wanted.status) && same(personal("owner", i), wanted.owner) &&
    (!wanted.fresh || textOf(flags.status, i) === "new") &&
    (!text || [idOf(i), titleOf(i), textOf(flags.subject, i), personal("owner", i),
      personal("holder", i)].some((part) => part.toLowerCase().includes(text)));
}

function filter() {
  const text = wanted.text.trim().toLowerCase();
  for (let i = 0; i < flags.count; i++) listed[i] = fits(i, text) ? 1 : 0;
}

// places and things whose name or number holds the text
function placesOf(text) {
  const found = [];
  for (const name of UNDER) {
    const table = layers[name];
    if (name.startsWith("coverage") || name === "vetoed" || !text) continue;
    for (let i = 0; i < table.count && found.length < MOST_PLACES; i++) {
      const said = linesOf(table, i).map((line) => line[1]);
      if (said.some((part) => part.toLowerCase().includes(text))) found.push([name, i, said]);
    }
  }
  return found;
}

// ---- the list
function showList(count) {
  const most = typeof count === "number" ? count : FIRST, text = wanted.text.trim().toLowerCase();
  endCompare();
  choose(-1);
  filter();
  body.textContent = "";
  if (!text) for (const notice of page.notices)
    body.appendChild(make("p", { "class": "sw-notice " + notice.tone, text: notice.text }));
  const found = placesOf(text);
  if (found.length) {
    body.appendChild(make("h2", { "class": "sw-part", text: words.places }));
    for (const [name, i, said] of found) body.appendChild(placeItem(name, i, said));
  }
  const rows = [];
  for (let i = 0; i < flags.count; i++) if (listed[i]) rows.push(i);
  if (rows.length < flags.count)
    body.appendChild(make("p", { "class": "sw-small", role: "status",
      text: fill(words.shown_of, { shown: rows.length, all: flags.count }) }));
  if (!rows.length && flags.count) body.appendChild(make("p", { "class": "sw-small", text: words.none_shown }));
  for (const i of rows.slice(0, most)) body.appendChild(item(i));
  if (rows.length > most)
    body.appendChild(make("button", { "class": "sw-item", type: "button",
      text: words.more + " (" + (rows.length - most) + ")", click: () => showList(most + FIRST) }));
  body.appendChild(make("p", { "class": "sw-small", text: words.disclaimer }));
  if (page.approval) body.appendChild(make("p", { "class": "sw-small", text: page.approval }));
  if (page.head) body.appendChild(make("p", { "class": "sw-small hash", text: page.head }));
  body.scrollTop = 0;
  redrawSoon();
}

function dotted(colour) {
  const dot = make("span", { "class": "dot" });
  dot.style.background = colour;
  return dot;
}

function item(i) {
  const status = words["status_" + textOf(flags.status, i)];
  const told = [status, levelOf(i), personal("owner", i), idOf(i), filledWord(idOf(i))];
  return make("button", { "class": "sw-item", type: "button", click: () => open(idOf(i)) }, [
    dotted(paint(i)),
    make("span", { "class": "main" }, [
      make("span", { "class": "name" }, [
        make("span", { text: titleOf(i) }), make("span", { text: textOf(flags.size, i) })]),
      make("span", { "class": "meta", text: told.filter((part) => part).join(" · ") }),
    ]),
  ]);
}

function placeItem(name, i, said) {
  return make("button", { "class": "sw-item", type: "button", click: () => {
    const box = shapes[name].boxes;
    fit([[box[4 * i], box[4 * i + 1]], [box[4 * i + 2], box[4 * i + 3]]]);
    showThings([[name, i]]);
  } }, [dotted(STYLES[name][theme]), make("span", { "class": "main" }, [
    make("span", { "class": "name" }, [make("span", { text: words[name] })]),
    make("span", { "class": "meta", text: said.join(" · ") })])]);
}

// ---- cards
function card(children) {
  body.textContent = "";
  body.appendChild(make("article", { "class": "sw-card" }, [
    make("button", { "class": "sw-link", type: "button", text: "‹ " + words.back,
      click: () => { showList(); remember(""); } }),
  ].concat(children)));
  body.scrollTop = 0;
}

const table = (rows) => make("table", {}, [make("tbody", {}, rows.map((row) =>
  make("tr", {}, [make("th", { scope: "row", text: row[0] }), make("td", { text: row[1] })])))]);

function showThings(found) {
  endCompare();
  choose(-1);
  const parts = [];
  if (found.length > 1)
    parts.push(make("p", { "class": "sw-small", text: fill(words.here, { number: found.length }) }));
  for (const [name, i] of found)
    parts.push(make("h2", { text: words[name] }), table(linesOf(layers[name], i)));
  card(parts);
}

function showFlag(i) {
  const mark = make("span", { "class": "sw-tag p" + (groupOf[i] + 1),
    text: words["priority_" + flags.priority[i]] });
  const tags = [words["status_" + textOf(flags.status, i)], levelOf(i)].filter((text) => text);
  card([
    make("h2", { text: titleOf(i) }),
    make("div", { "class": "sw-tags" }, [mark].concat(tags.map((text) =>
      make("span", { "class": "sw-tag", text: text })))),
    make("p", { "class": "sw-reason", text: textOf(flags.reason, i) }),
    evidence(i),
    flags.checks ? make("div", { "class": "sw-check" }, [
      make("b", { text: words.check }),
      make("span", { text: flags.checks[textOf(flags.rule, i)] })]) : null,
    table([[words.no, idOf(i)]].concat(linesOf(flags, i))),
    make("div", { "class": "sw-buttons" }, ways(i)),
    make("p", { "class": "sw-small", text: page.datum }),
    form(i),
    make("p", { "class": "sw-small", text: words.disclaimer }),
  ]);
}

function evidence(i) {
  const id = idOf(i), key = page.pictures[id];
  if (key) return make("div", { "class": "sw-buttons" }, [make("button", {
    "class": "sw-button main", type: "button", text: words.compare, click: () => compare(i) })]);
  const file = page.elsewhere[id];
  if (!file) return make("p", { "class": "sw-small", text: words.no_picture });
  return make("p", { "class": "sw-small" }, [
    make("span", { text: fill(words.pictures_in, { mb: page.max_mb, file: file }) }),
    make("a", { "class": "sw-button", href: file + "#" + encodeURIComponent(id), text: file })]);
}

function ways(i) {
  const lat = places[4 * i], lon = places[4 * i + 1];
  const copy = make("button", { "class": "sw-button", type: "button", text: words.copy,
    click: () => { copyText(lat + ", " + lon); copy.textContent = words.copied + " " + lat + ", " + lon; } });
  return [copy].concat(links(lat, lon, idOf(i)));
}

function copyText(text) {
  // works from a file too, where the clipboard of the browser is closed
  const box = make("textarea", { readonly: "", "class": "sw-away" });
  box.value = text;
  document.body.appendChild(box);
  box.select();
  let done = false;
  try { done = document.execCommand("copy"); } catch (fault) { done = false; }
  box.remove();
  return done;
}

function choose(i) {
  chosen = i;
  redrawSoon();
}

function open(id) {
  const i = indexOf.get(id);
  if (i === undefined) return;
  endCompare();
  showFlag(i);
  choose(i);
  const box = shapes.flags.boxes;
  fit(L.latLngBounds([box[4 * i], box[4 * i + 1]], [box[4 * i + 2], box[4 * i + 3]]).pad(1));
  remember(id);
}

// Beside the buttons, and beside the layers where they are open.
function fit(bounds) {
  const wide = panel.classList.contains("folded") ? 10 : panel.offsetWidth + 20;
  map.fitBounds(bounds, { maxZoom: 17, animate: false,
    paddingTopLeft: [62, 10], paddingBottomRight: [map.getSize().x > wide + 300 ? wide : 10, 34] });
}

// The address names the flag, where the viewer lets a page say so.
function remember(id) {
  try { history.replaceState(null, "", "#" + encodeURIComponent(id)); } catch (fault) { /* framed */ }
}

const grip = make("button", { id: "sw-grip", type: "button", "aria-label": words.sheet,
  "aria-expanded": "false", click: () => grip.setAttribute("aria-expanded",
    String(sheet.classList.toggle("tall"))) });
const sheet = make("section", { id: "sw-sheet", "aria-label": words.list }, [
  grip,
  make("header", { id: "sw-head" }, [make("h1", { text: page.title }), sub]),
  make("div", { id: "sw-tools" }, [find, more, exportButton()]),
  filters,
  body,
]);
document.body.appendChild(sheet);

// ---- the layers' switches, which are the legend too
function swatch(name) {
  const style = STYLES[name], space = "http://www.w3.org/2000/svg";
  const mark = document.createElementNS(space, "svg");
  const set = (node, fields) => { for (const key of Object.keys(fields)) node.setAttribute(key, fields[key]); };
  set(mark, { width: 26, height: 16, "aria-hidden": "true" });
  const path = document.createElementNS(space, style ? "path" : "circle");
  if (style) set(path, {
    d: style.line ? "M1 8H25" : "M2 2H24V14H2Z", stroke: style[theme], "stroke-width": style.weight,
    "stroke-dasharray": (style.dash || []).join(" ") || "none",
    fill: style.line ? "none" : style[theme], "fill-opacity": Math.max(style.fill || 0, 0.15),
  });
  else set(path, { cx: 13, cy: 8, r: 7,
    fill: COLOURS[theme][name === "cleared_flags" ? "cleared" : name.slice(-1)] });
  mark.appendChild(path);
  return mark;
}

const switches = make("div", { id: "sw-switches" });
const folder = make("button", { type: "button", text: words.layers, "aria-expanded": "true",
  "aria-controls": "sw-switches", click: () => foldLayers(!panel.classList.contains("folded")) });
const panel = make("div", { id: "sw-layers" }, [folder, switches]);
function foldLayers(folded) {
  panel.classList.toggle("folded", folded);
  folder.setAttribute("aria-expanded", String(!folded));
}
const SWITCHED = GROUPS.concat(["permits_in_force", "permits_ended", "zones", "coast_natural",
  "coast_artificial", "islands", "vetoed", "coverage_no", "coverage_yes"])
  .filter((name) => GROUPS.includes(name) || layers[name]);
function legend() {
  switches.textContent = "";
  for (const name of SWITCHED) {
    const group = GROUPS.indexOf(name);
    const box = make("input", { type: "checkbox", "data-layer": name,
      change: () => { on[name] = box.checked; redrawSoon(); } });
    box.checked = on[name];
    switches.appendChild(make("label", {}, [box, swatch(name), make("span", { text: words[name] }),
      make("span", { "class": "count",
        text: String(group < 0 ? layers[name].count : groupCount[group]) })]));
  }
}
