/** A link ends in its secret after "#", which browsers send to no server. Move it from the address into the field. */

const field = document.querySelector("#secret");
const secret = decodeURIComponent(location.hash.slice(1));

if (secret) history.replaceState(null, "", location.pathname + location.search);
if (field && secret) field.value = secret;
