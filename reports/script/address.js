// What is shown stands in the address, so that a link shows what its sender saw:
// report.html#ANCHOR?severity=critical,high&namespace=shop. There is no other state but the colours.

const EQUAL = ["status", "check", "namespace", "since"]; // filters that are a value of the column of that name
const FILTERS = ["words", "severity", ...EQUAL, "about"];
const FIELDS = [...FILTERS, "table", "sort", "page", "closed"];

/** The address as an object: `at` is the anchor, every field a string, empty where nothing is chosen. */
function readAddress() {
  const hash = location.hash.slice(1);
  const [anchor, ...query] = hash.split("?");
  const given = new URLSearchParams(query.join("?"));
  const state = { at: unescaped(anchor) };
  for (const field of FIELDS) state[field] = given.get(field) ?? "";
  return state;
}

/** The address of `state`, from the # on; commas and slashes stay readable. */
function addressOf(state) {
  const query = new URLSearchParams();
  for (const field of FIELDS) if (state[field]) query.set(field, state[field]);
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
  return `#${encodeURIComponent(state.at)}${text && "?"}${text}`;
}

/** Change some fields; other rows begin at their first page. Back undoes it, unless it is a small step, as typing is. */
function go(changes, { replace = false } = {}) {
  const address = addressOf({ ...readAddress(), at: "", page: "", ...changes });
  history[replace ? "replaceState" : "pushState"](null, "", address);
  show(readAddress());
}

function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // somebody else's percent signs
  }
}

const isFiltered = (state) => FILTERS.some((field) => state[field]);
const listed = (text) => text.split(",").filter(Boolean);
const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

/** `value` in a list that is written with commas, or taken out of it. */
function toggled(list, value) {
  const values = listed(list);
  return (values.includes(value) ? values.filter((each) => each !== value) : [...values, value]).join(",");
}
