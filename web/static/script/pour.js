// Mails in HTML that are long: cleaned and shown a piece at a time, where all of it at once
// would hold up the page for seconds. Each piece passes the same allow-list as a whole mail
// does, as elements: nothing is written out and parsed again.

const heavy = 200; // elements of a piece
const longText = 4000; // characters that weigh like an element
// Elements that are cleaned by themselves, and then what is in them: they stay, or are taken
// out and what is in them is not. Others are cleaned as a whole however large they are.
const open = /^(?:A|ARTICLE|B|BLOCKQUOTE|CENTER|DD|DIV|DL|DT|EM|FONT|FORM|I|LI|MAIN|OL|P|PRE|SECTION|SPAN|STRONG|TABLE|TBODY|TD|TR|UL)$/;

// isLong reports whether a mail is worth it.
export function isLong(html) {
  let tags = 0;
  for (let at = html.indexOf("<"); at >= 0 && tags <= 6000; at = html.indexOf("<", at + 1)) tags++;
  return tags > 6000 || html.length > 400_000;
}

// pour cleans html with clean, which takes what is not allowed out of an element, and puts
// it into the document inside. rest is awaited between pieces. What is not clean yet stays in
// an inert document, and is never copied.
export async function pour(html, clean, inside, rest) {
  const page = new DOMParser().parseFromString(html, "text/html");
  await rest();
  for (const style of page.head.querySelectorAll("style")) {
    inside.head.append(...clean(holder(page, style)).childNodes);
    await rest();
  }
  const content = holder(page, ...page.body.childNodes);
  for (const { name, value } of clean(page.body).attributes) inside.body.setAttribute(name, value);
  await pourInto(content, inside.body, clean, rest);
}

async function pourInto(from, target, clean, rest) {
  const page = from.ownerDocument;
  let batch = holder(page);
  let weight = 0;
  const flush = async () => {
    if (weight === 0) return;
    target.append(...clean(batch).childNodes);
    batch = holder(page);
    weight = 0;
    await rest();
  };
  for (let child = from.firstChild; child; child = from.firstChild) {
    const own = weigh(child);
    if (own <= heavy || child.nodeType !== Node.ELEMENT_NODE || !open.test(child.nodeName)) {
      batch.append(child);
      weight += own;
      if (weight > heavy) await flush();
      continue;
    }
    await flush();
    const content = holder(page, ...child.childNodes);
    const shell = clean(holder(page, child)).firstElementChild; // null: what is in it stays
    if (shell) target.append(shell);
    await rest();
    await pourInto(content, shell ?? target, clean, rest);
  }
  await flush();
}

function holder(page, ...nodes) {
  const div = page.createElement("div");
  div.append(...nodes);
  return div;
}

function weigh(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return 1 + Math.floor((node.data?.length ?? 0) / longText);
  const within = node.getElementsByTagName("*");
  return within.item(heavy) ? 2 * heavy : 1 + within.length; // one item is found sooner than all are counted
}
