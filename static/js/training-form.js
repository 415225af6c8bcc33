import { enhanceTeaching } from "./teaching.js";

enhanceTeaching(document.querySelector("#teach"));
