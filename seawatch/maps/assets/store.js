// Drafts of visits, kept in IndexedDB through a restart; in memory alone where there is none.
const drafts = new Map(); // by flag id, of this project
let base = null, keyOfDevice = null, keeps = "", officer = "";
const keyOf = (id) => page.title + "\u0000" + id;

const asked = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error || new Error("IndexedDB"));
});

async function openStore() {
  try {
    const request = window.indexedDB.open("seawatch-field", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("visits", { keyPath: "key" });
      request.result.createObjectStore("device", { keyPath: "name" });
    };
    base = await asked(request);
    for (const draft of await all("visits"))
      if (draft.key === keyOf(draft.flag_id)) drafts.set(draft.flag_id, draft);
    for (const row of await all("device")) {
      if (row.name === "key") keyOfDevice = row;
      if (row.name === "officer") officer = row.code;
    }
  } catch (fault) {
    base = null;
    keeps = fill(words.form_memory, { why: fault && fault.name || "IndexedDB" });
  }
}

const all = (name) => asked(base.transaction(name).objectStore(name).getAll());

// Keeps a row; says in words how that went, and whether it did.
async function keep(name, row) {
  if (!base) return { kept: false, text: keeps };
  try {
    await new Promise((done, failed) => {
      const change = base.transaction(name, "readwrite");
      change.objectStore(name).put(row);
      change.oncomplete = done;
      change.onabort = change.onerror = () => failed(change.error || new Error("abort"));
    });
    return { kept: true, text: fill(words.form_saved, { time: instant(new Date()).slice(11, 19) }) };
  } catch (fault) {
    const why = fault && fault.name || "?";
    return { kept: false,
      text: why === "QuotaExceededError" ? words.form_full : fill(words.form_refused, { why: why }) };
  }
}

async function forget(id) {
  const draft = drafts.get(id);
  drafts.delete(id);
  if (!base || !draft) return;
  try {
    await asked(base.transaction("visits", "readwrite").objectStore("visits").delete(draft.key));
  } catch (fault) {
    tell(fill(words.form_refused, { why: fault.name }));
  }
}

const begun = (draft) => Boolean(draft.verdict || draft.remark || draft.position ||
  draft.photos.length);
function filledWord(id) {
  const draft = drafts.get(id);
  if (!draft || !begun(draft)) return "";
  return words.record_state + ": " + (draft.exported ? words.form_exported : words.form_draft);
}
