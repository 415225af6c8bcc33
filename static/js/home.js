// The examples of the first page move like the pages that they are taken from.
import { enhanceComparison } from "./compare.js";
import { enhanceHeat } from "./heat.js";
import "./living.js";

document.querySelectorAll(".compare").forEach(enhanceComparison);
document.querySelectorAll(".seen[data-label]").forEach(enhanceHeat);
