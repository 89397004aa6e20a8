// The pages of the dashboard. A page joins by a line here: its pattern, its title, and what makes it.

import { asset } from "./asset.js";
import { library } from "./library.js";
import { models } from "./models.js";
import { totals } from "./totals.js";

/**
 * `title` is a text, or makes one of the parameters; pages without parameters stand in the navigation.
 * `make(parameters, query)` gives the element to show and `leave()`, which is called when another page is shown; with
 * `change(query)` it stays where only what stands behind the question mark becomes another.
 */
export const pages = [
  { pattern: "/models", title: "Models", make: models },
  { pattern: "/models/:name", title: ({ name }) => name, make: models },
  { pattern: "/library", title: "Library", make: library },
  { pattern: "/library/:id", title: "Asset", make: asset },
  { pattern: "/totals", title: "Totals", make: totals },
];
