// The buttons above an editor. Each has data-format; aria-pressed says whether what is
// selected has that format. The page draws them, this makes them work: the selection is
// never lost to a button.

const toggles = {
  bold: ["B", "bold", "removeBold"],
  italic: ["I", "italic", "removeItalic"],
  underline: ["U", "underline", "removeUnderline"],
  strike: ["S", "strikethrough", "removeStrikethrough"],
  bullets: ["UL", "makeUnorderedList", "removeList"],
  numbers: ["OL", "makeOrderedList", "removeList"],
  quote: ["BLOCKQUOTE", "increaseQuoteLevel", "decreaseQuoteLevel"],
};

export function bindToolbar(squire, toolbar, host) {
  const over = new AbortController();
  const on = (target, type, f) => target.addEventListener(type, f, { signal: over.signal });
  const part = (name) => toolbar.querySelector(`[data-part="${name}"]`);
  const button = (format) => toolbar.querySelector(`button[data-format="${format}"]`);
  const colours = part("colours");
  const link = part("link");
  const address = link.querySelector("input");
  const size = toolbar.querySelector("select");

  const has = {
    link: () => squire.hasFormat("A"),
    code: () => squire.hasFormat("CODE") || squire.hasFormat("PRE"),
  };
  for (const [format, [tag]] of Object.entries(toggles)) has[format] = () => squire.hasFormat(tag);
  // Others write <strong>, <em> and <del>.
  has.bold = () => squire.hasFormat("B") || squire.hasFormat("STRONG");
  has.italic = () => squire.hasFormat("I") || squire.hasFormat("EM");

  let due = 0;
  const refresh = () => {
    due ||= requestAnimationFrame(() => {
      due = 0;
      for (const [format, test] of Object.entries(has)) button(format)?.setAttribute("aria-pressed", String(test()));
      const now = squire.getFontInfo().fontSize ?? "";
      size.value = [...size.options].some((o) => o.value === now) ? now : "";
    });
  };
  for (const type of ["pathChange", "select", "cursor", "input"]) squire.addEventListener(type, refresh);
  const history = ({ detail }) => {
    button("undo").setAttribute("aria-disabled", String(!detail.canUndo));
    button("redo").setAttribute("aria-disabled", String(!detail.canRedo));
  };
  history({ detail: { canUndo: false, canRedo: false } });
  squire.addEventListener("undoStateChange", history);

  const show = (panel, opener, open) => {
    panel.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  };
  const closeAll = () => {
    show(colours, button("colour"), false);
    show(link, button("link"), false);
  };

  const apply = (format, value) => {
    const toggle = toggles[format];
    if (toggle) squire[has[format]() ? toggle[2] : toggle[1]]();
    else if (format === "code") squire.toggleCode();
    else if (format === "clear") squire.removeAllFormatting();
    else if (format === "undo") squire.undo();
    else if (format === "redo") squire.redo();
    else if (format === "colour") return show(colours, button("colour"), colours.hidden);
    else if (format === "ink") {
      squire.setTextColor(value || null);
      closeAll();
    } else if (format === "link") return askLink();
    else if (format === "unlink") {
      squire.removeLink();
      closeAll();
    }
    squire.focus();
    refresh();
  };

  function askLink() {
    if (!link.hidden) return closeAll();
    closeAll();
    show(link, button("link"), true);
    const inside = squire.getSelection().commonAncestorContainer;
    const there = (inside.nodeType === Node.ELEMENT_NODE ? inside : inside.parentElement)?.closest("a");
    address.value = there && host.contains(there) ? there.getAttribute("href") ?? "" : "";
    address.focus();
    address.select();
  }

  const setLink = () => {
    let target = address.value.trim();
    if (target && !/^(?:https?:\/\/|mailto:|tel:)/i.test(target)) target = /^[^\s/]+@[^\s/]+$/.test(target) ? "mailto:" + target : "https://" + target.replace(/^\w+:\/*/, "");
    closeAll();
    if (target) squire.makeLink(target);
    squire.focus();
    refresh();
  };

  on(toolbar, "mousedown", (event) => {
    if (event.target.closest("button")) event.preventDefault(); // the selection stays
  });
  on(toolbar, "click", (event) => {
    const pressed = event.target.closest("button[data-format]");
    if (!pressed || pressed.getAttribute("aria-disabled") === "true") return;
    if (pressed.dataset.format === "setlink") setLink();
    else apply(pressed.dataset.format, pressed.dataset.value);
  });
  on(size, "change", () => {
    squire.setFontSize(size.value || null);
    squire.focus();
  });
  on(toolbar, "keydown", (event) => {
    const open = !colours.hidden || !link.hidden;
    if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      closeAll();
      squire.focus();
    } else if (event.key === "Enter" && event.target === address) {
      event.preventDefault();
      event.stopPropagation();
      setLink();
    } else if (/^Arrow(?:Left|Right)$/.test(event.key) && event.target.matches("button")) {
      const all = [...event.target.parentElement.querySelectorAll("button")].filter((b) => b.offsetParent);
      const by = (event.key === "ArrowRight") === (getComputedStyle(toolbar).direction === "ltr") ? 1 : -1;
      all[(all.indexOf(event.target) + by + all.length) % all.length].focus();
      event.preventDefault();
    }
  });
  on(host, "pointerdown", closeAll);
  const mod = /Mac/.test(navigator.platform) ? "Meta-" : "Ctrl-";
  squire.setKeyHandler(mod + "k", (_, event) => {
    event.preventDefault();
    event.stopPropagation();
    askLink();
  });
  refresh();
  return () => over.abort();
}
