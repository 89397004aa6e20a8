// Which page an address is for. Addresses are fragments (`#/models/a?x=1`); a pattern has segments, of which `:name` takes any one.

const split = (path) => path.split("/").filter((segment) => segment !== "");

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** The parameters of a path under a pattern, decoded; `null` where it does not fit. */
export function match(pattern, path) {
  const [wanted, given] = [split(pattern), split(path).map(decoded)];
  if (wanted.length !== given.length || given.includes(null)) return null;
  const parameters = {};
  for (const [index, segment] of wanted.entries()) {
    if (segment.startsWith(":")) parameters[segment.slice(1)] = given[index];
    else if (segment !== given[index]) return null;
  }
  return parameters;
}

/** `{page, parameters, query}` for an address; a page whose literals stand further in front goes first, and an address of none is the first page's. */
export function find(pages, address) {
  const [path, query = ""] = address.replace(/^#/, "").split(/\?(.*)/s, 2);
  const rank = ({ pattern }) => split(pattern).map((segment) => (segment.startsWith(":") ? 1 : 0)).join("");
  const found = pages.map((page) => ({ page, parameters: match(page.pattern, path) })).filter(({ parameters }) => parameters)
    .sort((a, b) => (rank(a.page) < rank(b.page) ? -1 : rank(a.page) > rank(b.page) ? 1 : 0))[0];
  return { ...(found ?? { page: pages[0], parameters: {} }), query: new URLSearchParams(query) };
}

/** The address of a pattern with its parameters filled in. */
export function address(pattern, parameters = {}) {
  return `#/${split(pattern).map((segment) => (segment.startsWith(":") ? encodeURIComponent(parameters[segment.slice(1)]) : segment)).join("/")}`;
}
