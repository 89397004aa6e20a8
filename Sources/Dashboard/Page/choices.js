// Fields of a form: labels over them, and lists to choose from that change while a choice stays.

import { element } from "./dom.js";

export const labelled = (text, field) => element("label", { class: "field", for: field.id }, element("span", {}, text), field);

/** Chooses; what is not offered yet is a choice all the same. */
export function choose(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.append(element("option", { value }, value));
  select.value = value;
}

/** Offers values, each with its text, in place of those that were. */
export function offer(select, list) {
  const line = JSON.stringify(list);
  if (select.dataset.line === line) return;
  select.dataset.line = line;
  const value = select.value;
  select.replaceChildren(...list.map(([one, text]) => element("option", { value: one }, text)));
  if (value) choose(select, value);
}
