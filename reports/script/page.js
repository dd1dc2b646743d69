// The page: its controls write the address, and what the address says is shown.

const KEY = "segaudit";
const element = (id) => document.getElementById(id);
const tables = new Tables(JSON.parse(element("_tables").textContent));
element("_tables").remove(); // the text of megabytes, which is not needed twice
const grid = new Grid(element("_grid"));
const settings = readSettings();
const now = document.querySelector('[data-field="since"]').dataset.value;
let turn = 0;
let at = ""; // where the page was last scrolled to

/** Shows what `state` says; a later call overtakes one that is still at work. */
async function show(state) {
  const own = ++turn;
  showControls(state);
  showFolds(state);
  narrow(state, null);
  await showFound(state, () => own !== turn);
  if (own === turn && state.at && state.at !== at) element(state.at)?.scrollIntoView();
  if (own === turn) at = state.at;
}

// -- what is found in the whole tables --------------------------------------------------------------

async function showFound(state, overtaken) {
  const filtered = isFiltered(state);
  element("_found").hidden = !filtered && !state.table;
  if (element("_found").hidden) {
    grid.clear();
    return showCounts(state, overtaken);
  }
  element("_chips").replaceChildren(...chips(state));
  const offered = tables.all.filter((table) => table.rows && table.knows(state));
  const found = new Map();
  if (!filtered) offered.forEach((table) => found.set(table, null));
  for (const table of filtered ? offered : []) {
    await table.open();
    if (overtaken()) return;
    found.set(table, table.found(state));
    await pause();
    if (overtaken()) return;
  }
  const findings = tables.get("findings");
  if (filtered) narrow(state, found.has(findings) ? told(findings, found.get(findings)) : new Set());
  const table =
    offered.find((each) => each.name === state.table) ??
    offered.find((each) => found.get(each)?.length) ??
    offered[0];
  const filled = offered.filter((each) => each === table || each === findings || !filtered || found.get(each).length);
  element("_found-title").textContent = filtered ? "What meets your filters" : `Complete table: ${table.title.toLowerCase()}`;
  element("_offered").replaceChildren(...filled.map((each) => offer(each, found.get(each), each === table, state)));
  await table?.open();
  if (overtaken()) return;
  await showTable(table, table && (found.get(table) ?? table.found(state)), state);
  element("_said").textContent = filtered ? said(offered, found) : "";
  await showCounts(state, overtaken);
}

async function showTable(table, rows, state) {
  element("_columns").hidden = !table;
  if (!table) return grid.clear();
  element("_about-table").replaceChildren(...aboutTable(table));
  element("_meanings").replaceChildren(...meanings(table));
  const sort = state.sort || (table.name === "findings" ? "severity" : "");
  const page = Number(state.page) || 0;
  await grid.show(table, rows, { sort, page }, (changes) => {
    go({ table: table.name, sort, at: "", ...changes }, { replace: true });
  });
}

/** The anchors of the report's findings that these rows are told in. */
function told(table, rows) {
  const column = table.column("told");
  return column ? new Set([...table.counts("told", rows).keys()]) : null;
}

function offer(table, rows, current, state) {
  const count = number(rows ? rows.length : table.rows);
  const link = make("a", { href: addressOf({ ...state, at: "", table: table.name, sort: "" }) }, table.title, " ", make("span", { class: "count" }, count));
  if (current) link.setAttribute("aria-current", "true");
  return make("li", {}, link);
}

function said(offered, found) {
  const counts = offered.filter((table) => found.get(table)?.length).map((table) => `${table.title.toLowerCase()} ${number(found.get(table).length)}`);
  return counts.length ? `Rows: ${counts.join(", ")}.` : "Nothing in the tables meets all of this.";
}

function chips(state) {
  const parts = [
    ...listed(state.severity).map((value) => [value, { severity: toggled(state.severity, value) }]),
    ...(state.status ? [[state.status, { status: "" }]] : []),
    ...(state.check ? [[`check ${state.check}`, { check: "" }]] : []),
    ...(state.namespace ? [[`namespace ${state.namespace}`, { namespace: "" }]] : []),
    ...(state.about ? [[state.about, { about: "" }]] : []),
    ...(state.since ? [[`since ${state.since}`, { since: "" }]] : []),
    ...wordsOf(state.words).map((word) => [`“${word}”`, { words: wordsOf(state.words).filter((each) => each !== word).join(" ") }]),
  ];
  const buttons = parts.map(([text, change]) => chip(text, `Without ${text}`, change));
  return parts.length > 1 ? [...buttons, chip("Clear all", "Clear all filters", cleared())] : buttons;
}

function chip(text, label, change) {
  const button = make("button", { type: "button", class: "chip", "aria-label": label }, make("bdi", {}, shownText(text)));
  button.addEventListener("click", () => {
    go(change);
    element(element("_found").hidden ? "_words" : "_found-title").focus(); // the button itself is gone
  });
  return button;
}

