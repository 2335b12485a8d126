import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerRules } from '../../src/channel/answer-rules.js';
import { NO_ZONE, OUT_OF_REACH } from '../../src/message/windows.js';
import ru from './server-ru.json' with { type: 'json' };
import { sayIn } from './server-sentences.js';

const SRC = join(import.meta.dirname, '../../src');
/** What the dashboard never asks for: other ways into the program, and what it hands on as it is. */
const ELSEWHERE =
  /^[^/]+$|(^|\/)(platform|embedded|settings|cli|simulator|verify|rest|testing|demo|transport|faults)\/|^care\/postgres-tool|^sending\/restored|\.test\.ts$/;
const sources = globSync('**/*.ts', { cwd: SRC })
  .filter((file) => !ELSEWHERE.test(file))
  .map((file) => readFileSync(join(SRC, file), 'utf8'));

/** A text of the program as it comes out: whatever is put in is a word. */
const spoken = (text: string) => text.replace(/\$\{[^}]*\}/g, 'something').replace(/\\'/g, "'");

/** Sentences of errors, and rules of inputs, which follow the name of their field. */
function sentences(): string[] {
  return sources.flatMap((source) => {
    const errors = source.matchAll(/new AppError\(\s*'[A-Z_]+',\s*(['"`])((?:\\.|(?!\1).)+)\1/g);
    const rules = source.matchAll(/(['"`])((?:must (?:be|have|not|name) |is no known )(?:\\.|(?!\1).)+)\1/g);
    return [
      ...[...errors].map(([, , text = '']) => spoken(text)),
      ...[...rules].map(([, , text = '']) => `something ${spoken(text)}.`),
    ].filter((text) => !/^something( something)*\.?$/.test(text) && !OF_THE_PROGRAM.test(text));
  });
}

/** Of settings and of commands, which only who runs the server reads; and what `parse-input` makes of a rule. */
const OF_THE_PROGRAM = /[A-Z]+_[A-Z]+|^The body|^A field\$|--|must be of type|must have at (?:least|most) something\.$/;

describe('what the server says', () => {
  it('has a Russian sentence for each of its own', () => {
    const all = sentences();
    expect(all.length).toBeGreaterThan(70);
    expect(all.filter((sentence) => sayIn('ru', sentence) === sentence)).toEqual([]);
  });

  it('has Russian words for each reason of a failure', () => {
    const reasons = [
      NO_ZONE,
      OUT_OF_REACH,
      ...Object.values(answerRules).map(({ reason }) => reason.replace(/\{what\}/, 'nothing')),
    ];
    expect(
      reasons.filter((reason) => reason !== '' && sayIn('ru', reason.replace(/\{\w+\}/g, '500')) === reason),
    ).toEqual([]);
  });

  it.each([
    'The mail server said 451.',
    'The mail server refused this address: 550.',
    'The mail server refused the letter: 554.',
    'The mail server did not say whether it has the letter.',
    'The mail server could not be spoken to: ECONNECTION.',
    'The mail server did not take the letter. Try again in a moment.',
    'The process that sent it ended before the mail server had answered.',
    'No mail server is set up: SMTP_URL and MAIL_FROM.',
    'No recipients are set: REPORT_RECIPIENTS.',
    'Its server answered 410 Gone.',
    'ENOTFOUND: there is no such name',
    'ECONNREFUSED: nobody listens there',
    'ECONNRESET: the connection was cut',
    'ETIMEDOUT: no answer in time',
    'ETIMEOUT: no name server answers for it',
    'ERR_ADDRESS_REFUSED: hooks.example.org is no address that a webhook may lead to',
  ])('has Russian words for what became of a letter or a webhook: %s', (said) => {
    expect(sayIn('ru', said)).toMatch(/^[а-яё]|: [а-яё]/i);
  });

  it('keeps every value in its place', () => {
    const marks = (text: string) => [...new Set(text.match(/\{\d\}/g) ?? [])].sort();
    for (const [english, russian] of Object.entries(ru))
      for (const mark of marks(russian)) expect(marks(english), english).toContain(mark);
  });

  it.each([
    ['endsAt must be in the future.', 'Окончание должно быть в будущем.'],
    [
      'allowedTo must be a time such as 09:00 or 21:30.',
      'Конец разрешённых часов: нужно время, например 09:00 или 21:30.',
    ],
    [
      'filter.timeZones.0 is no known time zone; write one as in Europe/Moscow.',
      'Часовые пояса: такого часового пояса нет; пишите как в Europe/Moscow.',
    ],
    ['This mailing is COMPLETED: it can only be deleted.', 'Рассылка завершена: теперь её можно только удалить.'],
    [
      "This mailing is RUNNING: text can't be changed any more, because the same message id always carries the same payload.",
      'Рассылка идёт: «текст» больше не изменить, потому что одно и то же сообщение всегда несёт один и тот же текст.',
    ],
    ['the gateway answered 503; the mailing ended', 'шлюз ответил 503; рассылка закончилась'],
    ['This needs the permission MAILINGS_WRITE.', 'Для этого нужно право создавать и менять рассылки.'],
    ['Something new.', 'Something new.'],
  ])('says "%s" in Russian', (english, russian) => {
    expect(sayIn('ru', english)).toBe(russian);
  });

  it.each([
    ['endsAt must be after startsAt.', 'The end must be after the start.'],
    ['filter.timeZones.0 is no known time zone.', 'The time zone is no known time zone.'],
    ['The text is no valid Liquid: tag "x" not found', 'The text is no valid Liquid: tag "x" not found'],
    ['the gateway answered 503', 'the gateway answered 503'],
  ])('says "%s" in plain English', (english, plain) => {
    expect(sayIn('en', english)).toBe(plain);
  });
});
