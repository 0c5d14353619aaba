/** The sheet of the first run: a button prints it. Without this script the browser's own menu does. */

const button = document.querySelector("[data-prints]");
button.hidden = false;
button.addEventListener("click", () => print());
