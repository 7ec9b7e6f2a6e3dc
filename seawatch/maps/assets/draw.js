// The map: everything but the pictures is drawn on one canvas, and only what is in view.
const COLOURS = {
  light: { 1: "#c1121f", 2: "#c2570a", 3: "#2f6690", cleared: "#6b7680", halo: "#ffffff" },
  dark: { 1: "#ff6b6b", 2: "#ffa94d", 3: "#74c0fc", cleared: "#adb5bd", halo: "#0b1a24" },
};
const STYLES = {
  coverage_yes: { light: "#2f8f6b", dark: "#7fd1ae", weight: 0, fill: 0.14 },
  coverage_no: { light: "#4a5560", dark: "#c3ccd4", weight: 1, dash: [2, 4], fill: 0.24 },
  islands: { light: "#7a5c00", dark: "#e0c060", weight: 1.5, fill: 0.3 },
  zones: { light: "#a8128f", dark: "#f08ae0", weight: 2, dash: [8, 4], fill: 0.06 },
  permits_ended: { light: "#59636d", dark: "#a9b4be", weight: 1.5, dash: [3, 4], fill: 0.03 },
  permits_in_force: { light: "#0b6e99", dark: "#5cc3ee", weight: 1.8, fill: 0.08 },
  coast_artificial: { light: "#6e40c9", dark: "#b79bff", weight: 2.5, dash: [9, 5], line: true },
  coast_natural: { light: "#1a7f37", dark: "#69d588", weight: 2.5, line: true },
  vetoed: { light: "#7d5a1e", dark: "#d8b06a", weight: 1.5, dash: [1, 4], fill: 0.1 },
};
const UNDER = ["coverage_yes", "coverage_no", "islands", "zones", "permits_ended",
  "permits_in_force", "coast_artificial", "coast_natural", "vetoed"].filter((name) => layers[name]);
const GROUPS = ["priority_1", "priority_2", "priority_3", "cleared_flags"];
const START_HIDDEN = ["coverage_yes", "cleared_flags", "vetoed"];
const AS_SHAPE = 14; // pixels; a flag smaller than this on the screen is a dot
const LEAST = 2; // pixels; other things smaller than this are not drawn

const shapes = { flags: shapesOf(flags.shape) };
for (const name of UNDER) shapes[name] = shapesOf(layers[name].shape);
const places = shapesOf(flags.at).boxes; // each a point: its box's first two numbers
const on = {}, drawn = {};
for (const name of UNDER.concat(GROUPS)) on[name] = !START_HIDDEN.includes(name);
const groupOf = new Uint8Array(flags.count), listed = new Uint8Array(flags.count).fill(1);
for (let i = 0; i < flags.count; i++)
  groupOf[i] = textOf(flags.status, i) === "cleared" ? 3 : flags.priority[i] - 1;
const groupCount = GROUPS.map((name, n) => groupOf.reduce((sum, g) => sum + (g === n), 0));

let theme = "light", chosen = -1, comparing = false, outlineOn = true, position = null;
const paint = (i) => COLOURS[theme][groupOf[i] === 3 ? "cleared" : groupOf[i] + 1];

// ---- Mercator, where the whole world is 1 wide
const mercatorX = (lon) => lon / 360 + 0.5;
const mercatorY = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + lat * Math.PI / 360)) / (2 * Math.PI);
const dotX = new Float64Array(flags.count), dotY = new Float64Array(flags.count);
for (let i = 0; i < flags.count; i++) {
  dotX[i] = mercatorX(places[4 * i + 1]);
  dotY[i] = mercatorY(places[4 * i]);
}

for (const [index, name] of ["before", "after", "draw"].entries())
  map.createPane("sw-" + name).style.zIndex = 330 + index * 20;
const canvas = make("canvas", { "class": "leaflet-zoom-hide sw-canvas", "aria-hidden": "true" });
map.getPane("sw-draw").appendChild(canvas);
const pen = canvas.getContext("2d");
let view = null; // how degrees become the canvas's pixels, and what is in view

