/** Reading and changing one place of an item without touching the rest. Empty places disappear. */

/** @param {any} value @param {(string | number)[]} path */
export function at(value, path) {
  return path.reduce((held, key) => (held === undefined || held === null ? undefined : held[key]), value);
}

/** @param {any} value @param {(string | number)[]} path @param {any} fresh @returns {any} */
export function changed(value, path, fresh) {
  if (!path.length) return fresh;
  const [key, ...rest] = path;
  if (Array.isArray(value)) return value.map((one, index) => (index === key ? changed(one, rest, fresh) : one));
  const inner = changed(value?.[key], rest, fresh);
  const copy = { ...(value ?? {}) };
  if (empty(inner)) delete copy[key];
  else copy[key] = inner;
  return copy;
}

/** @param {any} value */
function empty(value) {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Pairs as lines `name=value`. @param {Record<string, string> | undefined} pairs */
export function asLines(pairs) {
  return Object.entries(pairs ?? {}).map(([name, value]) => `${name}=${value}`);
}

/** @param {string[]} lines */
export function asPairs(lines) {
  return Object.fromEntries(lines.map((line) => {
    const [name, ...value] = line.split("=");
    return [name.trim(), value.join("=").trim() || "*"];
  }));
}
