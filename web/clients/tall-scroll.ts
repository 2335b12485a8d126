/** No list is drawn taller, px: Chrome ends at 33.5 million, Firefox at 17.9. */
export const TALLEST = 8_000_000;
/** Near both ends of the list, px, the bar and the rows move alike, so that the ends are reached by wheel and keys. */
const EDGE = 200_000;
/** What is moved further at once, in heights of the window, was a pull at the bar or a key such as End. */
const JUMP = 4;

/** Heights in px: of all rows, and of the window through which they are seen. */
export interface Heights {
  rows: number;
  window: number;
}

/** Where the list stands: `top` is what the browser knows (scrollTop), `top + shift` how far the rows have gone. */
export interface Place {
  top: number;
  shift: number;
}

/** How tall the list is drawn, px. */
export function drawnHeight({ rows }: Heights): number {
  return Math.min(rows, TALLEST);
}

/**
 * Where the list stands once the browser has scrolled. A list that fits goes by it. Of a taller one small steps move the rows as
 * far as the bar, and a jump leads to the same share of the list.
 */
export function scrolledTo(from: Place, top: number, heights: Heights): Place {
  const isSmall = Math.abs(top - from.top) <= JUMP * heights.window;
  const at = isSmall ? top + from.shift : rowsAt(top, heights);
  const gone = Math.min(Math.max(at, 0), Math.max(heights.rows - heights.window, 0));
  return { top, shift: gone - top };
}

/** The same rows with the bar where it belongs by now: for a list that has come to rest. */
export function settled({ top, shift }: Place, heights: Heights): Place {
  const gone = top + shift;
  const own = Math.round(barAt(gone, heights));
  return { top: own, shift: gone - own };
}

/** How far the rows have gone when the bar is at `top`. */
function rowsAt(top: number, heights: Heights): number {
  const { bar, gone } = ends(heights);
  if (top <= EDGE || gone <= bar) return top;
  if (top >= bar - EDGE) return top + gone - bar;
  return EDGE + ((top - EDGE) * (gone - 2 * EDGE)) / (bar - 2 * EDGE);
}

function barAt(at: number, heights: Heights): number {
  const { bar, gone } = ends(heights);
  if (at <= EDGE || gone <= bar) return at;
  if (at >= gone - EDGE) return at - gone + bar;
  return EDGE + ((at - EDGE) * (bar - 2 * EDGE)) / (gone - 2 * EDGE);
}

/** The most that the bar, and the rows, can go. */
function ends(heights: Heights): { bar: number; gone: number } {
  return { bar: drawnHeight(heights) - heights.window, gone: heights.rows - heights.window };
}
