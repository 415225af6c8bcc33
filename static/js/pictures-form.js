// The Art page. Without this file it is a plain form; with it, pictures are shown before they are sent.
import { enhanceZone } from "./zone.js";
import { catchPastedPictures, refuseStrayDrops } from "./incoming.js";
import { addSlider } from "./slider.js";
import { sendInPlace } from "./send.js";

const form = document.querySelector("#art");
const zones = [...form.querySelectorAll("[data-zone]")].map(enhanceZone);
catchPastedPictures(zones);
refuseStrayDrops();
form.querySelectorAll("[data-slider]").forEach(addSlider);
sendInPlace(form);
