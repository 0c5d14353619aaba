/** What is sent takes a new place in the history: the page it is sent from leaves the cover's address in its own. */

document.addEventListener("submit", () => history.replaceState(null, "", "/cover"));
