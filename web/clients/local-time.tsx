import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

/** One clock for all rows: the beginning of this minute, ms since 1970. */
const MINUTE = 60_000;
const now = () => Math.floor(Date.now() / MINUTE) * MINUTE;

function subscribe(watcher: () => void): () => void {
  const timer = setInterval(watcher, 5_000);
  return () => clearInterval(timer);
}

const clocks = new Map<string, Intl.DateTimeFormat | null>();

/** Null: the browser does not know the zone. */
function clockOf(zone: string, language: string): Intl.DateTimeFormat | null {
  const key = `${language} ${zone}`;
  const known = clocks.get(key);
  if (known !== undefined) return known;
  const made = makeClock(zone, language);
  clocks.set(key, made);
  return made;
}

function makeClock(timeZone: string, language: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  } catch {
    return null;
  }
}

/** What time it is now where somebody lives, and the name of their zone. */
export function LocalTime({ zone }: { zone: string }) {
  const { i18n } = useTranslation();
  const minute = useSyncExternalStore(subscribe, now);
  return (
    <>
      <span className="figures">{clockOf(zone, i18n.language)?.format(minute) ?? '–'}</span>{' '}
      <span className="zone-name">{zone}</span>
    </>
  );
}
