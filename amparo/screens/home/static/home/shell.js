/** The menus of the bar close when something in them was chosen; and the theme changes without a reload. */

document.addEventListener("click", ({ target }) => target.closest("a, .menu-list button")?.closest(".menu-list")?.hidePopover());
for (const choice of document.querySelectorAll("[data-theme-choice]")) choice.addEventListener("click", choose);

/** @param {MouseEvent} event */
function choose(event) {
  event.preventDefault();
  const choice = event.currentTarget;
  const theme = choice.dataset.themeChoice;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const each of choice.parentElement.children) each.removeAttribute("aria-current");
  choice.setAttribute("aria-current", "true");
  fetch(choice.href).catch(() => null); // without a network the theme lasts until the page is left
}
