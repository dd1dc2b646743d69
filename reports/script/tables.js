// The whole tables. They lie in the page as reports/packing.py has packed them: one list of strings that all
// have in common, and for each column numbers, most of them places in that list.

const MARK = 0xe000;
const MARKS = /[\ue000-\ue0ff]/g;
// Columns that mean the same in every table: what an object is called, and where it lies.
const NAMED = ["name", "workload", "pod", "policy", "service", "object"];
const NAMED_LISTS = ["policies"];
const GRAVITY = ["critical", "high", "medium", "low"];
const UNKNOWN = "";

class Tables {
  #strings;
  #owners;
  #hits = new Map();

  constructor(packed) {
    this.#strings = new Array(packed.strings); // empty until they are needed
    this.#owners = packed.tables.flatMap((table) => table.columns).filter((column) => column.strings);
    this.#owners.sort((one, other) => one.place - other.place);
    this.all = packed.tables.map((table) => new Table(this, table));
    this.leftOut = packed.left_out;
  }

  get(name) {
    return this.all.find((table) => table.name === name);
  }

  /** Unpacks the strings at these places, and those that are packed together with them. */
  async unpack(places) {
    const needed = new Set();
    for (const place of places) if (this.#strings[place] === undefined) needed.add(this.#owner(place));
    for (const column of needed) await (column.read ??= this.#read(column));
  }

  async #read(column) {
    const strings = await unpacked(column.strings);
    strings.forEach((string, i) => (this.#strings[column.place + i] = string));
    column.strings = "";
    this.#hits.clear();
  }

  /** The column that the string at a place is packed with. */
  #owner(place) {
    let [low, high] = [0, this.#owners.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#owners[middle].place <= place) low = middle;
      else high = middle;
    }
    return this.#owners[low];
  }

  string(place) {
    return this.#strings[place];
  }

  get size() {
    return this.#strings.length;
  }

  /** For each string whether `word` is in it. */
  hits(word) {
    if (!this.#hits.has(word)) {
      if (this.#hits.size > 8) this.#hits.clear();
      this.#hits.set(word, this.#chosen(containing(word)));
    }
    return this.#hits.get(word);
  }

  /** For each string that is unpacked whether `test` holds. */
  #chosen(test) {
    return Uint8Array.from(this.#strings, (string) => (string !== undefined && test(string) ? 1 : 0));
  }
}

class Table {
  #tables;
  #ranks = new Map();

  constructor(tables, packed) {
    this.#tables = tables;
    this.name = packed.name;
    this.title = capital(packed.name.replaceAll("_", " "));
    this.description = packed.description;
    this.rows = packed.rows;
    this.without = packed.without;
    this.columns = packed.columns;
  }

  column(name) {
    return this.columns.find((column) => column.name === name);
  }

  /** Unpacks columns of these names, or all, one by one: much of what that takes is needed only meanwhile. */
  async open(names) {
    const wanted = this.columns.filter((column) => !names || names.includes(column.name));
    for (const column of wanted) await (column.opened ??= this.#unpack(column));
    return this;
  }

  async #unpack(column) {
    const cells = await unpacked(column.values);
    column.values = "";
    column.cells = isText(column) ? places(cells, this.rows) : filled(cells, this.rows);
    if (isText(column)) await this.#tables.unpack(column.cells);
  }

  /** A cell as text; what is unknown is empty. */
  text(column, row) {
    if (!isText(column)) return String(column.cells[row] ?? UNKNOWN);
    const text = this.#tables.string(column.cells[row]);
    return column.marks ? text.replace(MARKS, (mark) => this.text(this.columns[mark.charCodeAt(0) - MARK], row)) : text;
  }

  /** Whether the table can be filtered by all that `state` asks for. */
  knows(state) {
    const columns = ["severity", ...EQUAL].filter((field) => state[field]);
    if (state.about) columns.push("namespace");
    return columns.every((name) => this.column(name)) && (!state.about || NAMED.some((name) => this.column(name)));
  }

  /** The rows that meet all filters of `state` but the field `save`. */
  found(state, save = "") {
    let rows = Int32Array.from({ length: this.rows }, (_, row) => row);
    const keep = (test) => (rows = rows.filter(test));
    for (const field of ["severity", ...EQUAL]) {
      const wanted = field === "severity" ? listed(state[field]) : [state[field]].filter(Boolean);
      if (wanted.length && field !== save) keep(this.chosen(this.column(field), (string) => wanted.includes(string)));
    }
    if (state.about) keep(this.#about(state.about));
    for (const word of wordsOf(state.words)) keep(this.#containing(word));
    return rows;
  }

  /** `rows` in the order of a column, downwards if its name has a minus before it. */
  sorted(rows, by) {
    const column = this.column(by.replace(/^-/, ""));
    if (!column) return rows;
    const sign = by.startsWith("-") ? -1 : 1;
    const rank = this.#rank(column);
    return rows.slice().sort((one, other) => sign * (rank(one) - rank(other)) || one - other);
  }

  /** How many of `rows` have each value of a column. */
  counts(name, rows) {
    const column = this.column(name);
    const counts = new Map();
    if (!column) return counts;
    for (const row of rows) counts.set(column.cells[row], (counts.get(column.cells[row]) ?? 0) + 1);
    return new Map([...counts].map(([place, count]) => [this.#tables.string(place), count]));
  }

  /** The different values of a column of strings. */
  values(name) {
    const column = this.column(name);
    return column ? [...new Set(column.cells)].map((place) => this.#tables.string(place)) : [];
  }

  /** A test for rows: whether `test` holds for the string in a column, of which each is asked once. */
  chosen(column, test) {
    const chosen = new Uint8Array(this.#tables.size);
    for (const place of new Set(column.cells)) if (test(this.#tables.string(place))) chosen[place] = 1;
    return (row) => chosen[column.cells[row]] === 1;
  }

  /** Rows about an object: `namespace/name`, whatever its kind, or one that names it in a list. */
  #about(called) {
    const [namespace, ...rest] = called.split("/");
    const name = rest.join("/");
    const inside = this.chosen(this.column("namespace"), (string) => string === namespace);
    const isName = (string) => string === name || string.endsWith(`/${name}`);
    const inList = (string) => string.split(",").some(isName);
    const columns = [...NAMED, ...NAMED_LISTS].map((name) => this.column(name)).filter(Boolean);
    const tests = columns.map((column) => this.chosen(column, NAMED.includes(column.name) ? isName : inList));
    return (row) => inside(row) && tests.some((test) => test(row));
  }

  /** Rows with `word` in a cell, or with `namespace/name` where it has a slash. */
  #containing(word) {
    const hits = this.#tables.hits(word);
    const has = containing(word);
    const strings = this.columns.filter(isText);
    // A name that a mark stands for has a column of its own, but what only begins in it has none.
    const marked = /[^a-z0-9]/.test(word) ? strings.filter((column) => column.marks) : [];
    const others = this.columns.filter((column) => !isText(column) && column.type !== "boolean");
    const [namespace, name] = word.split("/");
    const about = name && this.column("namespace") && this.#about(word);
    return (row) =>
      strings.some((column) => hits[column.cells[row]]) ||
      others.some((column) => String(column.cells[row] ?? UNKNOWN) === word) ||
      marked.some((column) => has(this.text(column, row))) ||
      (about && namespace && about(row));
  }

  /** What tells where a row stands in the order of a column. */
  #rank(column) {
    if (!isText(column)) return (row) => Number(column.cells[row] ?? -1);
    if (!this.#ranks.has(column.name)) {
      const used = [...new Set(column.cells)];
      const key = (place) => this.#tables.string(place);
      const order = column.name === "severity" ? (place) => GRAVITY.indexOf(key(place)) : key;
      const keys = new Map(used.map((place) => [place, order(place)]));
      used.sort((one, other) => (keys.get(one) < keys.get(other) ? -1 : 1));
      const ranks = new Int32Array(this.#tables.size);
      used.forEach((place, rank) => (ranks[place] = rank));
      this.#ranks.set(column.name, ranks);
    }
    const ranks = this.#ranks.get(column.name);
    return (row) => ranks[column.cells[row]];
  }
}

const isText = (column) => column.type === "string" || column.type === "text";
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** A test for `word` in a text, small and capital letters alike. */
function containing(word) {
  const pattern = new RegExp(word.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"), "i");
  return (text) => pattern.test(text);
}

/** The places that the steps lead to; steps that are not written are like the last. */
function places(steps, rows) {
  const found = new Int32Array(rows);
  for (let row = 0, place = 0; row < rows; row++) found[row] = place += steps[Math.min(row, steps.length - 1)];
  return found;
}

/** The cells, with those that are not written: they are like the last. */
function filled(cells, rows) {
  return cells.concat(new Array(rows - cells.length).fill(cells.at(-1)));
}

/** What base64 of compressed JSON holds. */
async function unpacked(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  writer.write(bytes);
  writer.close();
  const decoder = new TextDecoder();
  const parts = [];
  const reader = stream.readable.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(decoder.decode(part.value, { stream: true }));
  }
  return JSON.parse(parts.join("") + decoder.decode());
}
