const STORED = 'heliograph-reloaded';
/** ms; a page that misses a piece again so soon is not helped by being loaded again. */
const AGAIN = 60_000;

/**
 * After an update of the server an open page misses its pieces, which have other names now: it is loaded again, once.
 *
 * @returns false: it was just done, and did not help
 */
export function reloadOnce(): boolean {
  const last = Number(sessionStorage.getItem(STORED) ?? 0);
  if (Date.now() - last < AGAIN) return false;
  sessionStorage.setItem(STORED, String(Date.now()));
  location.reload();
  return true;
}

/** Told by Vite's loader of a page's pieces. Without its error nothing is drawn before the page is loaded again. */
export function followUpgrades(): void {
  addEventListener('vite:preloadError', (event) => {
    if (reloadOnce()) event.preventDefault();
  });
}
