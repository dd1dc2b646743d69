// Names in the running text and in its tables become links that filter everything to what they name.

const CALLED = /^(?:[A-Z][A-Za-z]* )?([^\s/]+)(?:\/(.+))?$/;

/** Finds what the names on the page are called in the whole tables, and makes links of them. */
async function linkNames(tables) {
  const names = [...document.querySelectorAll("main .name")].map((element) => ({ element, text: element.textContent }));
  const known = await objects(tables, new Set(names.map(({ text }) => lastOf(text))));
  for (const { element, text } of names) {
    const about = aboutOf(element, text, known);
    if (about) linked(element, about);
  }
}

const lastOf = (text) => text.slice(text.lastIndexOf("/") + 1).split(" ").at(-1);

/** The namespaces, and of their objects those that have one of these names, by `namespace/name`. */
async function objects(tables, wanted) {
  const namespaces = new Set();
  const called = new Set();
  for (const table of tables.all.filter((table) => table.column("namespace"))) {
    await table.open();
    for (const namespace of table.values("namespace")) if (namespace) namespaces.add(namespace);
    const column = NAMED.map((name) => table.column(name)).find(Boolean);
    if (!column || column.name === "object") continue;
    const fits = new Set(table.values(column.name).filter((value) => wanted.has(lastOf(value))));
    if (!fits.size) continue;
    const space = table.column("namespace");
    for (let row = 0; row < table.rows; row++) {
      const name = table.text(column, row);
      if (fits.has(name)) called.add(`${table.text(space, row)}/${lastOf(name)}`);
    }
  }
  return { namespaces, called };
}

/** What a name names: a namespace, or an object in it; in a namespace's own section, its objects. */
function aboutOf(element, text, { namespaces, called }) {
  const [, first, rest] = text.match(CALLED) ?? [];
  if (!first) return "";
  const whole = `${first}/${lastOf(text)}`;
  if (rest && called.has(whole)) return whole;
  const heading = element.closest("section")?.querySelector(":scope > :is(h2, h3, h4, h5) .name");
  if (heading && heading !== element) {
    const inside = `${heading.textContent}/${lastOf(text)}`;
    if (called.has(inside)) return inside;
  }
  return !rest && namespaces.has(first) ? first : "";
}

function linked(element, about) {
  element.dataset.about = about;
  if (element.querySelector("a")) return; // it leads to its section
  const link = document.createElement("a");
  link.className = "filter";
  link.href = hrefAbout(about);
  link.append(...element.childNodes);
  element.append(link);
}

/** The address of everything that concerns a namespace or an object. */
function hrefAbout(about) {
  return `#?${new URLSearchParams({ [about.includes("/") ? "about" : "namespace"]: about })}`.replaceAll("%2F", "/");
}
