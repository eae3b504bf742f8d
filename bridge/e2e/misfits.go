package e2e

// Misfits is what does not fit in the window as it is, a line each; "" for nothing: the
// page rolls sideways, controls lie on each other, a target is smaller than 24 pixels (44
// where fingers are used), or text is cut off without an ellipsis to say so. What a mail
// has inside is its sender's, and what lies in a layer of its own, such as a menu, may
// cover what is below.
func (p *Page) Misfits() string {
	p.t.Helper()
	return p.Await(`(async () => {
		await new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)));
		await Promise.all(document.getAnimations().map((a) => a.finished.catch(() => {})));
		return (` + misfits + `)();
	})()`)
}

const misfits = `() => {
	const out = new Set();
	const name = (e) => e.tagName.toLowerCase() + "." + String(e.className).trim().replaceAll(/\s+/g, ".") + " “" + (e.ariaLabel || e.textContent || e.placeholder || "").trim().slice(0, 40) + "”";
	const seen = (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest("[inert], [aria-hidden=true], .unseen, .unseen-field, .hung");
	const cuts = (e) => /hidden|clip/.test(getComputedStyle(e).overflowX + getComputedStyle(e).overflowY);
	const rolls = (e) => /auto|scroll/.test(getComputedStyle(e).overflowX + getComputedStyle(e).overflowY);
	const layer = (e) => e.closest("[role=dialog], [role=alertdialog], [role=menu], [role=listbox], .toasts, .dock, .shade, .menu-shade, .compose-float, .swipe-bed, .mailboxes");
	if (document.documentElement.scrollWidth > innerWidth) out.add("the page is " + document.documentElement.scrollWidth + " wide");
	for (const e of document.querySelectorAll("body *")) { // rows of buttons may roll, panes may not
		if (seen(e) && rolls(e) && e.clientHeight > 100 && e.scrollWidth > e.clientWidth + 1) out.add(name(e) + " rolls sideways");
	}

	// inView is the part of the window that can be seen of what an element has inside.
	const inView = (inside) => {
		let [left, top, right, bottom] = [0, 0, innerWidth, innerHeight];
		for (let a = inside; a; a = a.parentElement) {
			if (!rolls(a) && !cuts(a)) continue;
			const r = a.getBoundingClientRect();
			[left, top, right, bottom] = [Math.max(left, r.left), Math.max(top, r.top), Math.min(right, r.right), Math.min(bottom, r.bottom)];
		}
		return {left, top, right, bottom};
	};
	const within = (r, v) => r.left >= v.left - 1 && r.right <= v.right + 1 && r.top >= v.top - 1 && r.bottom <= v.bottom + 1;

	const controls = "button, a[href], input, select, textarea, summary, [role=treeitem], [role=row], [role=option], [role=separator]";
	const targets = [...document.querySelectorAll(controls)].filter((e) => seen(e) && !e.disabled && e.type !== "file" && e.getBoundingClientRect().width > 1);
	const least = matchMedia("(pointer: coarse)").matches ? 44 : 24;
	// roomOf is what is pressed: a box with its label, or the cell that it stands in alone.
	const roomOf = (e) => e.matches("[type=checkbox], [type=radio]") && (e.closest("label") || e.closest("[role=gridcell]")) || e;
	const belongs = (hit, e) => roomOf(e).contains(hit);
	for (const e of targets) {
		const r = roomOf(e).getBoundingClientRect(), view = inView(e.parentElement);
		const x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
		if (!within(r, view)) continue;
		const middle = document.elementFromPoint(x, y);
		if (!middle || layer(middle) !== layer(e)) continue; // something lies over it
		if (!belongs(middle, e)) {
			const other = middle.closest(controls);
			if (other && !other.contains(e)) out.add(name(other) + " covers " + name(e));
			else if (!e.contains(middle) && !middle.contains(e)) out.add(name(middle) + " covers " + name(e));
			continue;
		}
		if (e.matches("[role=separator]") || getComputedStyle(e).display === "inline") continue; // a whole edge; a link within text
		// What is pressed may be more than what is drawn: so the points around the middle are asked.
		const far = least / 2 - 1, aside = e.closest("[role=toolbar]") ? Math.min(far, 17) : far; // there, less is wide enough
		const at = (dx, dy) => {
			const hit = document.elementFromPoint(x + dx, y + dy);
			const inside = x + dx >= view.left && x + dx < view.right && y + dy >= view.top && y + dy < view.bottom;
			return !inside || hit && (belongs(hit, e) || layer(hit) !== layer(e));
		};
		if (!at(-aside, 0) || !at(aside, 0) || !at(0, -far) || !at(0, far)) out.add(name(e) + " is a target of " + Math.round(r.width) + " × " + Math.round(r.height));
	}
	for (const [i, a] of targets.entries()) for (const b of targets.slice(i + 1)) {
		if (a.contains(b) || b.contains(a) || layer(a) !== layer(b) || a.matches("[role=separator]") || b.matches("[role=separator]")) continue;
		if (a.closest(".with-button")?.contains(b)) continue; // it has room in the field
		const r = a.getBoundingClientRect(), s = b.getBoundingClientRect();
		const over = Math.min(Math.min(r.right, s.right) - Math.max(r.left, s.left), Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top));
		if (over > 1 && within(r, inView(a.parentElement)) && within(s, inView(b.parentElement))) out.add(name(a) + " overlaps " + name(b));
	}

	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const range = document.createRange();
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		const e = n.parentElement;
		if (!n.data.trim() || !seen(e) || e.closest("select, option, textarea, .avatar")) continue;
		range.selectNodeContents(n);
		const r = range.getBoundingClientRect(), view = inView(e);
		const at = (x, y) => ({left: x, right: x, top: y, bottom: y});
		for (const x of [r.left + 2, (r.left + r.right) / 2, r.right - 2]) {
			const y = (r.top + r.bottom) / 2;
			if (!within(at(x, y), view)) continue;
			const over = document.elementFromPoint(x, y)?.closest(controls);
			if (!over || over.contains(e) || e.contains(over) || layer(over) !== layer(e) || over.matches("[role=separator]")) continue;
			if (over.checkVisibility({opacityProperty: true}) && within(at(x, y), over.getBoundingClientRect())) out.add(name(over) + " covers “" + n.data.trim().slice(0, 40) + "”");
		}
		let told = false; // that there is more
		for (let a = e; a && !(a !== e && rolls(a)); a = a.parentElement) {
			const style = getComputedStyle(a);
			told ||= style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
			if (rolls(a)) break;
			const box = a.getBoundingClientRect();
			const spills = r.left < box.left - 1.5 || r.right > box.right + 1.5 || r.top < box.top - 4 || r.bottom > box.bottom + 4;
			if (spills && !told && (cuts(a) || a.matches("button, a, [role=row], label"))) {
				out.add("“" + n.data.trim().slice(0, 40) + "” sticks out of " + name(a));
				break;
			}
			if (cuts(a)) break;
		}
	}
	return [...out].join("\n\t");
}`
