import { addWords } from '../i18n/i18n.js';
import en from './en.json';
import ru from './ru.json';

declare module '../i18n/i18n.js' {
  interface Words {
    dailyReports: typeof en;
  }
}

addWords('dailyReports', { en, ru });
