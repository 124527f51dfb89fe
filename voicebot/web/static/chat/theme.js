/** Light or dark, as the page or the visitor's system says. */

/**
 * Keep the `dark` attribute of an element up to date with its `theme` (light, dark, auto).
 * @param {HTMLElement & {theme: string}} element
 * @returns {() => void} stops following
 */
export function followTheme(element) {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => element.toggleAttribute("dark", element.theme === "dark" || (element.theme !== "light" && system.matches));
  apply();
  system.addEventListener("change", apply);
  return () => system.removeEventListener("change", apply);
}
