"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const LETTERS = "ABCDEFGHI";
  const KEPT = "agentmerge-review-" + data.key;
  const state = { at: 0, answers: { ...data.given } };

  // The decisions: all that the page comes to. A text goes into YAML in double quotes, as JSON writes it.
  const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  const listed = (names) => "[" + names.map(quoted).join(", ") + "]";
  const row = (question, answer) => {
    const parts = ["id: " + quoted(question.id), "sees: " + listed(question.texts), "action: " + answer.action];
    if (answer.of) parts.push("of: [" + answer.of.map(listed).join(", ") + "]");
    for (const key of ["take", "text"]) if (answer[key]) parts.push(key + ": " + quoted(answer[key]));
    if (answer.drops && answer.drops.length) parts.push("drops: " + listed(answer.drops));
    if (answer.why) parts.push("why: " + quoted(answer.why));
    return "  - {" + [...parts, "by: " + (answer.by || "person")].join(", ") + "}";
  };
  const yaml = () => {
    const rows = data.questions.filter((one) => state.answers[one.id]).map((one) => row(one, state.answers[one.id]));
    return "schema: agentmerge/decisions/1\n" + (rows.length ? "decisions:\n" + rows.join("\n") : "decisions: []") + "\n";
  };

  // What a verb means for a kind of question.
  const USE = (question) => (question.choices.includes("use") ? "use" : "same");
  const BOTH = (question) => ["both", "distinct"].find((one) => question.choices.includes(one));
  const LEAVE = "defer";
  const chosen = (question) => state.answers[question.id];
  const isOpen = (question) => !chosen(question);

  // Nodes: text from a file goes into text nodes alone.
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") node.className = value;
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children) if (child !== null && child !== undefined && child !== "") node.append(child);
    return node;
  };
  const button = (label, key, pressed, act) =>
    make("button", { type: "button", "aria-pressed": String(pressed), onclick: act }, label, key ? " " : "", key ? make("kbd", {}, key) : "");
  const where = (file, line) => make("span", { class: "where" }, data.names[file] + ":" + line);

  const keep = () => {
    try {
      localStorage.setItem(KEPT, JSON.stringify(state.answers));
    } catch (error) {
      // A browser that keeps nothing still decides and saves.
    }
    $("yaml").value = yaml();
  };
  const restore = () => {
    try {
      const found = JSON.parse(localStorage.getItem(KEPT) || "{}");
      for (const one of data.questions) if (found[one.id] && typeof found[one.id].action === "string") state.answers[one.id] = found[one.id];
    } catch (error) {
      // What it kept is none of ours.
    }
  };

  const decide = (question, answer, stay) => {
    const before = chosen(question) || {};
    if (before.why && !answer.why) answer.why = before.why;
    state.answers[question.id] = answer;
    keep();
    if (stay) return draw();
    draw();
    step(nextOpen());
  };
  const ticked = (question) => {
    const boxes = [...document.querySelectorAll("#card .part")];
    return boxes.length ? question.texts.filter((name, place) => boxes[place].checked) : question.texts;
  };
  const use = (question, place) => {
    const name = question.texts[place];
    if (name === undefined) return;
    const parts = ticked(question);
    if (!parts.includes(name)) parts.push(name);
    const some = parts.length < question.texts.length && parts.length > 1;
    decide(question, { action: USE(question), take: name, ...(some ? { of: [question.texts.filter((one) => parts.includes(one))] } : {}) });
  };
  const both = (question) => BOTH(question) && decide(question, { action: BOTH(question) });
  const edit = (question) => {
    if (!question.choices.includes("custom")) return;
    const first = data.texts[(question.stands || question.texts[0])];
    if (!chosen(question) || chosen(question).action !== "custom") decide(question, { action: "custom", text: first.plain || first.text }, true);
    document.querySelector("#card textarea").focus();
  };
  const leave = (question) => decide(question, { action: LEAVE });
  const undo = (question) => {
    delete state.answers[question.id];
    keep();
    draw();
  };

  const nextOpen = () => {
    const count = data.questions.length;
    for (let by = 1; by <= count; by++) if (isOpen(data.questions[(state.at + by) % count])) return (state.at + by) % count;
    return state.at;
  };
  const step = (to) => {
    if (to < 0 || to >= data.questions.length) return;
    state.at = to;
    draw();
    const current = document.querySelector('.q[aria-current="true"]');
    if (current) current.scrollIntoView({ block: "nearest" });
    if ($("card").getBoundingClientRect().top < 0) $("card").scrollIntoView({ block: "start" });
  };

  // The question
  const KINDS = { "conflict": "They exclude each other", "same?": "The same?", "section?": "One section?", "field": "One value" };
  const fieldOf = (question, key, label, value) =>
    make("div", {}, make("label", { for: "f-" + key }, label), make(key === "text" ? "textarea" : "input", { id: "f-" + key, rows: key === "text" ? 5 : null, spellcheck: "false", oninput: (event) => value(event.target.value) }));
  const variant = (question, name, place) => {
    const text = data.texts[name], answer = chosen(question) || {};
    const said = make("div", { class: "said", dir: "auto" });
    for (const [run, own] of question.marks[place] || [[text.text, false]]) said.append(own ? make("mark", {}, run) : run);
    const some = question.kind === "same?" && question.texts.length > 2;
    const inside = !answer.of || answer.of.some((one) => one.includes(name));
    const box = some ? make("label", {}, make("input", { type: "checkbox", class: "part", checked: inside }), "part of it") : "";
    const kind = (answer.take === name ? " taken" : "") + (["use", "same"].includes(answer.action) && answer.take !== name && inside ? " out" : "");
    return make("article", { class: "variant" + kind },
      make("header", {}, make("b", {}, LETTERS[place]), where(text.file, text.line), text.path ? make("span", { class: "path" }, text.path) : "", question.stands === name ? make("span", { class: "tag class" }, "stands now") : "", box),
      said);
  };
  const editor = (question, answer) => {
    const area = make("div", { class: "edit" },
      fieldOf(question, "text", "Your text: every number, name, link and binding word of theirs, and no new one", (value) => { answer.text = value; keep(); }),
      fieldOf(question, "drops", "What it leaves out on purpose, parted by commas", (value) => { answer.drops = value.split(",").map((one) => one.trim()).filter(Boolean); keep(); }));
    area.querySelector("textarea").value = answer.text || "";
    area.querySelector("input").value = (answer.drops || []).join(", ");
    return area;
  };
  const drawCard = () => {
    const question = data.questions[state.at], card = $("card");
    if (!question) return card.replaceChildren(make("p", { class: "empty" }, "Nothing is open: the rules decided all of it."));
    const answer = chosen(question) || {}, verbs = make("div", { class: "verbs" });
    question.texts.forEach((name, place) => verbs.append(button("Use " + LETTERS[place], String(place + 1), answer.take === name, () => use(question, place))));
    if (BOTH(question)) verbs.append(button(question.texts.length > 2 ? "Keep all" : "Both", "b", answer.action === BOTH(question), () => both(question)));
    if (question.choices.includes("custom")) verbs.append(button("Edit", "e", answer.action === "custom", () => edit(question)));
    verbs.append(button("Leave", "l", answer.action === LEAVE, () => leave(question)));
    if (!isOpen(question)) verbs.append(button("Undo", "u", false, () => undo(question)));
    const why = make("div", { class: "why" }, isOpen(question) ? "" : fieldOf(question, "why", "Why, for the record", (value) => { answer.why = value; keep(); }));
    const input = why.querySelector("input");
    if (input) input.value = answer.why || "";
    card.replaceChildren(
      make("p", { class: "sub" }, make("span", { class: "tag class" }, KINDS[question.kind] || question.kind), question.binds ? make("span", { class: "tag warning" }, "binds: a person decides") : "", `${state.at + 1} of ${data.questions.length}`),
      make("p", { class: "asks" }, data.asks[question.kind] || ""),
      make("p", { class: "now" }, "Without an answer: " + (question.stands ? LETTERS[question.texts.indexOf(question.stands)] + " " : "") + question.why),
      ...question.texts.map((name, place) => variant(question, name, place)),
      question.kind === "same?" && question.texts.length > 2 ? make("p", { class: "now" }, "What you use stands for every text that is ticked; the others stay.") : "",
      verbs, answer.action === "custom" ? editor(question, answer) : "", why);
  };

  // All questions
  const glance = (question) => {
    const text = data.texts[question.texts[0]];
    return text ? text.text.replace(/\s+/g, " ").slice(0, 90) : question.id;
  };
  const MARKS = { custom: "✎", [LEAVE]: "–" };
  const drawList = () => {
    const nav = $("questions");
    if (nav.childElementCount !== data.questions.length) {
      nav.replaceChildren(...data.questions.map((question, place) => make("button", { type: "button", class: "q", onclick: () => step(place) }, make("i", { "aria-hidden": "true" }), make("span", {}, glance(question)))));
    }
    data.questions.forEach((question, place) => {
      const node = nav.children[place], answer = chosen(question);
      node.className = "q " + (answer ? "done" : "open");
      node.setAttribute("aria-current", String(place === state.at));
      node.firstChild.textContent = answer ? MARKS[answer.action] || (answer.take ? LETTERS[question.texts.indexOf(answer.take)] : "✓") : "○";
    });
  };
  const draw = () => {
    const open = data.questions.filter(isOpen).length, count = data.questions.length;
    $("count").textContent = open ? `${open} open of ${count}, ${count - open} decided` : count ? `All ${count} are decided: save them` : "Nothing is open";
    $("done").style.setProperty("width", (count ? (100 * (count - open)) / count : 100) + "%");
    $("previous").disabled = state.at === 0;
    $("next").disabled = state.at >= count - 1;
    $("open").disabled = open === 0;
    drawList();
    drawCard();
  };

  // What rules decided
  const member = (one, place, first) => make("p", { class: place && one[2] !== first ? "gone-text" : "" }, where(one[0], one[1]), one[2]);
  const decided = (one) =>
    make("li", {}, make("div", { class: "head" }, one.what ? make("span", { class: "tag " + (one.what === "right" ? "breaking" : "warning") }, one.what) : "", one.path, make("span", { class: "note-text" }, one.action + " by " + one.rule)),
      ...one.members.map((each, place) => member(each, place, one.members[0][2])), one.note ? make("p", { class: "note-text" }, one.note) : "");
  const drawDecided = () => {
    if (data.touched.length) $("touched").append(make("h2", {}, `Rules touched ${data.touched.length} rights and guardrails`), make("ul", { class: "list" }, ...data.touched.map(decided)));
    for (const group of data.rest) {
      const inner = make("details", {}, make("summary", {}, `${group.count} ${group.says}`));
      // What is folded is made when somebody looks.
      inner.addEventListener("toggle", () => inner.querySelector("ul") || inner.append(make("ul", { class: "list" }, ...group.rows.map(decided), group.count > group.rows.length ? make("li", {}, `and ${group.count - group.rows.length} more`) : "")));
      $("rest").append(inner);
    }
    if (data.rest.length) $("rest").prepend(make("h2", {}, "Everything else that rules decided"));
  };

  // Out
  const tell = (text) => { $("told").textContent = text; };
  const download = () => {
    const link = make("a", { href: URL.createObjectURL(new Blob([yaml()], { type: "text/yaml" })), download: "decisions.yaml" });
    link.click();
    URL.revokeObjectURL(link.href);
    tell("saved as decisions.yaml");
  };
  const save = () => {
    if (!data.post) return download();
    fetch(data.post, { method: "POST", headers: { "Content-Type": "text/yaml" }, body: yaml() }).then(async (answer) => tell(answer.ok ? "saved: " + (await answer.text()) : "not saved: " + (await answer.text())), () => tell("not saved: nobody answers"));
  };
  const copy = () => {
    const done = () => tell("copied");
    const byHand = () => {
      $("file").open = true;
      $("yaml").select();
      tell(document.execCommand && document.execCommand("copy") ? "copied" : "select it and copy");
    };
    if (navigator.clipboard) navigator.clipboard.writeText(yaml()).then(done, byHand);
    else byHand();
  };

  const KEYS = { j: () => step(state.at + 1), ArrowRight: () => step(state.at + 1), k: () => step(state.at - 1), ArrowLeft: () => step(state.at - 1), n: () => step(nextOpen()), s: save, b: both, e: edit, l: leave, u: undo };
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input:not([type=checkbox]),textarea,select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const question = data.questions[state.at];
    if (/^[1-9]$/.test(event.key) && question) use(question, Number(event.key) - 1);
    else if (KEYS[event.key] && (question || event.key === "s")) KEYS[event.key](question);
    else return;
    event.preventDefault();
  });
  for (const [id, act] of [["previous", KEYS.k], ["next", KEYS.j], ["open", KEYS.n], ["save", save], ["copy", copy]]) $(id).addEventListener("click", () => act());
  const isDark = () => (document.documentElement.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const nameTheme = () => { $("theme").textContent = isDark() ? "Light" : "Dark"; };
  $("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  nameTheme();

  restore();
  $("command").textContent = data.command;
  const first = data.questions.findIndex(isOpen);
  state.at = first < 0 ? 0 : first;
  drawDecided();
  keep();
  draw();
  document.documentElement.dataset.ready = "true";
})();
