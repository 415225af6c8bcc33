// The forms that take pictures. Without this file they are plain; with it, pictures are shown before
// they are sent.
import { enhanceZone } from "./zone.js";
import { catchPastedPictures, refuseStrayDrops } from "./incoming.js";
import { addSlider } from "./slider.js";
import { remember } from "./remembered.js";
import { sendInPlace } from "./send.js";
import { foretell } from "./forecast.js";
import { offerSurprise } from "./surprise.js";

const form = document.querySelector("form[data-sending]");
remember(form); // before the others look at the entries
const zones = [...form.querySelectorAll("[data-zone]")].map(enhanceZone);
catchPastedPictures(zones);
refuseStrayDrops();
form.querySelectorAll("[data-slider]").forEach(addSlider);
sendInPlace(form);
foretell(form);
offerSurprise(form);
