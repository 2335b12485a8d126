import { type RefObject, useCallback, useRef } from 'react';
import { flushSync } from 'react-dom';
import { drawnHeight, type Place, scrolledTo, settled } from './tall-scroll.js';

/** A list has come to rest when it has not moved for so long, ms. */
const REST = 150;

/**
 * Scrolls a list that may be taller than browsers draw.
 *
 * @param rows the height of all of them, px
 * @returns `observe` for the virtualizer, which then reckons with the true place of each row, and `place`: what is drawn stands higher by its `shift`
 */
export function useTallScroll(scroller: RefObject<HTMLElement | null>, rows: number) {
  const place = useRef<Place>({ top: 0, shift: 0 });
  const height = useRef(rows);
  height.current = rows;
  const observe = useCallback(
    (_: unknown, tell: (offset: number, isScrolling: boolean) => void) => {
      const element = scroller.current;
      if (element === null) return;
      let rest: number | undefined;
      const heights = () => ({ rows: height.current, window: element.clientHeight });
      const say = (isScrolling: boolean) => tell(place.current.top + place.current.shift, isScrolling);
      const settle = () => {
        const own = settled(place.current, heights());
        const isTall = drawnHeight(heights()) < height.current;
        if (isTall && own.top !== place.current.top) {
          place.current = own;
          // Rows and bar in one picture.
          flushSync(() => say(false));
          element.scrollTop = own.top;
        } else say(false);
      };
      const onScroll = () => {
        place.current = scrolledTo(place.current, element.scrollTop, heights());
        say(true);
        clearTimeout(rest);
        rest = window.setTimeout(settle, REST);
      };
      element.addEventListener('scroll', onScroll, { passive: true });
      say(false);
      return () => {
        clearTimeout(rest);
        element.removeEventListener('scroll', onScroll);
      };
    },
    [scroller],
  );
  return { observe, place };
}
