// What a screen reader, a keyboard and weak eyes need, as far as a script can tell: returns what is wrong.
() => {
  const wrong = [];
  const visible = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".visually-hidden, .skip");
  const named = (one) => (one.getAttribute("aria-label") || one.textContent || "").trim();

  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) wrong.push(`id ${id} twice`);
  for (const tag of ["h1", "main", "header"]) {
    if (document.querySelectorAll(tag).length !== 1) wrong.push(`not one ${tag}`);
  }
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3")) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) wrong.push(`heading ${heading.textContent} skips a level`);
    level = own;
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption?.textContent.trim()) wrong.push("a table without caption");
    for (const head of table.querySelectorAll("th")) if (!head.scope) wrong.push("a table's heading without scope");
  }
  for (const one of document.querySelectorAll("input, select")) if (!one.labels.length) wrong.push(`${one.name} without label`);
  for (const one of document.querySelectorAll("a, button, summary")) if (!named(one)) wrong.push(`${one.outerHTML} without name`);
  for (const one of document.querySelectorAll("nav, section, [role=group]")) {
    const by = one.getAttribute("aria-labelledby");
    if (!one.getAttribute("aria-label") && !document.getElementById(by)) wrong.push(`${one.tagName} without name`);
  }
  for (const one of document.querySelectorAll("svg[role=img]")) {
    if (!one.querySelector("title")?.textContent || !one.querySelector("desc")?.textContent) wrong.push("a chart without words");
  }
  for (const one of document.querySelectorAll(".scroll, .plot, pre")) if (one.tabIndex !== 0) wrong.push("a scroller without keyboard");

  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !visible(one) || one.closest("title, desc, script")) continue;
    const style = getComputedStyle(one);
    const text = parse(one.closest("svg") ? style.fill : style.color);
    const [high, low] = [light(text), light(ground(one))].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    const key = `${one.tagName.toLowerCase()}.${one.className.baseVal ?? one.className} has a contrast of ${ratio.toFixed(2)}`;
    if (ratio < 4.5 && !seen.has(key)) wrong.push(key);
    seen.add(key);
  }
  return wrong;
}
