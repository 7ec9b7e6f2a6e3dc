// The field form of one flag. Every change is kept at once.
const VERDICTS = ["suspected", "lawful", "false_change", "legacy", "already_handled",
  "register_mismatch", "pending"];
const MOST_PHOTOS = 25; // a record holds fifty: each original, and its small copy
const SMALL_SIDE = 1280;

function draftOf(id) {
  return drafts.get(id) || { key: keyOf(id), flag_id: id, verdict: "", cause: "", by: officer,
    visited_at: instant(new Date()), remark: "", position: null, photos: [], exported: "" };
}

function form(i) {
  const id = idOf(i), draft = draftOf(id), state = make("p", { "class": "sw-state", role: "status",
    text: keeps || filledWord(id) || words.form_none });
  const changed = async () => {
    draft.exported = "";
    drafts.set(id, draft);
    const how = await keep("visits", draft);
    state.textContent = how.text;
    state.classList.toggle("bad", !how.kept);
  };
  const inner = make("div", { "class": "sw-form" }, [
    state, verdictField(draft, changed), causeField(draft, changed), byField(draft, changed),
    timeField(draft, changed), remarkField(draft, changed), positionField(draft, changed),
    photoField(draft, changed),
    make("div", { "class": "sw-buttons" }, [
      make("button", { "class": "sw-button main", type: "button", text: words.export,
        click: () => showExport() }),
      deleteButton(id)]),
  ]);
  const box = make("details", { id: "sw-form" }, [make("summary", { text: words.form }), inner]);
  box.open = drafts.has(id);
  return box;
}

const labelled = (text, node) => make("label", {}, [make("span", { text: text }), node]);

function verdictField(draft, changed) {
  const group = make("fieldset", {}, [make("legend", { text: words.form_verdict })]);
  for (const value of VERDICTS) {
    const radio = make("input", { type: "radio", name: "verdict", value: value,
      change: () => { draft.verdict = value; changed(); } });
    radio.checked = draft.verdict === value;
    group.appendChild(make("label", { "class": "sw-check-line" },
      [radio, make("span", { text: words["verdict_" + value] })]));
  }
  return group;
}

function causeField(draft, changed) {
  const select = make("select", { name: "cause", change: () => { draft.cause = select.value; changed(); } },
    [make("option", { value: "", text: words.form_cause_none })].concat(page.causes.map((cause) =>
      make("option", { value: cause, text: words["cause_" + cause] }))));
  select.value = draft.cause;
  return labelled(words.form_cause, select);
}

function byField(draft, changed) {
  const input = make("input", { name: "by", type: "text", maxlength: "64", autocomplete: "off",
    change: () => {
      draft.by = officer = input.value.trim();
      input.setAttribute("aria-invalid", String(!CODE.test(officer)));
      keep("device", { name: "officer", code: officer });
      changed();
    } });
  input.value = draft.by;
  return make("div", {}, [labelled(words.form_by, input),
    make("p", { "class": "sw-small", text: words.form_by_hint })]);
}

function timeField(draft, changed) {
  const input = make("input", { name: "visited_at", type: "datetime-local", change: () => {
    draft.visited_at = input.value ? instant(new Date(input.value)) : "";
    changed();
  } });
  input.value = draft.visited_at.slice(0, 16);
  return labelled(words.form_at, input);
}

function remarkField(draft, changed) {
  const area = make("textarea", { name: "remark", rows: "4", maxlength: "2000",
    input: () => later(() => { draft.remark = area.value; changed(); }),
    change: () => { draft.remark = area.value; changed(); } });
  area.value = draft.remark;
  return labelled(words.form_remark, area);
}

function positionField(draft, changed) {
  const placeText = () => !draft.position ? words.form_position_none
    : placed(draft.position.lat, draft.position.lon) + " · " +
      fill(words.accuracy, { m: Math.round(draft.position.accuracy_m) });
  const text = make("span", { role: "status", text: placeText() });
  const take = make("button", { "class": "sw-button", type: "button", text: words.form_position,
    click: () => {
      text.textContent = words.form_position_wait;
      whereAmI((at) => {
        const to = (value, digits) => Math.round(value * digits) / digits;
        draft.position = { lon: to(at.lon, 1e7), lat: to(at.lat, 1e7), accuracy_m: to(at.accuracy, 10) };
        text.textContent = placeText();
        changed();
      }, (why) => { text.textContent = why; });
    } });
  return make("div", { "class": "sw-buttons" }, [take, text]);
}

