// Names come from people who may want to script the page: whatever a table holds becomes text, never markup.

const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const BREAKS = /(?<=[/-])(?=[^/.-])|(?<=\.)(?=[^/.-].{4})|(?<=[a-z0-9])(?=[A-Z])/u;
const LONGEST = 4000;

/** An element with text or elements in it. */
function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

/** `text` as it is read: what prints nothing is shown by its number, and names may break. */
function shownText(text) {
  const bounded =
    text.length > LONGEST + 100
      ? `${text.slice(0, LONGEST)}… and ${number(text.length - LONGEST)} more characters`
      : text;
  const fragment = document.createDocumentFragment();
  for (const [i, part] of bounded.replace(/[\t\n\r]/g, " ").split(BREAKS).entries()) {
    if (i) fragment.append(document.createElement("wbr"));
    if (UNSEEN.test(part)) fragment.append(...[...part].map(shownCharacter));
    else fragment.append(part);
  }
  return fragment;
}

function shownCharacter(character) {
  if (!UNSEEN.test(character)) return character;
  const point = character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return make("span", { class: "codepoint" }, `U+${point}`);
}

const number = (count) => count.toLocaleString(document.documentElement.dataset.numbers);
const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
