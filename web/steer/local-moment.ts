import type { Language } from '../i18n/i18n.js';

/** Writes a moment as the clocks of a time zone show it. */
export type LocalMoment = (at: string, timeZone: string) => string;

/** The zone is named as people there call it: `Nov 22, 10:00 Moscow Time`. The day is always said: today there is not today everywhere. */
export function createLocalMoment(language: Language): LocalMoment {
  return (at, timeZone) => {
    const moment = new Date(at);
    const day = new Intl.DateTimeFormat(language, {
      timeZone,
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const zone = zoneName(language, timeZone, moment);
    return `${day.format(moment)} ${language === 'ru' ? `(${zone})` : zone}`;
  };
}

/** As people there call it; a zone without such a name is named by its distance from Greenwich. */
function zoneName(language: Language, timeZone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat(language, { timeZone, timeZoneName: 'shortGeneric' }).formatToParts(at);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
}
