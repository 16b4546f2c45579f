// Runs before the first paint, as a file because the content policy forbids inline scripts:
// the stored theme, text size and language apply at once, so nothing flashes or moves.
try {
  const root = document.documentElement;
  const theme = localStorage.getItem("es.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const size = localStorage.getItem("es.text-size");
  if (size) root.dataset.textSize = size;
  const language = localStorage.getItem("es.locale") ?? navigator.language.slice(0, 2);
  root.lang = language === "fr" ? "fr" : "en";
} catch {
  // Storage can be refused by the browser; the defaults are fine.
}
