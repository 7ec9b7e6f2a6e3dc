// The page's data, as seawatch/maps/pack.py packs them, and the making of elements.
// Nothing that comes from data is ever parsed as HTML or as script: textContent only.
const read = (id) => {
  const node = document.getElementById(id);
  return node ? JSON.parse(node.textContent) : null;
};
const page = read("sw-data-page"), words = page.words;
const flags = read("sw-data-flags"), layers = read("sw-data-layers");
for (const id of ["sw-data-flags", "sw-data-layers"])
  document.getElementById(id).textContent = ""; // ten thousand flags are kept once, not twice

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) =>
  values[name] === undefined ? whole : String(values[name]));

function make(tag, fields, children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(fields || {})) {
    if (name === "text") node.textContent = value;
    else if (name === "click" || name === "input" || name === "change")
      node.addEventListener(name, value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of children || []) if (child) node.appendChild(child);
  return node;
}

// ---- columns of texts
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Uint8Array(128);
for (let i = 0; i < LETTERS.length; i++) VALUES[LETTERS.charCodeAt(i)] = i;

const whichOf = (column, i) => column.at === 0 ? 0
  : typeof column.at === "string" ? VALUES[column.at.charCodeAt(i)] : column.at[i];

function joined(parts, numbers) {
  if (!numbers.length) return parts[0];
  let text = parts[0];
  for (let n = 1; n < parts.length; n++) text += numbers[n - 1] + parts[n];
  return text;
}

// one row of a column
function textOf(column, i) {
  const parts = column.of[whichOf(column, i)];
  if (parts.length === 1) return parts[0];
  if (column.starts === undefined) {
    column.starts = [0];
    for (let at = column["with"].indexOf(" "); at >= 0; at = column["with"].indexOf(" ", at + 1))
      column.starts.push(at + 1);
    column.starts = Int32Array.from(column.starts.concat(column["with"].length + 1));
  }
  const said = column["with"].slice(column.starts[i], column.starts[i + 1] - 1);
  return joined(parts, said.split(","));
}

const linesOf = (table, i) => table.lines
  .map(([heading, column]) => [heading, textOf(column, i)]).filter((row) => row[1]);

// ---- outlines
// Walks the letters of one shape; calls vertex(lat, lon), ring() and piece() in turn.
function walk(packed, start, end, vertex, ring, piece) {
  const text = packed.of, scale = Math.pow(10, packed.decimals);
  let lat = 0, lon = 0, value = 0, power = 1, turn = 0, first = true;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 44 || code === 46) { // , a piece . a ring
      if (code === 44) piece(); else ring();
      first = true;
      continue;
    }
    const digit = VALUES[code];
    value += (digit & 31) * power;
    power *= 32;
    if (digit & 32) continue;
    const step = value % 2 ? -(value - 1) / 2 : value / 2;
    value = 0;
    power = 1;
    if (turn === 0) lat = (first ? packed.origin[0] : lat) + step;
    else {
      lon = (first ? packed.origin[1] : lon) + step;
      vertex(lat / scale, lon / scale);
      first = false;
    }
    turn = 1 - turn;
  }
}

// Boxes of all shapes (south, west, north, east), and the rings of one when it is wanted.
function shapesOf(packed) {
  const count = packed.count, starts = new Int32Array(count + 1), boxes = new Float64Array(4 * count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    const end = packed.of.indexOf(" ", at), stop = end < 0 ? packed.of.length : end;
    let south = 90, west = 180, north = -90, east = -180;
    walk(packed, at, stop, (lat, lon) => {
      if (lat < south) south = lat;
      if (lat > north) north = lat;
      if (lon < west) west = lon;
      if (lon > east) east = lon;
    }, () => {}, () => {});
    boxes[4 * i] = south;
    boxes[4 * i + 1] = west;
    boxes[4 * i + 2] = north;
    boxes[4 * i + 3] = east;
    at = stop + 1;
  }
  starts[count] = at;
  function rings(i) {
    let line = [];
    const all = [line];
    const next = () => { line = []; all.push(line); };
    walk(packed, starts[i], starts[i + 1] - 1, (lat, lon) => line.push([lat, lon]), next, next);
    return all;
  }
  return { count: count, boxes: boxes, rings: rings };
}

// ---- places in words
function dms(value, letters) {
  const hundredths = Math.round(Math.abs(value) * 360000);
  const two = (n) => (n < 10 ? "0" : "") + n;
  return Math.floor(hundredths / 360000) + "°" + two(Math.floor(hundredths / 6000) % 60) + "′" +
    two(Math.floor(hundredths / 100) % 60) + "." + two(hundredths % 100) + "″" +
    letters[value < 0 ? 1 : 0];
}
const placed = (lat, lon) => dms(lat, "NS") + " " + dms(lon, "EW");
