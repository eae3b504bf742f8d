// Where links lead is said before one follows them: at the foot of the reader, for those
// who point and those who go by keyboard; and what is followed is looked at first.

const idStatus = "link-status";

// watchLinks says where the links of a frame's document lead. followed is asked with a
// link's target and text, and reports whether it is to be opened.
export function watchLinks(inside, followed) {
  say(inside);
  const click = (event) => {
    const link = linkOf(event);
    if (!link || event.button > 1) return;
    event.preventDefault();
    if (followed(link.href, link.textContent ?? "")) window.open(link.href, "_blank", "noopener,noreferrer");
  };
  inside.addEventListener("click", click);
  inside.addEventListener("auxclick", click);
}

function say(target) {
  for (const type of ["mouseover", "focusin"]) target.addEventListener(type, (event) => show(linkOf(event)));
  for (const type of ["mouseout", "focusout"]) target.addEventListener(type, () => show(null));
}

function linkOf(event) {
  return event.target?.closest?.("a[href]") ?? null;
}

function show(link) {
  const status = document.getElementById(idStatus);
  // A browser writes host names in ASCII here, so that letters cannot pretend.
  if (status) status.textContent = link?.target === "_blank" ? link.href : "";
}

say(document); // links in plain text
