/** A mobile operator: its share of the clients, and codes (DEF codes of the Russian numbering plan) that are its own. */
interface Operator {
  weight: number;
  codes: readonly string[];
}

/** The four large ones and Yota, roughly by subscribers. */
export const operators: readonly Operator[] = [
  {
    weight: 32,
    codes: ['910', '911', '912', '913', '914', '915', '916', '917', '918', '919', '981', '982', '985', '987', '988'],
  }, // MTS
  { weight: 28, codes: ['920', '921', '922', '923', '924', '925', '926', '927', '928', '929', '937', '938'] }, // MegaFon
  { weight: 20, codes: ['903', '905', '906', '909', '960', '961', '962', '963', '964', '965', '967', '968'] }, // Beeline
  { weight: 18, codes: ['900', '901', '902', '904', '908', '950', '951', '952', '953', '977', '992'] }, // T2
  { weight: 2, codes: ['995', '996', '999'] }, // Yota
];

/** Where somebody lives. Weights: about a hundred thousand people of the zone, shared among its cities. */
interface City {
  name: string;
  timeZone: string;
  weight: number;
  abroad?: true;
}

function inZone(timeZone: string, weight: number, ...names: string[]): City[] {
  return names.map((name) => ({ name, timeZone, weight: weight / names.length }));
}

function abroad(timeZone: string, weight: number, name: string): City {
  return { name, timeZone, weight, abroad: true };
}

/** All eleven Russian zones by the people in them, and where Russians went, half-hour zones among it. */
export const cities: readonly City[] = [
  ...inZone('Europe/Kaliningrad', 10, 'Калининград'),
  ...inZone('Europe/Moscow', 330, 'Москва'),
  ...inZone('Europe/Moscow', 90, 'Санкт-Петербург'),
  ...inZone(
    'Europe/Moscow',
    540,
    'Казань',
    'Нижний Новгород',
    'Ростов-на-Дону',
    'Воронеж',
    'Краснодар',
    'Ярославль',
    'Тула',
  ),
  ...inZone('Europe/Samara', 46, 'Самара', 'Ижевск', 'Тольятти'),
  ...inZone('Asia/Yekaterinburg', 225, 'Екатеринбург', 'Челябинск', 'Уфа', 'Пермь', 'Тюмень'),
  ...inZone('Asia/Omsk', 18, 'Омск'),
  ...inZone('Asia/Krasnoyarsk', 33, 'Красноярск', 'Абакан', 'Кызыл'),
  ...inZone('Asia/Novosibirsk', 28, 'Новосибирск'),
  ...inZone('Asia/Novokuznetsk', 25, 'Кемерово', 'Новокузнецк'),
  ...inZone('Asia/Irkutsk', 33, 'Иркутск', 'Улан-Удэ'),
  ...inZone('Asia/Yakutsk', 27, 'Якутск', 'Благовещенск'),
  ...inZone('Asia/Vladivostok', 33, 'Владивосток', 'Хабаровск'),
  ...inZone('Asia/Magadan', 6, 'Магадан', 'Южно-Сахалинск'),
  ...inZone('Asia/Kamchatka', 4, 'Петропавловск-Камчатский'),
  abroad('Asia/Almaty', 5, 'Алматы'),
  abroad('Asia/Tbilisi', 5, 'Тбилиси'),
  abroad('Asia/Yerevan', 5, 'Ереван'),
  abroad('Europe/Belgrade', 4, 'Белград'),
  abroad('Europe/Istanbul', 4, 'Стамбул'),
  abroad('Europe/Berlin', 4, 'Берлин'),
  abroad('Asia/Dubai', 3, 'Дубай'),
  abroad('Asia/Bangkok', 2, 'Пхукет'),
  abroad('Asia/Kolkata', 1, 'Гоа'),
  abroad('Asia/Kathmandu', 1, 'Катманду'),
  abroad('America/New_York', 2, 'Нью-Йорк'),
  abroad('Australia/Lord_Howe', 1, 'Лорд-Хау'),
];

/** Each client has each of them with this chance, so many have several and some have none. */
export const tags = [
  { tag: 'newsletter', percent: 55 },
  { tag: 'app', percent: 40 },
  { tag: 'loyal', percent: 22 },
  { tag: 'family', percent: 18 },
  { tag: 'new', percent: 12 },
  { tag: 'student', percent: 9 },
  { tag: 'roaming', percent: 5 },
  { tag: 'vip', percent: 3 },
] as const;

export const womensNames = [
  'Анна',
  'Мария',
  'Елена',
  'Ольга',
  'Наталья',
  'Екатерина',
  'Татьяна',
  'Ирина',
  'Светлана',
  'Юлия',
  'Анастасия',
  'Дарья',
  'Полина',
  'Алиса',
  'Виктория',
  'Ксения',
  'Вера',
  'Людмила',
  'Галина',
  'Айгуль',
] as const;

export const mensNames = [
  'Александр',
  'Дмитрий',
  'Максим',
  'Сергей',
  'Андрей',
  'Алексей',
  'Иван',
  'Михаил',
  'Никита',
  'Артём',
  'Павел',
  'Роман',
  'Владимир',
  'Егор',
  'Тимур',
  'Рустам',
  'Юрий',
  'Николай',
  'Илья',
  'Фёдор',
] as const;
