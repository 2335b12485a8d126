import ru from './server-ru.json' with { type: 'json' };

/**
 * What the server says is written for its API: in English, with its fields by their names. Here it is said to people: in their
 * language, with the names that the dashboard has for those fields. A sentence that is not known stays as the server wrote it.
 */
export function sayIn(language: 'en' | 'ru', said: string): string {
  if (language === 'en') return inPlainEnglish(said);
  // Reasons are strung together: `no answer in time; the mailing ended`.
  return (
    inRussian(said) ??
    said
      .split('; ')
      .map((part) => inRussian(part) ?? part)
      .join('; ')
  );
}

interface Rule {
  pattern: RegExp;
  russian: string;
}

/** `{1}` stands for what the server puts in. The one with the most words of its own goes first. */
const RULES: readonly Rule[] = Object.entries(ru)
  .toSorted(([a], [b]) => bare(b).length - bare(a).length)
  .map(([sentence, russian]) => ({ pattern: patternOf(sentence), russian }));

function bare(sentence: string): string {
  return sentence.replace(/\{\d\}/g, '');
}

function patternOf(sentence: string): RegExp {
  const literal = sentence.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\{\d\}/g, '([^;]+?)')}$`);
}

function inRussian(said: string): string | null {
  for (const { pattern, russian } of RULES) {
    const found = pattern.exec(said);
    if (found === null) continue;
    const words = russian.replace(/\{(\d)\}/g, (_, place: string) => wordOf(found[Number(place)] ?? ''));
    return words.charAt(0) === russian.charAt(0) ? words : capital(words);
  }
  return null;
}

/** What is put in: a field, a status, a step, a reason, or several of them; anything else stays as it is. */
function wordOf(given: string): string {
  const known = RUSSIAN_WORDS[given] ?? RUSSIAN_WORDS[given.split('.').findLast((part) => part in RUSSIAN_WORDS) ?? ''];
  if (known !== undefined) return known;
  if (given.includes(' or ')) return given.split(' or ').map(wordOf).join(' или ');
  return (ru as Record<string, string>)[given] ?? given;
}

const RUSSIAN_WORDS: Readonly<Record<string, string>> = {
  startsAt: 'начало',
  endsAt: 'окончание',
  allowedFrom: 'начало разрешённых часов',
  allowedTo: 'конец разрешённых часов',
  weekdays: 'дни недели',
  rateLimit: 'сообщений в секунду',
  maxAttempts: 'попыток на клиента',
  unknownOutcome: 'если исход неизвестен',
  channel: 'канал',
  text: 'текст',
  name: 'название',
  filter: 'получатели',
  phone: 'телефон',
  phoneContains: 'телефон',
  timeZone: 'часовой пояс',
  timeZones: 'часовые пояса',
  operatorCode: 'код оператора',
  operatorCodes: 'коды операторов',
  tag: 'метка',
  tags: 'метки',
  tagsAny: 'метки',
  tagsAll: 'метки',
  attributes: 'данные для текстов',
  email: 'адрес почты',
  role: 'роль',
  password: 'пароль',
  newPassword: 'новый пароль',
  currentPassword: 'нынешний пароль',
  scopes: 'права',
  expiresAt: 'срок действия',
  reason: 'причина',
  reasonContains: 'причина',
  revision: 'версия',
  date: 'день',
  CLIENTS_READ: 'видеть клиентов',
  CLIENTS_PHONES: 'видеть телефоны',
  CLIENTS_WRITE: 'менять клиентов',
  MAILINGS_READ: 'видеть рассылки',
  MAILINGS_WRITE: 'создавать и менять рассылки',
  SENDING_CONTROL: 'управлять всей отправкой',
  WEBHOOKS_ADMIN: 'управлять вебхуками',
  ACCESS_ADMIN: 'управлять доступом',
  DRAFT: 'ещё черновик',
  SCHEDULED: 'запланирована',
  RUNNING: 'идёт',
  PAUSED: 'на паузе',
  COMPLETED: 'завершена',
  CANCELLED: 'отменена',
  scheduled: 'запланировать',
  started: 'начать',
  paused: 'приостановить',
  resumed: 'продолжить',
  cancelled: 'отменить',
  deleted: 'удалить',
};

/** What people call the fields whose names in the API are no words. */
const ENGLISH_NAMES: Readonly<Record<string, string>> = {
  startsAt: 'the start',
  endsAt: 'the end',
  allowedFrom: 'the first of the allowed hours',
  allowedTo: 'the last of the allowed hours',
  rateLimit: 'the limit of messages a second',
  maxAttempts: 'the number of attempts',
  unknownOutcome: 'what to do about an unknown outcome',
  phoneContains: 'the phone',
  timeZone: 'the time zone',
  timeZones: 'the time zone',
  operatorCode: 'the operator code',
  operatorCodes: 'the operator code',
  tagsAny: 'the tag',
  tagsAll: 'the tag',
  clientId: 'the client',
  expiresAt: 'the expiry',
  newPassword: 'the new password',
  currentPassword: 'the current password',
  reasonContains: 'the reason',
};

function inPlainEnglish(said: string): string {
  const words = said.replace(/[A-Za-z]+(?:\.\w+)*/g, (word) => {
    const name = word.split('.').findLast((part) => part in ENGLISH_NAMES);
    return (name && ENGLISH_NAMES[name]) ?? word;
  });
  return words.endsWith('.') ? capital(words) : words;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
