/** The tag by which example clients are found again: by the example mailing, and by whoever wants them gone. */
export const EXAMPLE_TAG = 'example';

const NAMES = ['Anna', 'Boris', 'Vera', 'Gleb', 'Daria', 'Egor', 'Zhanna', 'Ivan', 'Kira', 'Lev', 'Мария', 'Олег'];
const OPERATORS = ['916', '926', '903', '902', '999'];
/** Zone by zone, more of them where more people live. */
const ZONES = [
  'Europe/Moscow',
  'Europe/Moscow',
  'Europe/Moscow',
  'Europe/Samara',
  'Asia/Yekaterinburg',
  'Asia/Novosibirsk',
  'Asia/Irkutsk',
  'Asia/Vladivostok',
  'Asia/Kamchatka',
];

const pick = (list: readonly string[], place: number) => list[place % list.length] ?? '';

/** A file for the import: so many made-up people, the same ones each time, so that a second import adds nobody. */
export function exampleClients(number: number): string {
  const lines = Array.from({ length: number }, (_, place) => {
    const phone = `7943${String(place).padStart(7, '0')}`;
    const tags = place % 3 === 0 ? `${EXAMPLE_TAG};vip` : EXAMPLE_TAG;
    return [phone, pick(OPERATORS, place), tags, pick(ZONES, place), pick(NAMES, place)].join(',');
  });
  return ['phone,operator_code,tags,time_zone,name', ...lines, ''].join('\n');
}