function look() {
  const size = map.getSize(), margin = size.multiplyBy(0.25).round();
  const scale = 256 * Math.pow(2, map.getZoom()), origin = map.getPixelOrigin();
  const corner = map.containerPointToLayerPoint([0, 0]).subtract(margin);
  const seen = map.getBounds().pad(0.25);
  view = {
    scale: scale, x0: origin.x + corner.x, y0: origin.y + corner.y, corner: corner,
    width: size.x + 2 * margin.x, height: size.y + 2 * margin.y,
    south: seen.getSouth(), west: seen.getWest(), north: seen.getNorth(), east: seen.getEast(),
  };
}
const pixelX = (lon) => mercatorX(lon) * view.scale - view.x0;
const pixelY = (lat) => mercatorY(lat) * view.scale - view.y0;

function inView(boxes, i) {
  return boxes[4 * i] <= view.north && boxes[4 * i + 2] >= view.south &&
    boxes[4 * i + 1] <= view.east && boxes[4 * i + 3] >= view.west;
}
function extent(boxes, i) {
  const wide = (boxes[4 * i + 3] - boxes[4 * i + 1]) / 360 * view.scale;
  return Math.max(wide, mercatorY(boxes[4 * i]) * view.scale - mercatorY(boxes[4 * i + 2]) * view.scale);
}

function trace(rings, closed) {
  pen.beginPath();
  for (const ring of rings) {
    for (let n = 0; n < ring.length; n++) {
      const x = pixelX(ring[n][1]), y = pixelY(ring[n][0]);
      if (n) pen.lineTo(x, y); else pen.moveTo(x, y);
    }
    if (closed) pen.closePath();
  }
}

function drawLayer(name) {
  const style = STYLES[name], shape = shapes[name], colour = style[theme];
  let count = 0;
  pen.strokeStyle = pen.fillStyle = colour;
  pen.lineWidth = style.weight;
  pen.setLineDash(style.dash || []);
  for (let i = 0; i < shape.count; i++) {
    if (!inView(shape.boxes, i) || extent(shape.boxes, i) < LEAST) continue;
    trace(shape.rings(i), !style.line);
    if (style.fill) { pen.globalAlpha = style.fill; pen.fill("evenodd"); }
    pen.globalAlpha = 1;
    if (style.weight) pen.stroke();
    count++;
  }
  drawn[name] = count;
}

function drawFlags() {
  const dots = GROUPS.map(() => []);
  for (const name of GROUPS) drawn[name] = 0;
  for (let i = flags.count - 1; i >= 0; i--) {
    if (!shown(i) && i !== chosen || !inView(shapes.flags.boxes, i)) continue;
    drawn[GROUPS[groupOf[i]]]++;
    if (extent(shapes.flags.boxes, i) >= AS_SHAPE) drawFlag(i);
    else dots[groupOf[i]].push(i);
  }
  for (const n of [3, 2, 1, 0]) drawDots(dots[n], n);
  if (chosen >= 0) drawChosen();
}

const shown = (i) => listed[i] === 1 && on[GROUPS[groupOf[i]]];

function drawFlag(i) {
  pen.strokeStyle = pen.fillStyle = paint(i);
  pen.lineWidth = flags.level && textOf(flags.level, i) === "low" ? 2 : 3.5;
  pen.setLineDash(textOf(flags.status, i) === "unseen" ? [6, 5] : []);
  trace(shapes.flags.rings(i), true);
  if (!comparing) { pen.globalAlpha = 0.22; pen.fill("evenodd"); pen.globalAlpha = 1; }
  if (!comparing || outlineOn) pen.stroke();
}

// Dots that would hide one another are drawn once: the cell of four pixels is taken.
function drawDots(rows, group) {
  if (!rows.length) return;
  const cells = new Set();
  pen.setLineDash([]);
  pen.lineWidth = 1.5;
  pen.strokeStyle = COLOURS[theme].halo;
  pen.fillStyle = COLOURS[theme][group === 3 ? "cleared" : group + 1];
  pen.beginPath();
  for (const i of rows) {
    const x = dotX[i] * view.scale - view.x0, y = dotY[i] * view.scale - view.y0;
    const cell = (x >> 2) * 65536 + (y >> 2);
    if (cells.has(cell)) continue;
    cells.add(cell);
    pen.moveTo(x + 7, y);
    pen.arc(x, y, 7, 0, 6.2832);
  }
  pen.fill();
  pen.stroke();
}