const cleared = () => Object.fromEntries([...FILTERS, "table", "sort", "page"].map((field) => [field, ""]));

function aboutTable(table) {
  const same = table.columns.filter((column) => isConstant(table, column)).map((column) => [column.name.replaceAll("_", " "), table.text(column, 0)]);
  const values = same.filter(([, text]) => text).map(([name, text]) => `${name} ${text}`);
  const empty = same.filter(([, text]) => !text).map(([name]) => name);
  const parts = [`${table.description}.`];
  if (values.length) parts.push(`The same in all rows: ${values.join(", ")}.`);
  if (empty.length) parts.push(`Empty in all: ${empty.join(", ")}.`);
  if (table.without.length) parts.push(`Without ${table.without.join(" and ")}, which the page has no room for: csv/${table.name}.csv has it.`);
  return [shownText(parts.join(" "))];
}

function meanings(table) {
  return table.columns.map((column) => make("div", { class: "pair" }, make("dt", {}, column.name.replaceAll("_", " ")), make("dd", {}, column.description)));
}

// -- the row of controls ------------------------------------------------------------------------------

function showControls(state) {
  const words = element("_words");
  if (document.activeElement !== words) words.value = state.words;
  element("_namespace").value = state.namespace;
  element("_check").value = state.check;
  for (const button of document.querySelectorAll("#_choices button")) {
    const [field, value] = [button.dataset.field, button.dataset.value];
    button.setAttribute("aria-pressed", String(listed(state[field]).includes(value)));
  }
}

/** How many findings each of the words would leave, given the other filters. */
async function showCounts(state, overtaken) {
  const findings = tables.get("findings");
  if (!findings) return;
  await findings.open(isFiltered(state) ? undefined : ["severity", "status", "since"]);
  if (overtaken()) return;
  const dates = findings.values("since");
  document.querySelector('[data-field="since"]').hidden = !dates.some((date) => date && date !== now);
  for (const field of ["severity", "status", "since"]) {
    const counts = findings.counts(field, findings.knows(state) ? findings.found(state, field) : new Int32Array());
    for (const button of document.querySelectorAll(`#_choices [data-field="${field}"]`)) {
      button.querySelector(".count").textContent = number(counts.get(button.dataset.value) ?? 0);
    }
  }
}

async function fillChoices() {
  const findings = tables.get("findings");
  const checks = findings ? (await findings.open(["check"])).values("check") : [];
  const titled = checks.map((id) => [element(id)?.querySelector("h2, h3, h4")?.dataset.label.replace(/^[\d.]+ /, "") ?? id, id]);
  for (const [title, id] of titled.sort()) element("_check").append(make("option", { value: id }, title));
  element("_check").closest("label").hidden = !checks.length;
  const spaces = tables.get("namespaces")?.column("namespace") && (await tables.get("namespaces").open(["namespace"])).values("namespace");
  element("_namespace").closest("label").hidden = !spaces?.length;
  const offer = () => {
    const begun = element("_namespace").value;
    const fitting = (spaces ?? []).filter((namespace) => namespace.includes(begun)).slice(0, 200);
    element("_namespaces").replaceChildren(...fitting.map((namespace) => make("option", { value: namespace })));
  };
  element("_namespace").addEventListener("focus", offer);
  element("_namespace").addEventListener("input", offer);
  showControls(readAddress());
}

function listen() {
  let wait = 0;
  element("_words").addEventListener("input", ({ target }) => {
    clearTimeout(wait);
    wait = setTimeout(() => go({ words: target.value.trim() }, { replace: true }), 200);
  });
  element("_namespace").addEventListener("change", ({ target }) => go({ namespace: target.value.trim() }));
  element("_check").addEventListener("change", ({ target }) => go({ check: target.value }));
  for (const button of document.querySelectorAll("#_choices button")) {
    const { field, value } = button.dataset;
    button.addEventListener("click", () => go({ [field]: toggled(readAddress()[field], value) }));
  }
  element("_scheme").addEventListener("click", toggleScheme);
  element("_slash").addEventListener("change", ({ target }) => keep({ slash: target.checked }));
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onLink);
  addEventListener("hashchange", () => show(readAddress()));
}

/** The key / goes to the search field, unless somebody has switched that off or is typing; Escape leaves it. */
function onKey(event) {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "/" && settings.slash && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    element("_words").select();
    element("_words").focus();
  } else if (event.key === "Escape" && event.target === element("_words") && event.target.value) {
    event.preventDefault();
    event.target.value = "";
    go({ words: "" }, { replace: true });
  }
}

