/** Functions of draft.js that use the page and the network. */

const LARGEST_KEEPALIVE = 30_000; // bytes; browsers let 64 kB outlive a page, over all requests together
const PATIENCE = 10_000; // ms
const GRACE = 1500; // ms for the previous page load of this tab to release its lock

/**
 * Post JSON. Returns [0, null] if there is no usable answer.
 * @param {string} url @param {object} body @returns {Promise<[number, any]>}
 */
export async function post(url, body) {
  const text = JSON.stringify(body);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": document.body.dataset.csrf ?? "" },
      body: text,
      redirect: "manual", // a sign-in page is not an acknowledgement
      keepalive: new Blob([text]).size < LARGEST_KEEPALIVE,
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.type === "opaqueredirect") return [302, null];
    const is_json = response.headers.get("Content-Type")?.startsWith("application/json");
    return [response.status, is_json ? await response.json() : null];
  } catch {
    return [0, null];
  }
}

/**
 * Lock this draft key and return whether no other open tab uses it. Duplicating a tab copies its sessionStorage.
 * @param {string} key @returns {Promise<boolean>}
 */
export function alone(key) {
  return new Promise((resolve) => {
    const hold = () => { resolve(true); return new Promise(() => {}); };
    if (!navigator.locks) return resolve(true);
    return navigator.locks.request(`draft ${key}`, { signal: AbortSignal.timeout(GRACE) }, hold).catch(() => resolve(false));
  });
}

/** Return the text of a field, as the server writes it. @param {HTMLFormElement} form @param {string} name */
export function read(form, name) {
  const field = form.elements[name];
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked ? "yes" : "";
  return field?.value ?? "";
}

/** Set the text of a field, without an event. @param {HTMLFormElement} form @param {string} name @param {string} text */
export function write(form, name, text) {
  const field = form.elements[name];
  if (!field) return;
  if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = text === "yes";
  else if (field instanceof RadioNodeList) for (const option of field) option.checked = option.value === text;
  else field.value = text;
}

/** Return the fields that were changed before the script ran. @param {HTMLFormElement} form */
export function typed(form) {
  return [...new Set([...form.elements].filter(differs).map((field) => field.name))].filter(Boolean);
}

/** @param {any} field an input, a textarea or a list; buttons never differ */
function differs(field) {
  if (field instanceof HTMLSelectElement) {
    const written = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(written, 0);
  }
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
}

/** Return the text that a field shows to the user. @param {HTMLFormElement} form @param {string} name */
export function label(form, name) {
  const field = form.elements[name];
  if (field instanceof HTMLSelectElement) return field.value && field.selectedOptions[0].label;
  const chosen = form.querySelector(`[name="${name}"]:checked`);
  return field instanceof RadioNodeList ? (chosen?.closest("label")?.textContent ?? "").trim() : read(form, name);
}
