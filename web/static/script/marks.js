// The words of a search, marked in the mail that a frame shows. What is marked was
// cleaned before: text nodes are cut, no attribute and no markup is read or written.

const most = 2000; // marks; a word of one letter stands everywhere
const silent = new Set(["STYLE", "SCRIPT", "TITLE", "HEAD", "MARK"]);

// markWords marks words in the frame within host, now or when it has loaded.
export function markWords(host, words) {
  const frame = host.querySelector("iframe");
  const look = words.filter(Boolean).map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+"));
  if (!frame || look.length === 0) return;
  const pattern = new RegExp(look.join("|"), "giu");
  const mark = () => markIn(frame.contentDocument, pattern);
  if (frame.hasAttribute("aria-busy")) frame.addEventListener("load", mark, { once: true });
  else mark();
}

function markIn(inside, pattern) {
  if (!inside?.body) return;
  const walker = inside.createTreeWalker(inside.body, NodeFilter.SHOW_TEXT, (node) =>
    silent.has(node.parentNode.nodeName.toUpperCase()) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  let left = most;
  for (const text of texts) {
    if (left <= 0) return;
    const found = [...text.data.matchAll(pattern)].slice(0, left);
    left -= found.length;
    // From the end, so that the places before stay what they are.
    for (const match of found.reverse()) {
      const word = text.splitText(match.index);
      word.splitText(match[0].length);
      const mark = inside.createElement("mark");
      word.replaceWith(mark);
      mark.append(word);
    }
  }
}
