import '../theme/theme.css';
import './guide.css';
import { liveAddress } from '../api/addresses.js';
import { examplesFor } from './examples.js';
import { definitionsOf, mentioning, stretchesOf } from './schema-text.js';

function fillIn(): void {
  // What scrolls sideways has to be reachable by keyboard.
  for (const text of document.querySelectorAll('pre')) text.tabIndex = 0;

  for (const place of document.querySelectorAll<HTMLElement>('[data-address]')) {
    place.textContent = location.origin + place.dataset['address'];
  }
  for (const place of document.querySelectorAll<HTMLElement>('[data-live-address]')) place.textContent = liveAddress();
  const examples = examplesFor(location.origin);
  for (const place of document.querySelectorAll<HTMLElement>('[data-example]')) {
    place.textContent = examples[place.dataset['example'] as keyof typeof examples];
  }
}

async function showSchema(): Promise<void> {
  const place = document.getElementById('sdl') as HTMLPreElement;
  const response = await fetch('/schema.graphql').catch(() => undefined);
  if (!response?.ok) {
    place.textContent =
      response?.status === 401
        ? 'Sign in to read the schema, then reload this page.'
        : 'The schema could not be loaded. Is the server still running?';
    return;
  }
  const definitions = definitionsOf(await response.text());
  const filter = document.getElementById('filter') as HTMLInputElement;
  const found = document.getElementById('found') as HTMLElement;
  const show = () => {
    const shown = mentioning(definitions, filter.value);
    place.replaceChildren(...shown.map((definition) => draw(definition, filter.value)));
    if (shown.length === 0) place.textContent = 'Nothing in the schema mentions that.';
    found.textContent = `${shown.length} of ${definitions.length} definitions`;
  };
  filter.addEventListener('input', show);
  show();
}

function draw(definition: string, wanted: string): DocumentFragment {
  const drawn = document.createDocumentFragment();
  for (const { text, kind } of stretchesOf(definition, wanted)) {
    if (kind === 'code') {
      drawn.append(text);
      continue;
    }
    const marked = document.createElement(kind === 'match' ? 'mark' : 'span');
    if (kind === 'description') marked.className = 'description';
    marked.textContent = text;
    drawn.append(marked);
  }
  drawn.append('\n');
  return drawn;
}

fillIn();
void showSchema();
