import { useTranslation } from 'react-i18next';
import type { ProgressCountsFragment } from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import type { MailingTerms } from './use-mailing.js';
import { useNextMoment } from './use-next-moment.js';
import { useProgress } from './use-progress.js';

/** The parts of the bar from left to right; those that are open last. */
const PARTS = ['sent', 'failed', 'expired', 'cancelled', 'unknown', 'sending', 'enqueued', 'delayed'] as const;
const OPEN: readonly string[] = ['sending', 'enqueued', 'delayed'];

/** How far a mailing is: sent of total, the bar, and each count. Also read from across a room. */
export function Figures({ mailing }: { mailing: MailingTerms }) {
  const progress = useProgress();
  return (
    <section className="figures">
      <div className="figures-top">
        <SentOfTotal progress={progress} />
        <dl className="tiles">
          <Rate status={mailing.status} progress={progress} />
          <Done mailing={mailing} progress={progress} />
        </dl>
      </div>
      <StatusBar progress={progress} />
      <Counts progress={progress} />
    </section>
  );
}

function SentOfTotal({ progress: { sent, total } }: { progress: ProgressCountsFragment }) {
  const { t } = useTranslation('mailing');
  const { count, share } = useFormat();
  return (
    <p className="sent-of-total">
      <strong>{count(sent)}</strong>{' '}
      <span>
        {t('figures.ofTotal', { total: count(total) })} · {share(sent, total)}
      </span>
    </p>
  );
}

function Rate({ status, progress }: { status: MailingTerms['status']; progress: ProgressCountsFragment }) {
  const { t } = useTranslation('mailing');
  const { count, decimal } = useFormat();
  const rate = progress.ratePerSecond;
  if (status !== 'RUNNING' && rate === 0) return null;
  return (
    <div>
      <dt>{t('figures.rate')}</dt>
      <dd>{t('figures.perSecond', { rate: rate < 10 ? decimal(rate) : count(Math.round(rate)) })}</dd>
    </div>
  );
}

/** When it is, or was, done. */
function Done({ mailing, progress }: { mailing: MailingTerms; progress: ProgressCountsFragment }) {
  const { t } = useTranslation('mailing');
  const { clock, duration, moment } = useFormat();
  const next = useNextMoment(mailing);
  const { status, launchedAt, finishedAt } = mailing;
  if (finishedAt && launchedAt && status === 'COMPLETED') {
    const took = Date.parse(finishedAt) - Date.parse(launchedAt);
    return <Tile title={t('figures.took')} value={duration(took)} note={clock(finishedAt)} />;
  }
  if (status === 'SCHEDULED') return <Tile title={t('figures.next')} value={next ?? ''} />;
  if (status !== 'RUNNING') return null;
  if (progress.eta == null) return <Tile title={t('figures.eta')} value={t('figures.noEta')} />;
  const left = Date.parse(progress.eta) - Date.now();
  return <Tile title={t('figures.eta')} value={duration(left)} note={moment(progress.eta)} />;
}

function Tile({ title, value, note }: { title: string; value: string; note?: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {value}
        {note ? <small>{note}</small> : null}
      </dd>
    </div>
  );
}

/** What is in the bar is also written under it. */
function StatusBar({ progress }: { progress: ProgressCountsFragment }) {
  return (
    <div className="status-bar" aria-hidden>
      {PARTS.filter((part) => progress[part] > 0).map((part) => (
        <span key={part} data-part={part} style={{ width: `${(progress[part] / progress.total) * 100}%` }} />
      ))}
    </div>
  );
}

function Counts({ progress }: { progress: ProgressCountsFragment }) {
  const { t } = useTranslation('mailing');
  const { clock } = useFormat();
  const parts = PARTS.filter((part) => part === 'sent' || progress[part] > 0);
  const final = parts.filter((part) => !OPEN.includes(part));
  return (
    <div className="counts">
      <ul>
        {final.map((part) => (
          <Count key={part} part={part} value={progress[part]} />
        ))}
        {progress.open > 0 ? (
          <li className="open-counts">
            <Count part="open" value={progress.open} />
            <ul>
              {parts
                .filter((part) => OPEN.includes(part))
                .map((part) => (
                  <Count key={part} part={part} value={progress[part]} />
                ))}
            </ul>
            <small>{t('figures.asOf', { at: clock(progress.asOf) })}</small>
          </li>
        ) : null}
      </ul>
    </div>
  );
}

type Part = (typeof PARTS)[number] | 'open';

function Count({ part, value }: { part: Part; value: number }) {
  const { t } = useTranslation('mailing');
  const { count } = useFormat();
  const Tag = part === 'open' ? 'span' : 'li';
  return (
    <Tag className="count">
      <span className="dot" data-part={part} aria-hidden /> <b>{count(value)}</b> {t(`part.${part}`)}
    </Tag>
  );
}
