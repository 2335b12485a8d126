import './words.js';
import '../ui/words.js';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n/i18n.js';
import favicon from '../theme/favicon.svg';
import { useFormat } from '../ui/format.js';
import type { Look } from './ask-report.js';
import { ReportCard } from './report-card.js';
import { useReport } from './use-report.js';

/** How one mailing goes, for people who have a link and no account. */
export function ReportPage() {
  const { t } = useTranslation('report');
  const { report, look } = useReport();
  useEffect(() => {
    document.title = `${report?.name ?? t('title')} · Heliograph`;
  }, [report?.name, t]);
  const isOver = look?.kind === 'over';
  return (
    <>
      <Header canPrint={report !== null && !isOver} />
      <main aria-busy={look === null}>
        {look === null ? <p className="dim">{t('loading')}</p> : null}
        {isOver ? <LinkIsOver /> : null}
        {look !== null && !isOver ? <Staleness look={look} asOf={report?.asOf ?? null} /> : null}
        {report !== null && !isOver ? <ReportCard report={report} /> : null}
      </main>
    </>
  );
}

function Header({ canPrint }: { canPrint: boolean }) {
  const { t, i18n } = useTranslation('report');
  const other: Language = i18n.language === 'ru' ? 'en' : 'ru';
  return (
    <header className="bar report-bar">
      <span className="brand">
        <img src={favicon} alt="" width={28} height={28} />
        Heliograph
      </span>
      <span className="acts">
        {canPrint ? (
          <button type="button" onClick={() => print()}>
            {t('print')}
          </button>
        ) : null}
        <button type="button" lang={other} onClick={() => chooseLanguage(other)}>
          {LANGUAGES[other]}
        </button>
      </span>
    </header>
  );
}

function LinkIsOver() {
  const { t } = useTranslation('report');
  return (
    <section className="card" role="alert">
      <h1>{t('over.title')}</h1>
      <p>{t('over.text')}</p>
    </section>
  );
}

/** Said only while the last look brought nothing: what is shown may be old then. */
function Staleness({ look, asOf }: { look: Look; asOf: string | null }) {
  const { t } = useTranslation('report');
  const { clock, duration } = useFormat();
  const words = { at: asOf === null ? '' : clock(asOf) };
  const text =
    look.kind === 'wait'
      ? t('wait', { duration: duration(look.seconds * 1_000) })
      : look.kind === 'away'
        ? t(asOf === null ? 'away' : 'stale', words)
        : null;
  return (
    <p role="status" className={text === null ? 'unseen' : 'card stale'}>
      {text}
    </p>
  );
}
