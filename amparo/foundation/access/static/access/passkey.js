/** Passkeys: asks the browser for one, or to make one, and puts its answer into the form that wanted it. */

document.addEventListener("submit", async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.dataset.passkey || form.closest("dialog")) return;
  event.preventDefault();
  const credential = await answer(form);
  if (!credential) return;
  form.querySelector("[name=credential]").value = credential;
  form.submit();
});

/**
 * The browser's answer as JSON; empty after a failure, which the form then says in its own words.
 * @param {HTMLFormElement} form with data-passkey "get" or "create", data-options and data-failed
 */
export async function answer(form) {
  const says = form.querySelector(".says");
  says.textContent = "";
  try {
    const reply = await fetch(form.dataset.options, { headers: { Accept: "application/json" }, redirect: "manual" });
    if (!reply.ok) throw new Error("refused");
    const { publicKey } = await reply.json();
    return JSON.stringify(await (form.dataset.passkey === "create" ? create(publicKey) : get(publicKey)));
  } catch {
    says.textContent = form.dataset.failed; // given up, timed out, or a browser without passkeys: one sentence for all
    return "";
  }
}

async function get(wish) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(wish);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}

async function create(wish) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(wish);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}
