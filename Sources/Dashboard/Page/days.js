// Days and moments as this browser's clock has them. Moments are milliseconds since 1970.

const parts = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const long = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const two = (number) => String(number).padStart(2, "0");

/** `2026-11-29` of a moment. */
export function dayOf(moment) {
  const date = new Date(moment);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** From midnight to midnight, which is an hour more or less where clocks are changed; of today where the text is no day. */
export function day(text) {
  const asked = new Date(`${text}T00:00:00`);
  const from = Number.isNaN(asked.getTime()) ? new Date(`${dayOf(Date.now())}T00:00:00`) : asked;
  const to = new Date(from);
  to.setDate(to.getDate() + 1);
  return { name: dayOf(from), from: from.getTime(), to: to.getTime() };
}

/** The day so many days on. */
export function daysOn(name, number) {
  const date = new Date(`${name}T12:00:00`);
  date.setDate(date.getDate() + number);
  return dayOf(date);
}

export const wordsOfDay = (name) => long.format(new Date(`${name}T12:00:00`));
export const iso = (moment) => new Date(moment).toISOString();
/** `null` where a text is no moment. */
export function momentOf(text) {
  const moment = Date.parse(text ?? "");
  return Number.isNaN(moment) ? null : moment;
}

/** 20:15:02. */
export const hours = (moment) => parts.format(new Date(moment));

/** For a field of a day and a time of it. */
export function local(moment) {
  const date = new Date(moment);
  return `${dayOf(moment)}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
