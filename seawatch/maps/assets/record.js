// The record that `seawatch visits import` reads: its canonical bytes, its checksum, its signature.
const K = [];
for (let n = 2; K.length < 64; n++) { // sha-256: thirds roots of the first primes
  let prime = true;
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
  if (prime) K.push(Math.floor((Math.cbrt(n) % 1) * 4294967296) | 0);
}
const START = [2, 3, 5, 7, 11, 13, 17, 19].map((n) => Math.floor((Math.sqrt(n) % 1) * 4294967296) | 0);

// FIPS 180-4; for viewers without WebCrypto, as on an intranet without https.
function sha256Here(bytes) {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64), w = new Int32Array(64);
  padded.set(bytes);
  padded[bytes.length] = 128;
  const data = new DataView(padded.buffer);
  data.setUint32(padded.length - 8, Math.floor(bytes.length / 536870912));
  data.setUint32(padded.length - 4, bytes.length * 8 % 4294967296);
  const turn = (x, n) => x >>> n | x << 32 - n, hash = START.slice();
  for (let block = 0; block < padded.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = data.getInt32(block + 4 * t);
    for (let t = 16; t < 64; t++) {
      const a = w[t - 15], b = w[t - 2];
      w[t] = w[t - 16] + w[t - 7] + (turn(a, 7) ^ turn(a, 18) ^ a >>> 3) +
        (turn(b, 17) ^ turn(b, 19) ^ b >>> 10) | 0;
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let t = 0; t < 64; t++) {
      const one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + (e & f ^ ~e & g) + K[t] + w[t] | 0;
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + (a & b ^ a & c ^ b & c) | 0;
      h = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + two | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((value, n) => { hash[n] = hash[n] + value | 0; });
  }
  return hash.map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
}

const cryptoOf = () => window.crypto && window.crypto.subtle ? window.crypto.subtle : null;
const hex = (buffer) => Array.from(new Uint8Array(buffer))
  .map((byte) => byte.toString(16).padStart(2, "0")).join("");
const base64 = (buffer) => btoa(String.fromCharCode.apply(null, new Uint8Array(buffer)));

async function sha256(bytes) {
  if (!cryptoOf()) return sha256Here(bytes);
  return hex(await cryptoOf().digest("SHA-256", bytes));
}

// RFC 8785: keys in order, numbers and strings as this language writes them
function canonical(value) {
  if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
  if (value && typeof value === "object")
    return "{" + Object.keys(value).sort().map((key) =>
      JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  return JSON.stringify(value);
}

// In plain ASCII, so that no messenger or editor can spoil it on the way.
const ascii = (record) => JSON.stringify(record, null, 1).replace(/[\u007f-\uffff]/g, (c) =>
  "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));

const CODE = /^[\w\u00c0-\u024f\u3400-\u9fff][\w\u00c0-\u024f\u3400-\u9fff.@-]{0,63}$/;
const LOST = /[\ud800-\udbff](?![\udc00-\udfff])|(^|[^\ud800-\udbff])[\udc00-\udfff]/g;
const plain = (text) => text.replace(LOST, "$1\ufffd").trim();

// An instant of this device's clock with its zone.
function instant(moment) {
  const two = (n) => String(Math.abs(n)).padStart(2, "0"), off = -moment.getTimezoneOffset();
  return moment.getFullYear() + "-" + two(moment.getMonth() + 1) + "-" + two(moment.getDate()) +
    "T" + two(moment.getHours()) + ":" + two(moment.getMinutes()) + ":" + two(moment.getSeconds()) +
    (off < 0 ? "-" : "+") + two(Math.floor(Math.abs(off) / 60)) + ":" + two(Math.abs(off) % 60);
}

// What keeps a draft from being a visit; nothing if it is one.
function faultsOf(draft) {
  const at = new Date(draft.visited_at || ""), faults = [];
  if (!draft.verdict) faults.push(words.fault_verdict);
  if (!CODE.test(draft.by || "")) faults.push(words.fault_by);
  if (!(at.getTime() >= Date.UTC(2000, 0, 1)) || at.getTime() > Date.now() + 6e4)
    faults.push(words.fault_at);
  if ((draft.remark || "").length > 2000) faults.push(words.fault_remark);
  return faults;
}

function visitOf(draft) {
  const visit = { flag_id: draft.flag_id, visited_at: instant(new Date(draft.visited_at)),
    verdict: draft.verdict, by: draft.by, device: plain(navigator.userAgent).slice(0, 200) };
  if (draft.cause) visit.cause = draft.cause;
  if (plain(draft.remark || "")) visit.remark = plain(draft.remark);
  if (draft.position) visit.position = draft.position;
  visit.photos = [];
  for (const photo of draft.photos) {
    visit.photos.push({ name: photo.name, sha256: photo.sha256 });
    if (photo.small_sha256) visit.photos.push({ name: photo.small_name, sha256: photo.small_sha256 });
  }
  return visit;
}

// The whole record of drafts that have no faults, signed where the device has a key.
async function recordOf(drafts, key) {
  const told = { format: "seawatch-visits", version: 1, project: plain(page.title.slice(0, 200)),
    visits: drafts.map(visitOf) };
  const bytes = new TextEncoder().encode(canonical(told));
  const whole = Object.assign({}, told, { checksum: await sha256(bytes) });
  if (key && cryptoOf()) whole.signature = {
    key: key.fingerprint, algorithm: "ECDSA-P256-SHA256",
    value: base64(await cryptoOf().sign({ name: "ECDSA", hash: "SHA-256" }, key.secret, bytes)),
  };
  return whole;
}

async function newKey() {
  const pair = await cryptoOf().generateKey({ name: "ECDSA", namedCurve: "P-256" }, false,
    ["sign", "verify"]);
  const spki = await cryptoOf().exportKey("spki", pair.publicKey);
  return { name: "key", secret: pair.privateKey, open: base64(spki), fingerprint: await sha256(spki) };
}