/** A link within the page keeps the filters, unless they hide where it leads to. */
function onLink(event) {
  const link = event.target.closest?.("a[href^='#']");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const state = readAddress();
  if (link.hash.startsWith("#?")) {
    event.preventDefault();
    history.pushState(null, "", link.hash);
    show(readAddress()).then(() => element("_found").scrollIntoView());
    element("_found-title").focus({ preventScroll: true });
  } else if (isFiltered(state) || state.table || state.closed) {
    event.preventDefault();
    const target = element(decodeURIComponent(link.hash.slice(1)));
    const hidden = target?.closest(`.${OFF}`);
    const open = listed(state.closed).filter((id) => !element(id)?.contains(target) || element(id) === target);
    at = ""; // it may have been scrolled away from
    go({ ...(hidden ? cleared() : {}), closed: open.join(","), at: link.hash.slice(1) });
  }
}

// -- folding, links and copies ---------------------------------------------------------------------

function showFolds(state) {
  const closed = new Set(listed(state.closed));
  for (const button of document.querySelectorAll("button.fold")) {
    const section = button.closest("section");
    section.classList.toggle("closed", closed.has(section.id));
    button.setAttribute("aria-expanded", String(!closed.has(section.id)));
  }
}

/** Each section can be folded; its number, and that of a finding, is a link to it. */
function furnish() {
  for (const part of document.querySelectorAll(".sections section, .finding[id]")) {
    const heading = part.querySelector(":scope > :is(h2, h3, h4, h5)");
    const numbered = heading.querySelector(".number");
    const link = make("a", { href: `#${part.id}`, "aria-label": `Link to ${numbered.textContent}` });
    link.append(...numbered.childNodes);
    numbered.append(link);
    if (part.matches("section")) heading.append(foldButton(part, heading.dataset.label));
  }
  for (const manifest of document.querySelectorAll(".manifest")) {
    const text = () => [...manifest.querySelectorAll("pre")].map(written).join("\n") + "\n";
    manifest.prepend(copyButton(text));
  }
}

/** Its text with the characters themselves where the page shows their numbers. */
function written(pre) {
  const copy = pre.cloneNode(true);
  for (const shown of copy.querySelectorAll(".codepoint"))
    shown.textContent = shown.textContent.replace(/\\u\{(\w+)\}/g, (_, point) => String.fromCodePoint(parseInt(point, 16)));
  return copy.textContent;
}

function foldButton(section, label) {
  const attributes = { type: "button", class: "fold screen-only", "aria-expanded": "true", "aria-label": `Fold ${label}` };
  const button = make("button", attributes);
  button.addEventListener("click", () => {
    const { closed, at, page } = readAddress();
    go({ closed: toggled(closed, section.id), at, page }, { replace: true });
  });
  return button;
}

function copyButton(text) {
  const button = make("button", { type: "button", class: "copy screen-only" }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = (await copied(text())) ? "Copied" : "Not copied: select it by hand";
    element("_said").textContent = button.textContent;
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// -- colours and what else is remembered ------------------------------------------------------------

function toggleScheme() {
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = !isDark();
  keep({ scheme: dark === system ? "" : dark ? "dark" : "light" });
  showScheme();
}

const isDark = () => (settings.scheme ? settings.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

/** The rules for dark hold where the system asks for it, or where the reader does. */
function showScheme() {
  const asked = { "": "(prefers-color-scheme: dark)", dark: "all", light: "not all" }[settings.scheme];
  for (const rule of darkRules()) rule.media.mediaText = asked;
  document.documentElement.style.colorScheme = settings.scheme || "light dark";
  element("_scheme").textContent = isDark() ? "Light" : "Dark";
}

let dark = null;

function darkRules() {
  const within = (rules) =>
    [...rules].flatMap((rule) => [
      ...(rule.media?.mediaText.includes("prefers-color-scheme") ? [rule] : []),
      ...(rule.cssRules ? within(rule.cssRules) : []),
    ]);
  dark ??= within(document.styleSheets[0].cssRules);
  return dark;
}

function readSettings() {
  try {
    return { scheme: "", slash: true, ...JSON.parse(localStorage.getItem(KEY)) };
  } catch {
    return { scheme: "", slash: true }; // a browser that keeps nothing for files
  }
}

function keep(changes) {
  Object.assign(settings, changes);
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // it holds until the page is left
  }
}

const pause = () => new Promise((resume) => setTimeout(resume));

function begin() {
  document.documentElement.classList.add("scripted");
  const main = element("_main");
  main.before(element("_bar"));
  main.prepend(element("_found"));
  main.append(element("_annex"));
  element("_bar").hidden = element("_annex").hidden = false;
  element("_choices").hidden = !tables.get("findings");
  furnish();
  listen();
  element("_slash").checked = settings.slash;
  showScheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showScheme);
  show(readAddress());
  setTimeout(async () => {
    await fillChoices();
    await names.link(tables);
    const state = readAddress();
    if (isFiltered(state)) await show(state);
    document.documentElement.classList.add("ready");
  }, 100);
}

begin();
