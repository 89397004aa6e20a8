// Light or dark, before anything is drawn. A plain script: modules run too late for that.
"use strict";
(() => {
  const choice = localStorage.getItem("ridley.theme");
  if (choice === "light" || choice === "dark") document.documentElement.dataset.theme = choice;
})();
