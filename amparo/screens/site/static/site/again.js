/** Sending a form adds a history entry. Put the cover's address into the entry of this page first. */

document.addEventListener("submit", () => history.replaceState(null, "", "/cover"));
