// The pages of the dashboard. A page joins by a line here: an address, a title, and what makes it.

import { models } from "./models.js";

/** `make()` gives the element to show and `leave()`, which is called when another page is shown. */
export const pages = [{ address: "#/models", title: "Models", make: models }];