// ---- photographs
const bytesOf = (blob) => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(new Uint8Array(reader.result));
  reader.onerror = () => failed(reader.error);
  reader.readAsArrayBuffer(blob);
});

const shrunk = (file) => new Promise((done, failed) => {
  const image = new Image(), address = URL.createObjectURL(file);
  image.onload = () => {
    const part = Math.min(1, SMALL_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
    const small = make("canvas", {});
    small.width = Math.max(1, Math.round(image.naturalWidth * part));
    small.height = Math.max(1, Math.round(image.naturalHeight * part));
    small.getContext("2d").drawImage(image, 0, 0, small.width, small.height);
    URL.revokeObjectURL(address);
    small.toBlob((blob) => blob ? done(blob) : failed(new Error("canvas")), "image/jpeg", 0.72);
  };
  image.onerror = () => { URL.revokeObjectURL(address); failed(new Error("image")); };
  image.src = address;
});

// A name that the record may hold: letters, digits and a few signs, a letter first.
function fileName(name, number) {
  const kept = name.replace(/[^\w\u3400-\u9fff .()+-]/g, "_").slice(-80).replace(/^[^\w\u3400-\u9fff]+/, "");
  return kept || "photo_" + number + ".jpg";
}

async function photoOf(draft, file) {
  const number = draft.photos.length + 1, taken = new Set(draft.photos.map((p) => p.name));
  let name = fileName(file.name || "", number);
  if (taken.has(name)) name = number + "_" + name;
  const small = await shrunk(file);
  return { name: name, sha256: await sha256(await bytesOf(file)), small: small,
    small_name: draft.flag_id + "_" + number + "_" + Date.now() % 1e6 + "_small.jpg",
    small_sha256: await sha256(await bytesOf(small)) };
}

function photoField(draft, changed) {
  const list = make("div", { "class": "sw-photos" }), note = make("p", { "class": "sw-small", role: "status",
    text: words.form_photo_note });
  const show = () => {
    list.textContent = "";
    for (const photo of draft.photos) list.appendChild(photoItem(draft, photo, show, changed));
  };
  const input = make("input", { type: "file", accept: "image/*", multiple: "", name: "photos",
    "class": "sw-away", tabindex: "-1", "aria-label": words.form_photo, change: async () => {
      note.textContent = words.form_photo_note;
      for (const file of Array.from(input.files)) {
        if (draft.photos.length >= MOST_PHOTOS) {
          note.textContent = fill(words.form_photo_many, { number: MOST_PHOTOS });
          break;
        }
        try {
          draft.photos.push(await photoOf(draft, file));
        } catch (fault) {
          note.textContent = fill(words.form_photo_bad, { name: file.name });
        }
      }
      input.value = "";
      show();
      await changed();
    } });
  show();
  return make("div", {}, [make("div", { "class": "sw-buttons" }, [make("button", {
    "class": "sw-button", type: "button", text: words.form_photo, click: () => input.click() })]),
  input, note, list]);
}

function photoItem(draft, photo, show, changed) {
  const address = URL.createObjectURL(photo.small);
  const image = make("img", { alt: photo.name, src: address });
  image.onload = () => URL.revokeObjectURL(address);
  return make("figure", {}, [image, make("figcaption", { text: photo.name }),
    make("button", { "class": "sw-button", type: "button", text: words.form_remove,
      "aria-label": fill(words.form_photo_remove, { name: photo.name }), click: () => {
        draft.photos = draft.photos.filter((other) => other !== photo);
        show();
        changed();
      } })]);
}

function deleteButton(id) {
  let sure = false;
  const button = make("button", { "class": "sw-button", type: "button", text: words.form_delete,
    click: async () => {
      if (!sure) { sure = true; button.textContent = words.form_delete_sure; return; }
      await forget(id);
      open(id);
    } });
  return button;
}
