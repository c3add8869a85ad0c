"use strict";
(() => {
  const at = (id) => document.getElementById(id);
  if (!at("search")) return;
  const families = [...document.querySelectorAll("details.family")].map((node) => ({
    node, text: node.textContent.toLowerCase(), classes: node.dataset.classes.split(" "), wider: "wider" in node.dataset,
  }));
  const show = () => {
    const words = at("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const one of families) {
      const fits = words.every((word) => one.text.includes(word))
        && (!at("class").value || one.classes.includes(at("class").value))
        && (!at("wider").checked || one.wider);
      one.node.hidden = !fits;
      shown += fits;
    }
    at("status").textContent = shown === families.length ? `${shown} families` : `${shown} of ${families.length} families`;
  };
  for (const id of ["search", "class", "wider"]) at(id).addEventListener("input", show);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      at("search").focus();
    }
  });
})();
