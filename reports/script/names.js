// Names in the running text and in its tables become links that filter everything to what they name.

const CALLED = /^(?:[A-Z][A-Za-z]* )?([^\s/]+)(?:\/(.+))?$/;
// Tables of what the report never names singly, or names in another table too: they stay packed.
const UNTOLD = ["pod", "object"];

class Names {
  #known = null;
  #about = new WeakMap();

  /** Finds what the names on the page are called in the whole tables; links them where they come into sight. */
  async link(tables) {
    const texts = [...document.querySelectorAll("main .name")].map((element) => element.textContent);
    this.#known = await objects(tables, new Set(texts.map(lastOf)));
    this.#about = new WeakMap();
    const watch = new IntersectionObserver((seen) => {
      for (const { target } of seen.filter((entry) => entry.isIntersecting)) {
        watch.unobserve(target);
        for (const element of namesWithin(target)) linked(element, this.of(element));
      }
    }, { rootMargin: "100%" });
    for (const block of document.querySelectorAll(".page-one, .sections section > *")) watch.observe(block);
  }

  /** What a name names, as `namespace` or `namespace/name`; empty if that is not known. */
  of(element) {
    if (!this.#about.has(element)) this.#about.set(element, this.#known ? aboutOf(element, this.#known) : "");
    return this.#about.get(element);
  }

  /** The names in an element, each as namespace and, of an object, its name. */
  within(element) {
    return namesWithin(element).map((name) => this.of(name).split("/"));
  }
}

const names = new Names();
const lastOf = (text) => text.slice(text.lastIndexOf("/") + 1);

function namesWithin(element) {
  return [...(element.matches(".name") ? [element] : []), ...element.querySelectorAll(".name")];
}

/** The namespaces, and of their objects those that have one of these names, by `namespace/name`. */
async function objects(tables, wanted) {
  const namespaces = new Set();
  const called = new Set();
  for (const table of tables.all.filter((table) => table.column("namespace"))) {
    const column = NAMED.map((name) => table.column(name)).find(Boolean);
    if (column && UNTOLD.includes(column.name)) continue;
    await table.open(["namespace", column?.name]);
    for (const namespace of table.values("namespace")) if (namespace) namespaces.add(namespace);
    const fits = column && table.chosen(column, (value) => wanted.has(lastOf(value)));
    const space = table.column("namespace");
    for (let row = 0; fits && row < table.rows; row++) {
      if (fits(row)) called.add(`${table.text(space, row)}/${lastOf(table.text(column, row))}`);
    }
  }
  return { namespaces, called };
}

/** What a name names: a namespace, or an object in it; in a namespace's own section, its objects. */
function aboutOf(element, { namespaces, called }) {
  const text = element.textContent;
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
  if (!about || element.querySelector("a")) return; // it leads to its section
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
