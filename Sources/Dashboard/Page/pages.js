// The pages of the dashboard. A page joins by a line here: its pattern, its title, and what makes it.

import { asset } from "./asset.js";
import { catalogue } from "./catalogue.js";
import { compare } from "./compare.js";
import { deliveries } from "./deliveries.js";
import { event } from "./event.js";
import { events } from "./events.js";
import { fleet } from "./fleet.js";
import { job } from "./job.js";
import { jobs } from "./jobs.js";
import { live } from "./live.js";
import { library } from "./library.js";
import { models } from "./models.js";
import { node } from "./node.js";
import { recording } from "./recording.js";
import { recordings } from "./recordings.js";
import { rollout } from "./rollout.js";
import { search } from "./search.js";
import { shared } from "./shared.js";
import { start } from "./start.js";
import { stream } from "./stream.js";
import { totals } from "./totals.js";
import { trial } from "./trial.js";
import { trials } from "./trials.js";

/**
 * `title` is a text, or makes one of the parameters; pages of one word stand in the navigation.
 * `make(parameters, query)` gives the element to show and `leave()`, which is called when another page is shown; with
 * `change(query)` it stays where only what stands behind the question mark becomes another. One that `isOpen` needs no key.
 */
export const pages = [
  { pattern: "/models", title: "Models", make: models },
  { pattern: "/models/:name", title: ({ name }) => name, make: models },
  { pattern: "/models/:name/rollout", title: ({ name }) => `Roll-out of ${name}`, make: rollout },
  { pattern: "/models/:name/trials", title: ({ name }) => `Trials of ${name}`, make: trials },
  { pattern: "/models/:name/trials/:id", title: ({ name }) => `Trial of ${name}`, make: trial },
  { pattern: "/search", title: "Search", make: search },
  { pattern: "/shared/:token", title: "Shared search", make: shared, isOpen: true },
  { pattern: "/live", title: "Live", make: live },
  { pattern: "/live/:name", title: ({ name }) => name, make: stream },
  { pattern: "/events", title: "Events", make: events },
  { pattern: "/events/:id", title: "Event", make: event },
  { pattern: "/recordings", title: "Recordings", make: recordings },
  { pattern: "/recordings/:name", title: ({ name }) => `${name} · Recordings`, make: recording },
  { pattern: "/deliveries", title: "Deliveries", make: deliveries },
  { pattern: "/fleet", title: "Fleet", make: fleet },
  { pattern: "/fleet/:name", title: ({ name }) => `${name} · Fleet`, make: node },
  { pattern: "/library", title: "Library", make: library },
  { pattern: "/library/:id", title: "Asset", make: asset },
  { pattern: "/compare/:a/:b", title: "Two films", make: compare },
  { pattern: "/catalogue", title: "Catalogue", make: catalogue },
  { pattern: "/jobs", title: "Jobs", make: jobs },
  { pattern: "/jobs/new", title: "Start a job", make: start },
  { pattern: "/jobs/:id", title: "Job", make: job },
  { pattern: "/totals", title: "Totals", make: totals },
];
