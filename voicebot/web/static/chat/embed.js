/**
 * Puts the chat into any page:
 *   <script src="https://voicebot.example/widget.js" data-tenant="shop" data-lang="ja" async></script>
 * data-lang: language of the page when absent; data-remember="true": keep the chat after the tab is closed;
 * data-theme: light, dark, or the visitor's own setting when absent; data-side: left or right (default);
 * data-resume: token of a conversation to go on with.
 */
(() => {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  const { tenant, lang, remember, theme, side, resume } = script.dataset;
  if (!tenant) {
    console.error('voicebot: set data-tenant on the widget\'s script, for example data-tenant="shop".');
    return;
  }
  const server = new URL(script.src).origin;
  const place = () => {
    const launcher = document.createElement("voicebot-launcher");
    launcher.setAttribute("tenant", tenant);
    launcher.setAttribute("lang", lang || document.documentElement.lang || navigator.language);
    launcher.setAttribute("server", server);
    if (remember === "true") launcher.setAttribute("remember", "");
    if (theme) launcher.setAttribute("theme", theme);
    if (resume) launcher.setAttribute("resume", resume);
    if (side) launcher.setAttribute("side", side);
    document.body.append(launcher);
  };
  import(`${server}/static/chat/launcher.js`).then(
    () => (document.body ? place() : document.addEventListener("DOMContentLoaded", place, { once: true })),
    (error) => console.error("voicebot: the chat could not be loaded.", error),
  );
})();
