import '../theme/theme.css';
import './dashboard.css';
import type { Client } from 'graphql-ws';
import { SignedOut } from '../api/ask.js';
import { type Connection, openLive } from '../api/live.js';
import { MailingList } from './mailing-list.js';

const BADGE_WORDS: Record<Connection, string> = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
  signedOut: 'Signed out',
};

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no #${id}`);
  return found;
};

function showConnection(connection: Connection): void {
  const badge = element('connection');
  badge.hidden = false;
  badge.textContent = BADGE_WORDS[connection];
  badge.dataset['connection'] = connection;
}

function showTrouble(error: unknown): void {
  const trouble = element('trouble');
  trouble.hidden = false;
  trouble.textContent = error instanceof Error ? error.message : String(error);
}

/** Leads back here afterwards. */
function goToSignIn(): void {
  location.replace(`/sign-in?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
}

/** Runs until the page is left or the session is over; after signing in, loading the page starts it again. */
function start(): void {
  element('zone').textContent = `Times are in your own zone, ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`;
  let client: Client | undefined;
  let following = false;
  let over = false;
  // Only somebody who is signed in gets a socket: the others' would be refused again and again.
  const live = () => {
    client ??= openLive((connection) => {
      if (over) return;
      showConnection(connection);
      // It says whether the session is over.
      if (connection === 'signedOut') void reload();
    });
    return client;
  };
  const list = new MailingList(element('mailing-list'), element('summary'), element('empty'), element('stopped'), live);
  const reload = async (): Promise<void> => {
    if (over || document.visibilityState === 'hidden') return;
    try {
      await list.reload();
      // The socket may be open already: for mailings under way.
      if (!following) list.follow(reload);
      following = true;
      element('mailings').hidden = false;
      element('sign-out').hidden = false;
      element('trouble').hidden = true;
    } catch (error) {
      if (!(error instanceof SignedOut)) return showTrouble(error);
      over = true;
      // It rejects when it was just trying to connect, which no longer matters.
      Promise.resolve(client?.dispose()).catch(() => undefined);
      goToSignIn();
    }
  };
  document.addEventListener('visibilitychange', reload);
  element('sign-out').addEventListener(
    'click',
    () => void fetch('/sign-out', { method: 'POST' }).then(reload, showTrouble),
  );
  void reload();
}

start();
