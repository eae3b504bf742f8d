// The way to PDF documents: the program that draws them is loaded when the first is looked
// at.

let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const [program, worker] = ["pdf-script", "pdf-worker"].map((name) => document.querySelector(`meta[name=${name}]`).content);
    const script = document.createElement("script");
    script.src = program;
    script.onload = () => resolve(globalThis.hearthmail.pdf.bind(null, worker));
    script.onerror = () => {
      loading = null; // tried again with the next document
      script.remove();
      reject(new Error("the program for PDF could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

// showPDF draws the document at url, of at most so many octets, into host; name is what
// a page is called, with {n} and {all} for its number and how many there are. told gets how far that is: "shown",
// "locked", "broken" or "failed", the page that is read, and how many there are.
export function showPDF(host, url, most, name, told) {
  const named = (n, all) => name.replace("{n}", n).replace("{all}", all);
  const gone = new AbortController();
  let shown = null;
  const fail = (why) => gone.signal.aborted || told(why, 0, 0);
  load().then(async (open) => {
    const response = await fetch(url, { signal: gone.signal });
    if (!response.ok || Number(response.headers.get("Content-Length")) > most) throw new Error("not to be had");
    const data = await response.arrayBuffer();
    if (!gone.signal.aborted) shown = open(host, data, named, told);
  }).catch(() => fail("failed"));
  return {
    zoom: (by) => shown?.zoom(by),
    close() {
      gone.abort();
      shown?.close();
    },
  };
}
