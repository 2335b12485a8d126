import './words.js';
import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { client } from '../api/client.js';
import { SteeredMailingChangedDocument, type SteeredMailingFragment } from '../generated/graphql.js';
import { language } from '../i18n/i18n.js';
import { createFormat } from '../ui/format.js';
import { TOLD } from '../ui/told.js';

/** The server follows so many mailings by their ids at the most; whoever wants more hears of the newest. */
const MOST = 100;
/** ms; how long other tabs have to tell before they forget what one of them has told. */
const FORGET_AFTER = 3_000;

let wanted: readonly string[] = [];
let stop: (() => void) | undefined;
const watchers = new Set<() => void>();

/** Begins to watch the mailings that were chosen before, in this tab or another. Called again it changes nothing. */
export function watchTold(): void {
  if (stop !== undefined) return;
  addEventListener('storage', ({ key }) => {
    if (key === TOLD) setTimeout(take, FORGET_AFTER, read());
  });
  stop = () => undefined;
  take(read());
}

/** Whether a mailing was chosen. */
export function isTold(id: string): boolean {
  return wanted.includes(id);
}

/** Calls back after each change of what is chosen. @returns ends it */
export function onTold(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Says so once this mailing is done or cancelled: in the page, and by the browser where that is allowed, while any tab is open. */
export function tellWhenDone(id: string): void {
  watchTold();
  keep([id, ...wanted.filter((other) => other !== id)].slice(0, MOST));
}

/** Not wanted any more. */
export function tellNot(id: string): void {
  keep(wanted.filter((other) => other !== id));
}

/** Asks for permission where the browser has not been asked. @returns whether it may tell outside the page */
export async function askPermission(): Promise<boolean> {
  // There is none without https, but on this machine itself.
  if (!('Notification' in globalThis)) return false;
  if (Notification.permission !== 'default') return Notification.permission === 'granted';
  return (await Notification.requestPermission()) === 'granted';
}

function read(): string[] {
  const stored: unknown = JSON.parse(localStorage.getItem(TOLD) ?? '[]');
  return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string').slice(0, MOST) : [];
}

function keep(ids: readonly string[]): void {
  if (ids.length === 0) localStorage.removeItem(TOLD);
  else localStorage.setItem(TOLD, JSON.stringify(ids));
  take(ids);
}

function take(ids: readonly string[]): void {
  const isSame = ids.length === wanted.length && ids.every((id) => wanted.includes(id));
  if (isSame) return;
  wanted = ids;
  stop?.();
  stop = follow(ids);
  for (const watcher of watchers) watcher();
}

/** The first event says how they stand by now: also what was done while no tab was open. */
function follow(ids: readonly string[]): () => void {
  if (ids.length === 0) return () => undefined;
  const { unsubscribe } = client
    .subscription(SteeredMailingChangedDocument, { ids: [...ids] })
    .subscribe(({ data }) => {
      if (data === undefined) return;
      for (const id of data.mailingChanged.deletedIds) if (isTold(id)) tellNot(id);
      for (const mailing of data.mailingChanged.mailings) {
        if (isTold(mailing.id) && isDone(mailing)) tell(mailing);
      }
    });
  return unsubscribe;
}

function isDone({ status }: SteeredMailingFragment): boolean {
  return status === 'COMPLETED' || status === 'CANCELLED';
}

function tell({ id, name, status, progress }: SteeredMailingFragment): void {
  tellNot(id);
  const { count } = createFormat(language());
  const words = { ns: 'steer', name, sent: count(progress.sent), total: count(progress.total) } as const;
  const title = i18next.t(status === 'COMPLETED' ? 'told.done' : 'told.cancelled', words);
  const message = i18next.t('told.figures', words);
  notifications.show({ title, message, autoClose: false });
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  // One tag for all tabs: the browser shows it once.
  const shown = new Notification(title, { body: message, tag: `heliograph-mailing-${id}`, lang: language() });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}
