// Bringing the records home: one file, or one text to copy; and what they prove.
const MESSENGERS = /MicroMessenger|DingTalk|WeCom|QQ\/|; wv\)/;
const canDownload = () => "download" in HTMLAnchorElement.prototype && Boolean(window.Blob) &&
  !MESSENGERS.test(navigator.userAgent);

function exportButton() {
  return make("button", { "class": "sw-button", type: "button", text: words.record_state,
    "aria-label": words.export, click: () => showExport() });
}
// what tests ask of the page
function hooks() { return { record: recordOf, sha256Here: sha256Here, canonical: canonical }; }

function handOver(blob, name) {
  const address = URL.createObjectURL(blob), link = make("a", { href: address, download: name });
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

function proof(record) {
  if (!cryptoOf()) return words.proof_unable;
  if (!record.signature) return words.proof_no_key;
  const key = record.signature.key, known = page.enrolled.includes(key);
  return fill(known ? words.proof_enrolled : words.proof_unenrolled, { key: key.slice(0, 16) });
}

async function showExport() {
  endCompare();
  choose(-1);
  const filled = Array.from(drafts.values()).filter(begun)
    .sort((a, b) => a.flag_id < b.flag_id ? -1 : 1);
  const sound = filled.filter((draft) => !faultsOf(draft).length);
  const counted = make("p", { "class": "sw-small" });
  const count = () => { counted.textContent = fill(words.export_count, { filled: filled.length,
    fresh: filled.filter((draft) => !draft.exported).length }); };
  count();
  const parts = [make("h2", { text: words.export }),
    keeps ? make("p", { "class": "sw-notice warn", text: keeps }) : null, counted];
  for (const draft of filled.filter((one) => faultsOf(one).length))
    parts.push(make("button", { "class": "sw-item", type: "button", click: () => open(draft.flag_id),
      text: words.export_wrong + " " + draft.flag_id + ": " + faultsOf(draft).join("; ") }));
  if (!sound.length) parts.push(make("p", { "class": "sw-notice warn", text: words.export_nothing }));
  else parts.push(ready(sound, await recordOf(sound, keyOfDevice), count));
  parts.push(keyPart());
  card(parts);
}

// count : says anew how many are left.
function ready(sound, record, count) {
  const text = ascii(record), name = "visits_" + page.issue.replace(/[^\w.-]/g, "_") + "_" +
    record.checksum.slice(0, 8) + ".json";
  const note = make("p", { "class": "sw-state", role: "status" });
  const photos = [].concat(...sound.map((draft) => draft.photos)).filter((photo) => photo.small);
  const box = make("textarea", { id: "sw-text", readonly: "", rows: "6", spellcheck: "false",
    "aria-label": words.export_text });
  box.value = text;
  const exported = async () => {
    for (const draft of sound) {
      draft.exported = instant(new Date());
      await keep("visits", draft);
    }
    count();
  };
  const file = make("button", { id: "sw-download", "class": "sw-button main", type: "button",
    text: words.export_file, click: async () => {
      handOver(new Blob([text], { type: "application/json" }), name);
      note.textContent = fill(words.export_done, { name: name });
      await exported();
    } });
  const pictures = make("button", { "class": "sw-button", type: "button",
    text: fill(words.export_photos, { number: photos.length }), click: () => {
      for (const photo of photos) handOver(photo.small, photo.small_name);
    } });
  const copy = make("button", { id: "sw-copy", "class": "sw-button", type: "button",
    text: words.export_copy, click: async () => {
      box.select();
      note.textContent = copyText(text) ? words.copied : words.export_text;
      await exported();
    } });
  return make("div", {}, [
    canDownload() ? null : make("p", { "class": "sw-notice warn", text: words.export_no_download }),
    make("div", { "class": "sw-buttons" }, [file, photos.length ? pictures : null]),
    make("p", { "class": "sw-small", text: words.export_text }), box,
    make("div", { "class": "sw-buttons" }, [copy, clearButton()]), note,
    make("p", { "class": "sw-small", text: proof(record) }),
    make("p", { "class": "sw-small", text: words.proof_checksum }),
    make("p", { "class": "sw-small", text: words.export_import }),
  ]);
}

function clearButton() {
  return make("button", { "class": "sw-button", type: "button", text: words.export_clear,
    click: async () => {
      for (const draft of Array.from(drafts.values())) if (draft.exported) await forget(draft.flag_id);
      showExport();
    } });
}

function keyPart() {
  if (!cryptoOf()) return null;
  if (keyOfDevice) return make("div", { "class": "sw-buttons" }, [make("button", {
    "class": "sw-button", type: "button", text: words.key_copy,
    click: () => { if (copyText(keyOfDevice.open)) tell(words.copied + " " + keyOfDevice.open); } })]);
  return make("div", { "class": "sw-buttons" }, [make("button", { id: "sw-key",
    "class": "sw-button", type: "button", text: words.key_make, click: async () => {
      keyOfDevice = await newKey();
      const how = await keep("device", keyOfDevice);
      if (!how.kept) tell(how.text);
      showExport();
    } })]);
}
