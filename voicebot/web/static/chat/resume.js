/** A chat that begins elsewhere: the token comes behind the address, and is taken off it before anything else. */

const NAME = "resume";

/**
 * The resume token behind the page's address, once; the address bar and the history forget it at once.
 * @returns {string | null}
 */
export function takeResumeToken() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get(NAME);
  if (token === null) return null;
  given.delete(NAME);
  const rest = given.toString();
  history.replaceState(history.state, "", location.pathname + location.search + (rest && `#${rest}`));
  return token || null;
}
