// A whole table, fifty rows at a time. DataTables makes its head, order and pages; the rows it asks of us, as it
// would of a server, so that none is made before it is seen. Every cell is a node: it never reads HTML.

const PAGE = 50;
const LONG = 40;
const SENTENCES = ["severity", "message", "remediation", "told"];
const PARTS = { info: "_START_ to _END_ of _TOTAL_", infoEmpty: "", infoFiltered: "", emptyTable: "", zeroRecords: "No row." };

class Grid {
  #place;
  #table = null;
  #rows = null;
  #api = null;
  #columns = [];
  #quiet = false; // while it is we that change order and page

  constructor(place) {
    this.#place = place;
  }

  /** Shows a page of `rows` of `table` in the order of the column `sort`; `on` is told of another order or page. */
  async show(table, rows, { sort, page }, on) {
    await loadLibrary();
    this.#rows = table.sorted(rows, sort);
    this.#place.classList.toggle("one-page", rows.length <= PAGE);
    if (this.#table !== table) this.#begin(table, on);
    this.#quiet = true;
    this.#api.order(this.#order(sort)).page(page < Math.ceil(rows.length / PAGE) ? page : 0).draw(false);
    this.#quiet = false;
  }

  clear() {
    this.#api?.destroy();
    this.#place.replaceChildren();
    this.#api = this.#table = null;
  }

  #begin(table, on) {
    this.clear();
    this.#table = table;
    this.#columns = inOrder(table).filter((column) => !isConstant(table, column));
    const heads = this.#columns.map((column) => make("th", { scope: "col" }, column.name.replaceAll("_", " ")));
    const caption = make("caption", { class: "spoken" }, `${table.title}: ${table.description}`);
    const element = make("table", {}, caption, make("thead", {}, make("tr", {}, ...heads)));
    this.#place.append(element);
    this.#place.setAttribute("aria-label", table.title);
    this.#api = new DataTable(element, {
      serverSide: true,
      deferLoading: 0,
      ajax: (asked, answer) => answer(this.#answer(asked)),
      columns: this.#columns.map((column) => ({
        data: null,
        className: ["integer", "number"].includes(column.type) ? "number" : column.type,
        render: (_, purpose, { row }) => (purpose === "display" ? cell(table, column, row) : table.text(column, row)),
      })),
      order: [],
      orderMulti: false,
      searching: false,
      lengthChange: false,
      pageLength: PAGE,
      autoWidth: false,
      language: PARTS,
      formatNumber: number,
      layout: { topStart: null, topEnd: null, bottomStart: "info", bottomEnd: "paging" },
    });
    this.#api.on("order", () => this.#quiet || on({ sort: this.#sorted(), page: "" }));
    this.#api.on("page", () => this.#quiet || on({ page: String(this.#api.page() || "") }));
  }

  /** The order by a column's name as DataTables has it, and back. */
  #order(sort) {
    const place = this.#columns.findIndex((column) => column.name === sort.replace(/^-/, ""));
    return place < 0 ? [] : [[place, sort.startsWith("-") ? "desc" : "asc"]];
  }

  #sorted() {
    const [[place, direction] = []] = this.#api.order();
    if (place === undefined || !direction) return "";
    return (direction === "desc" ? "-" : "") + this.#columns[place].name;
  }

  #answer({ draw, start, length, order }) {
    const data = Array.from(this.#rows.subarray(start, start + length), (row) => ({ row }));
    return { draw, recordsTotal: this.#table.rows, recordsFiltered: this.#rows.length, data };
  }
}

/** The columns of a table; of one that has sentences, these first: they name what the others have singly. */
function inOrder(table) {
  const first = table.column("message") ? SENTENCES.map((name) => table.column(name)).filter(Boolean) : [];
  return [...first, ...table.columns.filter((column) => !first.includes(column))];
}

/** Whether all rows of a table have the same in a column; of an only row every column is told. */
function isConstant(table, column) {
  return table.rows > 1 && column.cells.every((cell) => cell === column.cells[0]);
}

function cell(table, column, row) {
  const text = table.text(column, row);
  if (!text) return document.createTextNode("");
  if (column.name === "severity") return make("span", { class: `severity ${GRAVITY.includes(text) ? text : ""}` }, shownText(text));
  if (column.name === "told" && document.getElementById(text)) return make("a", { href: `#${text}` }, "in the report");
  if (text.includes("\n")) return unfolded(text);
  const about = aboutCell(table, column, row, text);
  if (about) return make("a", { class: "filter", href: hrefAbout(about) }, shownText(text));
  const inside = column.type === "text" ? sentence(table, row, text) : [shownText(text)];
  return make("bdi", { class: text.length > LONG ? "long" : "" }, ...inside);
}

/** A sentence, in which the name of what it is about is a link. */
function sentence(table, row, text) {
  const [namespace, name] = ["namespace", "name"].map((column) => table.column(column) && table.text(table.column(column), row));
  const called = namespace && name && namespace !== name ? `${namespace}/${name}` : namespace;
  const place = called ? text.indexOf(called) : -1;
  if (place < 0) return [shownText(text)];
  const link = make("a", { class: "filter", href: hrefAbout(called) }, shownText(called));
  return [shownText(text.slice(0, place)), link, shownText(text.slice(place + called.length))];
}

function aboutCell(table, column, row, text) {
  const namespace = table.column("namespace");
  if (!namespace || !table.text(namespace, row)) return "";
  if (column === namespace) return text;
  return NAMED.includes(column.name) ? `${table.text(namespace, row)}/${lastOf(text)}` : "";
}

/** Several lines, as of a manifest, behind their first. */
function unfolded(text) {
  const lines = text.replace(/\n$/, "").split("\n");
  const pre = make("pre", { tabindex: "0" });
  for (const line of lines) pre.append(shownText(line.replaceAll("\t", "  ")), "\n");
  const summary = make("summary", {}, `Show ${counted(lines.length, "line")}`);
  return make("details", { class: "manifest" }, summary, copyButton(() => text), pre);
}

/** Runs DataTables, which lies in the page packed; the page's policy has its hash. */
async function loadLibrary() {
  if (globalThis.DataTable) return;
  const packed = document.getElementById("_library");
  if (!packed) return;
  const script = make("script", {}, await unpacked(packed.textContent.trim()));
  document.head.append(script);
  script.remove();
}
