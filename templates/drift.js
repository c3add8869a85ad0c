"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const SEVERITIES = ["breaking", "warning", "info"];
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ue000-\uf8ff\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff]|\ud834[\udd73-\udd7a]|[\udb40-\udb43][\udc00-\udfff]|[\udb80-\udbff][\udc00-\udfff]/g;
  const state = { pair: -1, finding: -1, severities: new Set(), classes: new Set(), rule: "", section: "", role: "", accepted: false, folded: true, all: false, long: false };
  const LONG = 25, SHOWN = 4;
  // One-sided rows without a finding that are shown in a run, and lines of a text.
  const ALONE = 3, TALL = 14;
  const FEW = matchMedia("(max-width: 820px)").matches ? 8 : 30;

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key === "class") node.className = value;
      else if (key === "share") node.style.setProperty("--share", value + "%");
      else if (key === "of") node.style.setProperty("--of", value);
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined) node.setAttribute(key, value);
    }
    for (const child of children) if (child !== null && child !== undefined) node.append(child);
    return node;
  };

  // Text from a file goes into text nodes alone; characters that a person does not see are spelled out.
  const put = (node, text) => {
    let at = 0;
    for (const match of text.matchAll(HIDDEN)) {
      node.append(text.slice(at, match.index));
      node.append(make("span", { class: "hid" }, "U+" + match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")));
      at = match.index + match[0].length;
    }
    node.append(text.slice(at));
    return node;
  };
  const words = (tag, attributes, text) => put(make(tag, attributes), text);
  // Marks of Markdown in a sentence become styles of the page; whatever else stands there is text.
  const styled = (node, text) => {
    for (const part of text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/)) {
      if (/^`.+`$/.test(part)) node.append(words("code", {}, part.slice(1, -1)));
      else if (/^\*\*.+\*\*$/.test(part)) node.append(words("strong", {}, part.slice(2, -2)));
      else put(node, part);
    }
    return node;
  };

  const matches = (finding) =>
    (state.accepted || !finding.accepted) &&
    (!state.severities.size || state.severities.has(finding.severity)) &&
    (!state.rule || finding.rule === state.rule) &&
    (!state.section || finding.path.toLowerCase().includes(state.section));
  const narrowed = () => state.severities.size || state.rule || state.section;
  const named = (pair) => {
    const text = `${pair.role} ${data.names[pair.a]} ${data.names[pair.b]} ${pair.title}`.toLowerCase();
    return state.role.split(/\s+/).every((word) => text.includes(word));
  };
  const passes = (pair) => (!state.role || named(pair)) && (!state.classes.size || state.classes.has(pair.class)) && (!narrowed() || pair.findings.some(matches));
  const percent = (pair) => (pair.class === "identical" ? 100 : Math.min(99, Math.max(pair.similarity > 0 ? 1 : 0, Math.round(pair.similarity * 100))));
  const worst = (pair) => SEVERITIES.find((one) => pair.findings.some((f) => f.severity === one && !f.accepted)) || "";
  const label = (pair) => data.names[pair.a] + " → " + data.names[pair.b];
  const verdict = (pair) => pair.class + (["superset", "subset"].includes(pair.class) ? " of " + data.names[pair.a] : "");
  const tally = (pair) => SEVERITIES.map((one) => [one, pair.findings.filter((f) => f.severity === one && !f.accepted).length]).filter((row) => row[1]);

  const tags = (rows, noun) => rows.map(([one, count]) => make("span", { class: "tag " + one }, `${count} ${noun || one}`));

  const headline = () => {
    const open = data.pairs.flatMap((pair) => pair.findings).filter((f) => !f.accepted);
    const rows = SEVERITIES.map((one) => [one, open.filter((f) => f.severity === one).length]).filter((row) => row[1]);
    const accepted = data.pairs.flatMap((pair) => pair.findings).length - open.length;
    const place = $("total"), [pairs] = place.textContent.split(";");
    place.replaceChildren(pairs, make("span", { class: "counts" }, ...tags(rows), accepted ? `${accepted} accepted` : null, open.length ? null : "no findings"));
  };

  // Arrow keys move among the marks of a chart; the tab key stops at one of them only.
  const roving = (chart, next) => {
    chart.addEventListener("keydown", (event) => {
      const to = event.target.matches("[data-pair]") && next(event.target, event.key);
      if (!to) return;
      event.preventDefault();
      stop(chart, to);
      to.focus();
    });
    return chart;
  };
  const stop = (chart, at) => { for (const one of chart.querySelectorAll("[data-pair]")) one.tabIndex = one === at ? 0 : -1; };

  const tail = (name, most = 30) => (name.length > most ? "…" + name.slice(1 - most) : name);

  const overview = () => {
    const place = $("overview");
    const cards = data.groups.filter((group) => group.files.length > 2 && group.files.length <= 40);
    place.append(...cards.slice(0, SHOWN).map(matrix));
    if (cards.length > SHOWN) {
      const more = make("button", { type: "button" }, `${cards.length - SHOWN} more groups of three or more`);
      more.addEventListener("click", () => { more.replaceWith(...cards.slice(SHOWN).map(matrix)); refresh(); });
      place.append(more);
    }
    if (data.steps.length) place.append(timeline());
    $("arrows").hidden = !place.childElementCount;
    $("pairs").hidden = data.pairs.length < 2;
    $("pairs").parentNode.classList.toggle("single", data.pairs.length < 2);
  };

  const matrix = (group) => {
    const head = make("tr", {}, make("th", {}), ...group.files.map((_, n) => make("th", { scope: "col" }, String(n + 1))));
    const rows = group.files.map((row, n) =>
      make("tr", {}, make("th", { scope: "row", title: data.names[row] }, make("span", {}, n + 1), make("span", { class: "end" }, words("bdi", {}, data.names[row]))), ...group.files.map((column) => make("td", {}, cell(row, column)))));
    const table = roving(make("table", { class: "matrix" }, make("thead", {}, head), make("tbody", {}, ...rows)), beside);
    stop(table, table.querySelector("[data-pair]"));
    const map = make("div", { class: "map" },
      make("h3", {}, "Similarity in percent"),
      make("div", { class: "scroll" }, table),
      make("div", { class: "scale" }, "unlike", make("span", { class: "ramp" }), "alike", make("span", { class: "swatch" }), "identical"),
      make("div", { class: "scale" }, ...worstLegend()));
    const board = make("div", { class: "board" }, map, ...(group.summary ? summary(group) : []));
    const title = words("h2", {}, group.role || `${group.files.length} variants`);
    if (data.groups.length === 1) return make("div", { class: "card" }, title, board);
    const inside = data.pairs.filter((pair) => group.files.includes(pair.a));
    const counts = SEVERITIES.map((one) => [one, inside.flatMap((pair) => pair.findings).filter((f) => f.severity === one && !f.accepted).length]).filter((row) => row[1]);
    return make("details", { class: "card", "data-role": [group.role, ...group.files.map((file) => data.names[file])].join(" ").toLowerCase() }, make("summary", {}, title, make("span", { class: "dim" }, `${group.files.length} variants`), make("span", { class: "counts" }, ...tags(counts))), board);
  };

  const worstLegend = () => ["breaking", "warning"].map((one) => make("span", { class: "key" }, make("span", { class: "dot " + one }), one)).concat(make("span", {}, "is the most serious finding"));

  // The mark beside another in a matrix, whatever lies between; the diagonal holds none.
  const beside = (cell, key) => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[key];
    if (!by) return null;
    const rows = [...cell.closest("tbody").rows].map((row) => [...row.cells].slice(1));
    let row = rows.findIndex((one) => one.includes(cell.parentNode)), column = rows[row].indexOf(cell.parentNode);
    do { row += by[0]; column += by[1]; } while (rows[row] && rows[row][column] && !rows[row][column].querySelector("[data-pair]"));
    return rows[row] && rows[row][column] ? rows[row][column].querySelector("[data-pair]") : null;
  };

  const cell = (row, column) => {
    if (row === column) return make("div", { class: "self", "aria-hidden": "true" }, "·");
    const index = data.pairs.findIndex((p) => (p.a === row && p.b === column) || (p.a === column && p.b === row));
    if (index < 0) return make("div", { class: "self" }, "?");
    const pair = data.pairs[index], share = percent(pair), severity = worst(pair);
    const told = `${label(pair)}: ${pair.class}, ${share} percent similar` + tally(pair).map(([s, n]) => `, ${n} ${s}`).join("");
    return make("button", { type: "button", class: "cell" + (share === 100 ? " deep" : ""), share: share === 100 ? 100 : share * 0.6, title: told, "aria-label": told, "data-pair": index, onclick: () => open(index) },
      pair.class === "unknown" ? "?" : String(share), severity && severity !== "info" ? make("span", { class: "dot " + severity }) : null);
  };

  const summary = (group) => {
    const s = group.summary;
    const few = (tag, rows, build) => {
      const list = make(tag, {}, ...rows.slice(0, 6).map(build));
      if (rows.length > 6) {
        const more = make("button", { type: "button", class: "chip" }, `${rows.length - 6} more`);
        more.addEventListener("click", () => more.parentNode.replaceWith(...rows.slice(6).map(build)));
        list.append(make("li", {}, more));
      }
      return list;
    };
    const said = (text, places) => {
      const title = `${places.length} ${text}`;
      if (!places.length || !data.nodes[places[0][0]].length) return make("span", { class: "dim said" }, title);
      const list = make("ul", {});
      const box = make("details", { class: "said" }, make("summary", { class: "dim" }, title), list);
      box.addEventListener("toggle", () => {
        if (!list.childElementCount) list.append(...places.map(([file, line]) => words("li", {}, (data.nodes[file].find((node) => node[0] === line && node[2] !== "title") || ["", "", "", ""])[3])));
      });
      return box;
    };
    const heading = (text, count) => make("h3", {}, text + " ", make("b", {}, String(count)));
    const far = few("ol", s.variants, (one) =>
      make("li", {}, words("span", { title: data.names[one.file] }, tail(data.names[one.file], 40)), make("div", { class: "bar", title: `${Math.round(one.distance * 100)} percent away` }, make("i", { share: one.distance * 100 })),
        make("span", { class: "dim" }, `has ${one.held} of ${s.consensus.length}`), said("only here", one.unique), said("missing only here", one.lacking)));
    const against = few("ul", s.contradictions, (one) => {
      const item = make("li", {}, words("strong", {}, one.slot || "statements"));
      for (const [file, at, text] of one.sides.slice(0, 4)) item.append(words("span", { class: "dim clip", title: `${data.names[file]}:${at} ${text}` }, `${tail(data.names[file])}:${at} ${text}`));
      if (one.sides.length > 4) item.append(make("span", { class: "dim" }, `and ${one.sides.length - 4} more`));
      return item;
    });
    return [
      make("div", { class: "facts" }, heading("Farthest from the consensus", ""), far),
      make("div", { class: "facts" }, heading(`Said by at least ${s.quorum} variants`, s.consensus.length), few("ul", s.consensus, (row) => make("li", {}, words("span", { class: "clip", title: row }, row)))),
      s.contradictions.length ? make("div", { class: "facts wide" }, heading("Contradictions", s.contradictions.length), against) : null,
    ].filter(Boolean);
  };

  const timeline = () => {
    const top = Math.max(0.1, ...data.steps.map((step) => step.drift));
    const bars = data.steps.map((step) => {
      const severity = step.pair === null ? "" : worst(data.pairs[step.pair]);
      // What is to be seen comes first, so that who speaks to the page can name it.
      const told = `${Math.round(step.drift * 100)}% ${step.rev} ${step.date}, from the first: ${step.subject}`;
      return make("button", { type: "button", class: "tick-bar " + severity, title: told, "aria-label": told, "data-pair": step.pair, disabled: step.pair === null ? "" : null, onclick: () => open(step.pair) },
        make("span", {}, `${Math.round(step.drift * 100)}% `), make("i", { of: step.drift / top }), words("span", {}, step.rev + " "), words("span", {}, step.date));
    });
    const line = roving(make("div", { class: "timeline" }, ...bars), (bar, key) => ({ ArrowLeft: previous(bar), ArrowRight: bar.nextElementSibling })[key]);
    stop(line, line.querySelector("[data-pair]:not([disabled])"));
    return make("div", { class: "card" }, make("h2", {}, `Drift since the first of ${data.steps.length} versions`), make("div", { class: "scroll" }, line),
      make("div", { class: "scale" }, make("span", {}, `Height: how far from the first; the highest bar is ${Math.round(top * 100)}%.`), make("span", {}, "Colour, of the commit's own change:"), ...worstLegend()));
  };
  const previous = (bar) => {
    const before = bar.previousElementSibling;
    return before && !before.disabled ? before : null;
  };

  const chips = () => {
    const chip = (set, value, count) => make("button", { type: "button", class: "chip", "aria-pressed": "false", "data-value": value, onclick: (event) => {
      set.has(value) ? set.delete(value) : set.add(value);
      event.currentTarget.setAttribute("aria-pressed", String(set.has(value)));
      refresh();
    } }, `${value} ${count}`);
    const findings = data.pairs.flatMap((pair) => pair.findings);
    for (const one of SEVERITIES) {
      const count = findings.filter((f) => f.severity === one).length;
      if (count) $("severities").append(chip(state.severities, one, count));
    }
    if (!findings.length) $("severities").hidden = true;
    const classes = new Map();
    for (const pair of data.pairs) classes.set(pair.class, (classes.get(pair.class) || 0) + 1);
    for (const [name, count] of classes) $("classes").append(chip(state.classes, name, count));
    $("classes").hidden = data.pairs.length < 2;
    const rules = new Map();
    for (const one of findings) rules.set(one.rule, (rules.get(one.rule) || 0) + 1);
    for (const [name, count] of [...rules].sort()) $("rule").append(make("option", { value: name }, `${name} (${count})`));
    if (!findings.some((f) => f.accepted)) $("accepted-label").hidden = true;
  };

  const pairs = () => {
    const place = $("pairs");
    place.replaceChildren();
    let role = null, shown = 0;
    data.pairs.forEach((pair, index) => {
      if (!passes(pair)) return;
      shown += 1;
      if (shown > FEW && !state.all && index !== state.pair) return;
      if (pair.role && pair.role !== role) place.append(words("div", { class: "role" }, pair.role));
      role = pair.role;
      const meta = make("span", { class: "meta" }, make("span", { class: "tag class" }, pair.class), `${percent(pair)}%`);
      meta.append(...tags(tally(pair)));
      const title = put(make("b", {}), pair.title || label(pair));
      place.append(make("button", { type: "button", class: "pair", "aria-current": String(index === state.pair), "data-pair": index, onclick: () => open(index) }, title, meta));
    });
    const listed = place.querySelectorAll("[data-pair]").length;
    if (listed < shown) place.append(make("button", { type: "button", class: "more", onclick: () => { state.all = true; pairs(); } }, `${shown - listed} more pairs`));
    if (!shown) place.append(make("p", { class: "empty" }, data.pairs.length ? "No pair passes the filters." : "No pairs."));
    const all = data.pairs.flatMap((pair) => pair.findings), left = data.pairs.filter(passes).flatMap((pair) => pair.findings.filter(matches));
    $("status").textContent = narrowed() || state.classes.size || state.role ? `${left.length} of ${all.length} findings in ${shown} of ${data.pairs.length} pairs pass the filters` : "";
  };

  const refresh = () => {
    pairs();
    for (const card of document.querySelectorAll("#overview [data-role]")) card.hidden = !state.role.split(/\s+/).every((word) => card.dataset.role.includes(word));
    for (const node of document.querySelectorAll("#overview [data-pair]")) {
      const pair = data.pairs[Number(node.dataset.pair)];
      node.classList.toggle("faded", Boolean(pair) && !passes(pair));
      node.setAttribute("aria-current", String(Number(node.dataset.pair) === state.pair));
    }
    if (state.pair < 0 || !passes(data.pairs[state.pair])) {
      const first = data.pairs.findIndex(passes);
      if (first >= 0) state.pair = first;
      pairs();
    }
    detail();
  };

  const open = (index, finding = -1) => {
    if (index === null || !data.pairs[index]) return;
    state.pair = index;
    state.finding = finding;
    state.folded = true;
    state.long = false;
    history.replaceState(null, "", `#pair-${index}`);
    refresh();
    if (finding < 0) $("detail").scrollIntoView({ block: "start" });
  };

  const detail = () => {
    const place = $("detail");
    place.replaceChildren();
    const pair = data.pairs[state.pair];
    if (!pair || !passes(pair)) {
      place.append(make("p", { class: "empty" }, data.pairs.length ? "Nothing passes the filters. Reset them to see every pair." : "There is nothing to compare: no definition has a variant, or nothing changed."));
      return;
    }
    const shown = pair.findings.filter(matches);
    const cover = pair.coverage.map((share) => Math.round(share * 100) + "%").join(" and ");
    place.append(words("h2", {}, pair.title || label(pair)),
      make("p", {}, make("span", { class: "tag class" }, verdict(pair)), ` ${percent(pair)}% similar; partners for ${cover} of the units`, pair.fields.length ? put(make("span", {}, "; fields: "), pair.fields.join(", ")) : null),
      make("h3", {}, heading(pair, shown)));
    const list = make("ol", { class: "findings" });
    const most = state.long || shown.length <= LONG + 5 ? shown.length : LONG;
    shown.slice(0, most).forEach((finding, n) => list.append(make("li", {}, entry(finding, n))));
    if (shown.length) place.append(list);
    if (most < shown.length) place.append(make("button", { type: "button", class: "more", onclick: () => { state.long = true; detail(); } }, `${shown.length - most} more findings`));
    if (pair.command) {
      place.append(make("p", { class: "dim" }, "The texts of the pairs that matter less are not in this page. See them with"), words("pre", { class: "command" }, pair.command));
      return;
    }
    place.append(make("div", { class: "scale" }, ...[["gone", "only on the left"], ["new", "only on the right"], ["moved", "in another place"]].map(([kind, told]) => make("span", { class: "key" }, make("span", { class: "patch " + kind }), told)),
      make("span", { class: "key" }, make("del", {}, "words"), make("ins", {}, "words"), "in other words")));
    place.append(make("div", { class: "view" }, make("button", { type: "button", id: "fold", onclick: () => { state.folded = !state.folded; detail(); } }, state.folded ? "Show what is equal" : "Fold what is equal")));
    place.append(sides(pair, shown));
  };

  const heading = (pair, shown) => {
    if (!pair.findings.length) return { identical: "No findings: the texts are equal, byte for byte", cosmetic: "No findings: only the form differs", unknown: "Nothing was compared" }[pair.class] || "No findings";
    return shown.length === pair.findings.length ? `${shown.length} finding${shown.length === 1 ? "" : "s"}` : `${shown.length} of ${pair.findings.length} findings`;
  };

  const entry = (finding, n) => {
    const lines = `${finding.a ? finding.a[0] : "–"} → ${finding.b ? finding.b[0] : "–"}`;
    const what = styled(make("span", { class: "what" }), finding.message);
    if (finding.path && !finding.path.startsWith("frontmatter/")) what.append(words("span", { class: "why" }, finding.path));
    if (finding.accepted) what.append(words("span", { class: "why" }, "accepted: " + finding.accepted));
    return make("button", { type: "button", class: "finding" + (finding.accepted ? " done" : ""), "data-finding": n, title: data.rules[finding.rule] || "", onclick: () => jump(n) },
      make("span", { class: "tag " + finding.severity }, finding.severity), make("span", { class: "rule" }, finding.rule), what, make("span", { class: "lines" }, lines));
  };

  const jump = (n) => {
    const shown = data.pairs[state.pair].findings.filter(matches);
    if (!shown[n]) return;
    if (n >= LONG && !state.long) { state.long = true; detail(); }
    state.finding = n;
    for (const node of document.querySelectorAll(".finding")) node.setAttribute("aria-current", String(Number(node.dataset.finding) === n));
    for (const node of document.querySelectorAll(".flash")) node.classList.remove("flash");
    const find = () => [["a", shown[n].a], ["b", shown[n].b]].map(([side, spot]) => spot && nearest(side, spot[0])).filter(Boolean);
    let nodes = find();
    if (!nodes.length && state.folded) { state.folded = false; detail(); nodes = find(); }
    for (const node of nodes) node.classList.add("flash");
    if (nodes.length) nodes[nodes.length - 1].scrollIntoView({ block: "center" });
    const button = document.querySelector(`.finding[data-finding="${n}"]`);
    if (button) { button.setAttribute("aria-current", "true"); button.focus({ preventScroll: nodes.length > 0 }); }
  };

  // A finding may speak of a line inside a unit: the unit that starts at it or before it is meant.
  const nearest = (side, line) => {
    let found = null;
    for (const node of document.querySelectorAll(`.side[data-side="${side}"]`)) if (Number(node.dataset.line) <= line && (!found || Number(node.dataset.line) > Number(found.dataset.line))) found = node;
    return found && Number(found.dataset.end) > line ? found : null;
  };

  const sides = (pair, shown) => {
    const box = make("div", { class: "sides" }, words("div", { class: "head" }, data.names[pair.a]), words("div", { class: "head" }, data.names[pair.b]));
    const marks = { a: new Map(), b: new Map() };
    for (const finding of shown) for (const side of ["a", "b"]) {
      const spot = finding[side], old = spot && marks[side].get(spot[0]);
      if (spot && (!old || SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(old))) marks[side].set(spot[0], finding.severity);
    }
    let run = [], what = "";
    const flush = () => {
      if (state.folded && run.length > (what === "equal" ? 2 : ALONE)) {
        const kept = run;
        const button = make("button", { type: "button", class: "fold" }, `${kept.length} ${what}`);
        button.addEventListener("click", () => button.replaceWith(...kept.flatMap((row) => row())));
        box.append(button);
      } else for (const row of run) box.append(...row());
      run = [];
    };
    for (const row of pair.rows) {
      const build = () => line(pair, row, marks), kind = foldable(pair, row, marks);
      if (kind !== what) flush();
      what = kind;
      if (kind) run.push(build);
      else box.append(...build());
    }
    flush();
    return box;
  };

  // What a row can be folded under: what is equal, and what one side has alone and no finding speaks of.
  const foldable = (pair, [left, right, kind], marks) => {
    if (kind === 0) return "equal";
    const side = left < 0 ? "b" : "a", node = kind === 4 ? data.nodes[pair[side]][left < 0 ? right : left] : null;
    if (!node) return "";
    for (const at of marks[side].keys()) if (at >= node[0] && at < node[1]) return "";
    return left < 0 ? "only on the right" : "only on the left";
  };

  // Row: node of the first file, node of the second, 0 equal, 1 reworded, 2 moved, 3 moved and reworded, 4 one-sided.
  const line = (pair, [left, right, kind], marks) => {
    const a = left < 0 ? null : data.nodes[pair.a][left], b = right < 0 ? null : data.nodes[pair.b][right];
    const changed = kind === 1 || kind === 3;
    const ops = changed ? difference(a[3], b[3]) : null;
    return [half("a", a, ops, kind, marks), half("b", b, ops, kind, marks)];
  };

  const half = (side, node, ops, kind, marks) => {
    if (!node) return make("div", { class: "side void", "aria-hidden": "true" });
    const [start, end, what, text] = node;
    const mark = marks[side].get(start);
    const classes = ["side", what, side === "b" ? "right" : "", kind === 0 ? "same" : "", kind === 4 ? (side === "a" ? "gone" : "new") : "", kind === 2 || kind === 3 ? "moved" : "", mark && mark !== "info" ? "marked " + mark : ""];
    const body = make("div", { class: "text" });
    if (ops) for (const [op, part] of ops) {
      if (op === 0) put(body, part);
      else if (op === (side === "a" ? -1 : 1)) body.append(words(op < 0 ? "del" : "ins", {}, part));
    } else fill(body, text);
    return make("div", { class: classes.filter(Boolean).join(" "), "data-side": side, "data-line": start, "data-end": end }, make("div", { class: "num" }, String(start)), body);
  };

  // A text, or the beginning of a long one and a button for the rest of it.
  const fill = (body, text) => {
    const lines = text.split("\n");
    if (!state.folded || lines.length <= TALL + 5) { put(body, text); return; }
    put(body, lines.slice(0, TALL).join("\n"));
    const button = make("button", { type: "button", class: "more" }, `${lines.length - TALL} more lines`);
    button.addEventListener("click", () => { button.remove(); put(body, "\n" + lines.slice(TALL).join("\n")); });
    body.append(button);
  };

  // Words of two texts as [-1 removed | 0 equal | 1 added, text], by their longest common subsequence.
  const difference = (old, now) => {
    let a = old.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [], b = now.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];
    let head = 0, tail = 0;
    while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
    while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
    const before = a.slice(0, head).join(""), after = tail ? a.slice(a.length - tail).join("") : "";
    a = a.slice(head, a.length - tail);
    b = b.slice(head, b.length - tail);
    const ops = [[0, before]];
    if (a.length * b.length > 4e6) ops.push([-1, a.join("")], [1, b.join("")]);
    else {
      const width = b.length + 1, table = new Uint32Array((a.length + 1) * width);
      for (let i = a.length - 1; i >= 0; i -= 1) for (let j = b.length - 1; j >= 0; j -= 1)
        table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1 : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
      let i = 0, j = 0;
      while (i < a.length || j < b.length) {
        if (i < a.length && j < b.length && a[i] === b[j]) { ops.push([0, a[i]]); i += 1; j += 1; }
        else if (j >= b.length || (i < a.length && table[(i + 1) * width + j] >= table[i * width + j + 1])) { ops.push([-1, a[i]]); i += 1; }
        else { ops.push([1, b[j]]); j += 1; }
      }
    }
    ops.push([0, after]);
    return joined(ops);
  };

  // Runs of one kind become one mark, and a blank between two changes belongs to both.
  const joined = (ops) => {
    const found = [];
    let gone = "", added = "";
    const flush = () => { if (gone) found.push([-1, gone]); if (added) found.push([1, added]); gone = added = ""; };
    ops.forEach(([op, text], n) => {
      if (!text) return;
      const between = op === 0 && !text.trim() && (gone || added) && ops[n + 1] && ops[n + 1][0] !== 0;
      if (op === -1 || between) gone += text;
      if (op === 1 || between) added += text;
      if (op === 0 && !between) { flush(); const last = found[found.length - 1]; if (last && last[0] === 0) last[1] += text; else found.push([0, text]); }
    });
    flush();
    return found;
  };

  const step = (by) => {
    const open_ = data.pairs.map((pair, index) => [pair, index]).filter(([pair]) => passes(pair)).map(([, index]) => index);
    const next = open_[open_.indexOf(state.pair) + by];
    if (next !== undefined) open(next);
  };

  const theme = () => {
    const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
    const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const paint = () => { $("theme").textContent = dark() ? "Light" : "Dark"; };
    paint();
    system.addEventListener("change", paint);
    $("theme").addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; paint(); });
  };

  const listen = () => {
    $("rule").addEventListener("change", (event) => { state.rule = event.target.value; refresh(); });
    $("role").addEventListener("input", (event) => { state.role = event.target.value.trim().toLowerCase(); refresh(); });
    $("section").addEventListener("input", (event) => { state.section = event.target.value.trim().toLowerCase(); refresh(); });
    $("accepted").addEventListener("change", (event) => { state.accepted = event.target.checked; refresh(); });
    $("reset").addEventListener("click", () => {
      state.severities.clear(); state.classes.clear();
      Object.assign(state, { rule: "", section: "", role: "", accepted: false });
      $("rule").value = ""; $("section").value = $("role").value = ""; $("accepted").checked = false;
      for (const chip of document.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", "false");
      refresh();
    });
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.matches("input, select")) { if (event.key === "Escape") event.target.blur(); return; }
      const act = { j: () => jump(state.finding + 1), k: () => jump(Math.max(0, state.finding - 1)), "]": () => step(1), "[": () => step(-1), "/": () => $("role").focus() }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
  };

  const story = () => {
    for (const node of document.querySelectorAll("#story .told, #story th[scope=row]")) { const text = node.textContent; node.replaceChildren(); styled(node, text); }
  };

  theme();
  headline();
  story();
  chips();
  overview();
  listen();
  const wanted = /^#pair-(\d+)$/.exec(location.hash);
  state.pair = wanted && data.pairs[Number(wanted[1])] ? Number(wanted[1]) : data.start;
  refresh();
  document.documentElement.dataset.ready = "true";
})();
