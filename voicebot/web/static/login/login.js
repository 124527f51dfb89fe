// @ts-check
/** What the login page does beyond a plain form: shows the password on request, and says errors aloud. */

const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
const show = /** @type {HTMLInputElement} */ (document.getElementById("show"));
const problem = /** @type {HTMLElement} */ (document.getElementById("problem"));
const secrets = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=password]"));

/** @param {boolean} visible */
function reveal(visible) {
  for (const field of secrets) field.type = visible ? "text" : "password";
}

const row = show.closest("p");
if (row) row.hidden = false;
show.addEventListener("change", () => reveal(show.checked));
form.addEventListener("submit", () => reveal(false));
window.addEventListener("pageshow", () => {
  show.checked = false;
  reveal(false);
});

// A live region speaks when its content changes after the page has loaded, not for what was there from the start.
const said = [...problem.childNodes];
if (said.length) {
  problem.replaceChildren();
  window.setTimeout(() => problem.replaceChildren(...said), 100);
}
