import './redoc.css';
import { init } from 'redoc/bundles/redoc.standalone.js';

/** Redoc's search would need a worker from a blob: address, which our policy keeps out; the browser's own finds the same. */
const options = {
  disableSearch: true,
  hideDownloadButton: false,
  nativeScrollbars: true,
  theme: { typography: { fontFamily: 'system-ui, sans-serif', headings: { fontFamily: 'system-ui, sans-serif' } } },
};

async function show(place: HTMLElement): Promise<void> {
  const response = await fetch('/openapi.json').catch(() => undefined);
  if (response?.ok) {
    init(await response.json(), options, place);
    return;
  }
  place.textContent =
    response?.status === 401
      ? 'Sign in to read the reference, then reload this page.'
      : 'The document could not be loaded. Is the server still running?';
}

await show(document.getElementById('reference') as HTMLElement);
