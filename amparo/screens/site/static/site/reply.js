/** A link ends in its secret behind "#", which no server and no preview is sent. It goes into the field, and out of the address. */

const field = document.querySelector("#secret");
const secret = decodeURIComponent(location.hash.slice(1));

if (secret) history.replaceState(null, "", location.pathname + location.search);
if (field && secret) field.value = secret;