function drawChosen() {
  const x = dotX[chosen] * view.scale - view.x0, y = dotY[chosen] * view.scale - view.y0;
  if (extent(shapes.flags.boxes, chosen) >= AS_SHAPE) { drawFlag(chosen); return; }
  pen.setLineDash([]);
  pen.lineWidth = 3;
  pen.strokeStyle = paint(chosen);
  pen.beginPath();
  pen.arc(x, y, 13, 0, 6.2832);
  pen.stroke();
}

function drawPosition() {
  if (!position) return;
  const x = pixelX(position.lon), y = pixelY(position.lat);
  const metre = view.scale / 40075017 / Math.cos(position.lat * Math.PI / 180);
  pen.setLineDash([]);
  pen.fillStyle = "#1c7ed6";
  pen.globalAlpha = 0.15;
  pen.beginPath();
  pen.arc(x, y, Math.min(position.accuracy * metre, 4000), 0, 6.2832);
  pen.fill();
  pen.globalAlpha = 1;
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = 3;
  pen.beginPath();
  pen.arc(x, y, 8, 0, 6.2832);
  pen.fill();
  pen.stroke();
}

function redraw() {
  look();
  const dense = Math.min(window.devicePixelRatio || 1, 2);
  L.DomUtil.setPosition(canvas, view.corner);
  canvas.width = Math.round(view.width * dense);
  canvas.height = Math.round(view.height * dense);
  canvas.style.width = view.width + "px";
  canvas.style.height = view.height + "px";
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  for (const name of UNDER) {
    drawn[name] = 0;
    // over pictures, ground that was seen is seen
    if (on[name] && !(comparing && name.startsWith("coverage"))) drawLayer(name);
  }
  drawFlags();
  drawPosition();
}
let waiting = false;
function redrawSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; redraw(); });
}

// ---- what lies under a finger
function within(rings, lat, lon) {
  let inside = false;
  for (const ring of rings)
    for (let a = 0, b = ring.length - 1; a < ring.length; b = a++)
      if (ring[a][0] > lat !== ring[b][0] > lat &&
          lon < (ring[b][1] - ring[a][1]) * (lat - ring[a][0]) / (ring[b][0] - ring[a][0]) + ring[a][1])
        inside = !inside;
  return inside;
}

function beside(rings, x, y, most) {
  for (const line of rings)
    for (let n = 1; n < line.length; n++) {
      const ax = pixelX(line[n - 1][1]), ay = pixelY(line[n - 1][0]);
      const dx = pixelX(line[n][1]) - ax, dy = pixelY(line[n][0]) - ay, long = dx * dx + dy * dy;
      const t = long ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / long)) : 0;
      if (Math.hypot(ax + t * dx - x, ay + t * dy - y) <= most) return true;
    }
  return false;
}

function flagAt(at, x, y, reach) {
  let best = -1, least = reach;
  for (let i = 0; i < flags.count; i++) {
    if (!shown(i)) continue;
    const far = Math.hypot(dotX[i] * view.scale - view.x0 - x, dotY[i] * view.scale - view.y0 - y);
    if (far < least) { least = far; best = i; }
  }
  if (best >= 0) return best;
  for (let i = 0; i < flags.count; i++)
    if (shown(i) && boxHolds(shapes.flags.boxes, i, at) && within(shapes.flags.rings(i), at.lat, at.lng))
      return i;
  return -1;
}

const boxHolds = (boxes, i, at) => boxes[4 * i] <= at.lat && boxes[4 * i + 2] >= at.lat &&
  boxes[4 * i + 1] <= at.lng && boxes[4 * i + 3] >= at.lng;

function thingsAt(at, x, y) {
  const found = [];
  for (const name of UNDER.slice().reverse()) {
    if (!on[name] || name.startsWith("coverage")) continue;
    const shape = shapes[name], line = STYLES[name].line;
    for (let i = 0; i < shape.count; i++) {
      if (line ? !inView(shape.boxes, i) : !boxHolds(shape.boxes, i, at)) continue;
      if (line ? beside(shape.rings(i), x, y, 12) : within(shape.rings(i), at.lat, at.lng))
        found.push([name, i]);
    }
  }
  return found;
}
