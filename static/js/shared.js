// The page that a link shows.
import { enhanceComparison } from "./compare.js";

document.querySelectorAll(".compare").forEach(enhanceComparison);
