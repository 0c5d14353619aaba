/** Suggests places while the user types in a place field of the person's page. */
import { suggest } from "../core/places.js";

for (const field of document.querySelectorAll("input[list]")) suggest(field, field.list);
