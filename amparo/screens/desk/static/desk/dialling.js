/** A telephone number of the directory, pressed during a call, stands ready in the form that calls somebody into it. */

/** @param {any} event of a click, here or in a frame */
export function prepare(event) {
  const link = event.target.closest("a[href^='tel:']");
  const number = document.querySelector("#third-number");
  if (!link || !number || event.defaultPrevented) return;
  event.preventDefault();
  number.value = decodeURIComponent(link.getAttribute("href").slice("tel:".length));
  document.querySelector("#colleagues").showPopover();
  document.querySelector("#third-role").focus();
}
