// A form whose answer takes longer than a second says so at once, and is not sent twice.
for (const form of document.querySelectorAll("form[data-slow]")) {
  const sentence = form.querySelector("[data-while]");
  form.addEventListener("submit", () => {
    sentence.hidden = false;
    form.querySelector("[type=submit]").disabled = true;
  });
  addEventListener("pageshow", () => { // also when somebody comes back to it
    sentence.hidden = true;
    form.querySelector("[type=submit]").disabled = false;
  });
}
