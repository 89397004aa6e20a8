// From counters that only grow to what happened lately, and numbers as people read them. No document here.

/** What was counted between two states of a histogram; `null` where they cannot be compared. */
export function between(before, after) {
  if (!before || !after || before.length !== after.length) return null;
  const counts = after.map((count, index) => count - before[index]);
  return counts.some((count) => count < 0) ? null : counts;
}

export const total = (counts) => counts.reduce((sum, count) => sum + count, 0);

/**
 * The value below which a share of what was counted lies, from counts between upper bounds.
 * Within a bucket values count as evenly spread. `{value, isOver}`: it lies above the last bound.
 */
export function quantile(bounds, counts, share) {
  const wanted = total(counts) * share;
  if (wanted === 0) return null;
  let seen = 0;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && seen + count >= wanted) {
      if (index >= bounds.length) return { value: bounds[bounds.length - 1], isOver: true };
      const low = index === 0 ? 0 : bounds[index - 1];
      return { value: low + (bounds[index] - low) * ((wanted - seen) / count), isOver: false };
    }
    seen += count;
  }
  return null;
}

/** Three digits that say something: 0.42, 3.71, 41.2, 1 204. */
export function short(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 99.95) return group(Math.round(value));
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

/** Whole numbers, thousands set apart by a narrow space that does not break. */
export function group(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** Seconds in the unit that fits: 840 µs, 8.4 ms, 1.2 s. */
export function span(seconds) {
  if (seconds < 0.0009995) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (seconds < 0.9995) return `${trim((seconds * 1000).toPrecision(3))} ms`;
  return `${trim(seconds.toPrecision(seconds < 100 ? 3 : 4))} s`;
}

const trim = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** How long something runs already: 12 s, 4 min, 3 h 20 min, 12 d 4 h. */
export function age(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

export function bytes(count) {
  if (count < 1e6) return `${short(count / 1e3)} kB`;
  return count < 1e9 ? `${short(count / 1e6)} MB` : `${short(count / 1e9)} GB`;
}

/** 1 request, 2 requests. */
export const count = (number, word) => `${group(number)} ${word}${number === 1 ? "" : "s"}`;

/** Where a moment of a film is, and how long one is: 0:07, 1:23.4 with a digit, 1:02:03. */
export function clock(seconds, digits = 0) {
  const unit = 10 ** digits;
  const whole = Math.round(Math.max(0, seconds) * unit);
  const [rest, minutes] = [whole % (60 * unit), Math.floor(whole / (60 * unit))];
  const tail = (rest / unit).toFixed(digits).padStart(digits > 0 ? 3 + digits : 2, "0");
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
}
