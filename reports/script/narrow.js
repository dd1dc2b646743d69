// What people read, narrowed to what meets the filters: findings, rows and paragraphs that do not are taken off
// the screen with their sections. Paper shows all of it, whatever is filtered.

const OFF = "off";

/**
 * Shows what meets `state`, or all if it asks for nothing. `told` has the anchors of the findings that do, by the
 * whole tables; without it (null) they are judged by what can be read in them.
 */
function narrow(state, told) {
  const on = isFiltered(state);
  document.documentElement.classList.toggle("narrowed", on);
  for (const section of document.querySelectorAll(".sections > section")) {
    const shown = narrowSection(section, state, told, on ? asked(state) : []);
    section.classList.toggle(OFF, !shown);
  }
  for (const entry of document.querySelectorAll(".contents li")) {
    const target = document.getElementById(entry.querySelector("a").hash.slice(1));
    entry.classList.toggle(OFF, Boolean(target?.classList.contains(OFF)));
  }
}

/** The filters that are in use, each word of the search one of them. */
function asked(state) {
  const filters = FILTERS.filter((field) => field !== "words" && state[field]).map((field) => ({
    field,
    value: state[field],
  }));
  return [...filters, ...wordsOf(state.words).map((value) => ({ field: "words", value }))];
}

/** Whether anything of a section is shown; what its heading meets, all within it meets. */
function narrowSection(section, state, told, filters) {
  const left = filters.filter((filter) => !headed(section, filter));
  let shown = !left.length;
  for (const child of section.children) {
    if (child.matches("section")) {
      const within = narrowSection(child, state, told, left);
      child.classList.toggle(OFF, !within);
      shown ||= within;
    } else if (!child.matches("h2, h3, h4, h5")) {
      const fits = narrowBlock(child, told, left);
      child.classList.toggle(OFF, !fits);
      shown ||= fits;
    }
  }
  return shown;
}

function narrowBlock(block, told, left) {
  if (block.matches(".finding")) return !left.length || isTold(block, told, left);
  const parts = block.querySelectorAll("tbody > tr:not(.group), .pair, .items > li");
  const whole = !left.length || (!parts.length && meets(block, left));
  let shown = whole;
  for (const part of parts) {
    const fits = !left.length || meets(part, left);
    part.classList.toggle(OFF, !fits);
    shown ||= fits;
  }
  for (const head of block.querySelectorAll("tr.group")) {
    head.classList.toggle(OFF, !head.parentElement.querySelector(`tr:not(.group, .${OFF})`));
  }
  return shown;
}

/** A finding stands for many rows of the whole table, most of which cannot be read in it. */
function isTold(finding, told, left) {
  const onlyWords = left.every((filter) => filter.field === "words");
  return (told?.has(finding.id) ?? false) || ((onlyWords || !told || !finding.id) && meets(finding, left));
}

/** Whether a section's own heading meets a filter. */
function headed(section, { field, value }) {
  const heading = section.querySelector(":scope > :is(h2, h3, h4, h5)");
  if (field === "words") return textOf(heading).includes(value);
  if (field === "check") return section.id === value;
  if (field === "namespace") return names.within(heading).some(([namespace, name]) => namespace === value && !name);
  return false;
}

function meets(element, filters) {
  return filters.every(({ field, value }) => {
    if (field === "words") return textOf(element).includes(value);
    if (field === "severity") return listed(value).some((severity) => element.querySelector(`.severity.${severity}`));
    if (field === "check") return [...element.querySelectorAll("a")].some((link) => link.hash === `#${value}`);
    if (field === "namespace") return names.within(element).some(([namespace]) => namespace === value);
    if (field === "about") return names.within(element).some((parts) => parts.join("/") === value);
    if (field === "status") return element.querySelector(".state")?.textContent.startsWith(value) ?? false;
    return false; // of a date, the whole table alone can tell
  });
}

const texts = new WeakMap();

function textOf(element) {
  if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
  return texts.get(element);
}
