/** Articles are filtered while somebody types. The words are posted, so that no address and no log has them. */

const PAUSE = 200; // ms without a key before the server is asked

const field = document.querySelector("[data-filter]");
const found = document.querySelector("#found");
let timer = 0;
let drawn = "";

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(filter, PAUSE);
});
field.form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  filter();
});

async function filter() {
  const typed = field.value;
  const body = new URLSearchParams(new FormData(field.form));
  const answer = await fetch(location.pathname, { method: "POST", body, redirect: "manual" }).catch(() => null);
  const html = answer?.status === 200 ? await answer.text() : drawn;
  if (html === drawn || typed !== field.value) return; // the same stays, with the cursor on it
  drawn = html;
  found.innerHTML = html;
}
