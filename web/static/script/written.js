// What people are writing, kept on this device until the bridge has it. It is in IndexedDB,
// for that outlives a crash. Each tab holds a lock of its own for as long as it lives: what
// is another's and has no lock was left behind.

const name = "written";
const tab = crypto.randomUUID();
const lockOf = (tab) => `${name} ${tab}`;
navigator.locks?.request(lockOf(tab), () => new Promise(() => {}));

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(name);
    request.onsuccess = () => {
      request.result.onclose = () => { opening = null; };
      resolve(request.result);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error);
    };
  });
  return opening;
}

// change runs f in a transaction, and is done when that is on the disk.
async function change(f) {
  const db = await open();
  await new Promise((resolve, reject) => {
    const transaction = db.transaction(name, "readwrite", { durability: "strict" });
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    f(transaction.objectStore(name));
  });
}

export const written = {
  keep: (whose, key, text) => change((all) => all.put({ whose, tab, text }, key)),
  drop: (key) => change((all) => all.delete(key)),
  // leftBehind takes over what somebody wrote in tabs that are gone, as JSON: text by key.
  async leftBehind(whose) {
    const { held } = (await navigator.locks?.query()) ?? { held: [] };
    const living = new Set(held.map((lock) => lock.name)).add(lockOf(tab));
    const found = {};
    await change((all) => {
      all.openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return;
        const kept = cursor.value;
        if (kept.whose === whose && !living.has(lockOf(kept.tab))) {
          found[cursor.key] = kept.text;
          cursor.update({ ...kept, tab });
        }
        cursor.continue();
      };
    });
    return JSON.stringify(found);
  },
};
