import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/** How far down each address was left, px: the way back leads there again. */
const left = new Map<string, number>();
/** ms; what is not there by then is not waited for. */
const PATIENCE = 3_000;

let wentBack = false;
history.scrollRestoration = 'manual';
addEventListener('popstate', () => {
  wentBack = true;
});
addEventListener('scroll', () => left.set(location.href, scrollY), { passive: true });

/**
 * After a change of the page: the keyboard goes on in its content, and it is seen from the top; on the way back from where it was left. What it is called is
 * told to `onTitle` once it is known, for those who don't see it change.
 */
export function useNavigation(onTitle: (title: string) => void): void {
  const [path] = useLocation();
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    document.getElementById('content')?.focus({ preventScroll: true });
    const stopScrolling = scrollWhenThere(wentBack ? (left.get(location.href) ?? 0) : 0);
    wentBack = false;
    const stopTelling = whenTitled(onTitle);
    return () => {
      stopScrolling();
      stopTelling();
    };
  }, [path, onTitle]);
}

/** Lists come piece by piece: goes down as far as there is, until it is there, time is up or somebody scrolls. */
function scrollWhenThere(top: number): () => void {
  scrollTo(0, top);
  const observer = new ResizeObserver(() => {
    scrollTo(0, top);
    if (Math.abs(scrollY - top) < 2) stop();
  });
  const stop = () => {
    observer.disconnect();
    clearTimeout(timer);
    removeEventListener('wheel', stop);
    removeEventListener('touchmove', stop);
    removeEventListener('keydown', stop);
  };
  const timer = setTimeout(stop, PATIENCE);
  observer.observe(document.body);
  addEventListener('wheel', stop, { passive: true });
  addEventListener('touchmove', stop, { passive: true });
  addEventListener('keydown', stop);
  return stop;
}

/** A page that was seen before sets its title at once, another when it is loaded. */
function whenTitled(tell: (title: string) => void): () => void {
  const title = document.querySelector('title');
  const observer = new MutationObserver(() => {
    tell(document.title);
    stop();
  });
  const stop = () => {
    observer.disconnect();
    clearTimeout(timer);
  };
  const timer = setTimeout(() => {
    tell(document.title);
    stop();
  }, PATIENCE);
  if (title) observer.observe(title, { childList: true, characterData: true, subtree: true });
  return stop;
}
