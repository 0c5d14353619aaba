/** A key that a button shows moves the cursor to it, while no text is being typed; Enter then presses it. A button says its
 * key as `data-focus-key`. */

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat || event.defaultPrevented) return;
  if (event.target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select")) return;
  const target = document.querySelector(`[data-focus-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!target) return;
  event.preventDefault();
  target.focus();
});
