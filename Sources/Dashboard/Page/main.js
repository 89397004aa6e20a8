// The frame around the pages: navigation, theme, key, and whether the server answers.

import { session } from "./api.js";
import { element, say } from "./dom.js";
import { feed } from "./feed.js";
import { age, bytes, count, short } from "./figures.js";
import { pages } from "./pages.js";
import { address, find as route } from "./router.js";

const find = (id) => document.getElementById(id);

// Pages.

let shown = null;

function show() {
  const { page, parameters, query } = route(pages, location.hash);
  // The page itself is marked, or the one above it.
  const own = address(page.pattern, parameters);
  for (const link of find("pages").querySelectorAll("a")) {
    const target = link.getAttribute("href");
    if (own === target || own.startsWith(`${target}/`)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const whole = JSON.stringify([own, [...query]]);
  // A page that takes another question stays, and what has the focus with it.
  if (shown?.own === own && shown.change) return shown.change(query);
  if (shown?.whole === whole) return;
  const isFirst = shown === null;
  shown?.leave();
  const { node, leave, change } = page.make(parameters, query);
  shown = { own, whole, leave, change, isOpen: page.isOpen };
  document.title = `${typeof page.title === "string" ? page.title : page.title(parameters)} · Ridley`;
  find("content").replaceChildren(node);
  if (isFirst) return;
  scrollTo(0, 0);
  // What had the focus is gone with its page.
  if (document.activeElement === document.body) find("content").focus({ preventScroll: true });
}

const inNavigation = pages.filter(({ pattern }) => pattern.split("/").length === 2);
find("pages").append(
  ...inNavigation.map(({ pattern, title }) => element("li", {}, element("a", { href: address(pattern) }, title))));
addEventListener("hashchange", show);
// The fragment is the page's address, so the link over the navigation moves the focus itself.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  find("content").focus();
});

// Theme: as the system has it, or one of the two.

const themes = { system: "Theme: system", light: "Theme: light", dark: "Theme: dark" };

function theme(choice) {
  if (choice === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("ridley.theme");
  } else {
    document.documentElement.dataset.theme = choice;
    localStorage.setItem("ridley.theme", choice);
  }
  find("theme-button").textContent = themes[choice];
  find("theme-button").dataset.choice = choice;
}

theme(document.documentElement.dataset.theme ?? "system");
find("theme-button").addEventListener("click", (event) => {
  const names = Object.keys(themes);
  theme(names[(names.indexOf(event.currentTarget.dataset.choice) + 1) % names.length]);
});

// Key.

const dialog = find("key-dialog");

function openKey() {
  find("key-field").value = session.key ?? "";
  dialog.returnValue = "cancel";
  dialog.showModal();
}

function showKey() {
  find("key-button").textContent = session.client ? `Key: ${session.client}` : session.isKnown ? "Key: set" : "Key";
}

find("key-button").addEventListener("click", openKey);
dialog.addEventListener("close", async () => {
  const text = find("key-field").value.trim();
  find("key-field").value = "";
  if (dialog.returnValue === "use") await session.signIn(text);
  if (dialog.returnValue === "forget") await session.signOut();
});
session.addEventListener("change", () => {
  showKey();
  feed.hurry();
});
showKey();

// What the server says of itself, and what is in the way.

function facts(state, before) {
  const { cpuSeconds, residentBytes, openConnections } = state.process;
  const span = before ? state.uptime - before.uptime : 0;
  const busy = span > 0 ? `${short((cpuSeconds - before.process.cpuSeconds) / span)} cores busy` : null;
  return [`up ${age(state.uptime)}`, busy, bytes(residentBytes), count(openConnections, "connection")]
    .filter(Boolean).join(" · ");
}

function words(trouble) {
  const since = feed.newest ? ` What is shown is of ${new Date(feed.newest.seen).toLocaleTimeString()}.` : "";
  switch (trouble.status) {
    case 0: return [`${trouble.message} Trying again.${since}`];
    case 401:
      return [
        session.isKnown ? "The server does not take this key. "
          : session.hasEnded ? "The session has ended, or its key was revoked. " : "This server wants a key. ",
        element("button", { type: "button", onclick: openKey }, session.isKnown ? "Give another key" : "Give a key"),
      ];
    case 403: return [`The key may not see this: ${trouble.message}`];
    default: return [`${trouble.message}${since}`];
  }
}

let told = "";

feed.addEventListener("change", () => {
  const state = feed.newest, trouble = shown?.isOpen && feed.trouble?.status === 401 ? null : feed.trouble;
  document.body.classList.toggle("stale", Boolean(trouble));
  say(find("server"), state && !trouble ? facts(state, feed.before) : "");
  // Said once, not every second: this is read out.
  const line = trouble ? `${trouble.status} ${trouble.message} ${session.isKnown} ${session.hasEnded}` : "";
  if (line === told) return;
  told = line;
  find("notice").hidden = !trouble;
  find("notice").classList.toggle("trouble", Boolean(trouble));
  find("notice").replaceChildren(...(trouble ? words(trouble) : []));
});

await session.resume();
show();
feed.start();
