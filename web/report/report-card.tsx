import { useTranslation } from 'react-i18next';
import { COUNT_PARTS } from '../ui/count-parts.js';
import { useFormat } from '../ui/format.js';
import type { Report } from './ask-report.js';

/** The report itself: large figures, a bar, and the same as a table. */
export function ReportCard({ report }: { report: Report }) {
  const { t } = useTranslation('ui');
  const { t: say } = useTranslation('report');
  const { count, share, clock, moment } = useFormat();
  const { name, status, sent, total, asOf, linkExpiresAt } = report;
  return (
    <article>
      <h1>{name}</h1>
      <p className="status" data-status={status} role="status">
        {t(`mailing.${status}`)}
      </p>
      <p className="large">
        <strong>{share(sent, total)}</strong>{' '}
        <span className="dim">{say('sentOf', { sent: count(sent), total: count(total) })}</span>
      </p>
      <Bar report={report} />
      <div className="columns">
        <Counts report={report} />
        <Times report={report} />
      </div>
      <p className="dim foot">
        {say('asOf', { at: `${clock(asOf)}` })} {say('linkUntil', { at: moment(linkExpiresAt) })}
      </p>
    </article>
  );
}

function Bar({ report }: { report: Report }) {
  const parts = COUNT_PARTS.filter((part) => report[part] > 0);
  return (
    <div className="counts-bar" aria-hidden>
      {parts.map((part) => (
        <span key={part} style={{ width: `${(report[part] / report.total) * 100}%`, background: `var(--${part})` }} />
      ))}
    </div>
  );
}

function Counts({ report }: { report: Report }) {
  const { t } = useTranslation('ui');
  const { t: say } = useTranslation('report');
  const { count, share } = useFormat();
  return (
    <table>
      <caption>{say('counts')}</caption>
      <thead className="unseen">
        <tr>
          <th scope="col">{say('status')}</th>
          <th scope="col">{say('messages')}</th>
          <th scope="col">{say('share')}</th>
        </tr>
      </thead>
      <tbody>
        {COUNT_PARTS.filter((part) => part === 'sent' || report[part] > 0).map((part) => (
          <tr key={part}>
            <th scope="row">
              <span className="dot" style={{ background: `var(--${part})` }} /> {t(`counts.${part}`)}
            </th>
            <td>{count(report[part])}</td>
            <td className="dim">{share(report[part], report.total)}</td>
          </tr>
        ))}
        <tr className="sum">
          <th scope="row">{say('total')}</th>
          <td>{count(report.total)}</td>
          <td />
        </tr>
      </tbody>
    </table>
  );
}

function Times({ report }: { report: Report }) {
  const { t } = useTranslation('report');
  const { moment, decimal, duration } = useFormat();
  const { startsAt, endsAt, launchedAt, finishedAt, ratePerSecond, eta, status } = report;
  const took = launchedAt !== null && finishedAt !== null ? Date.parse(finishedAt) - Date.parse(launchedAt) : null;
  const rows = [
    ['starts', launchedAt === null ? moment(startsAt) : null],
    ['launched', launchedAt && moment(launchedAt)],
    ['finished', finishedAt && moment(finishedAt)],
    ['took', took === null ? null : duration(took)],
    ['ends', finishedAt === null ? moment(endsAt) : null],
    ['rate', status === 'RUNNING' ? t('rate', { rate: decimal(ratePerSecond) }) : null],
    ['eta', eta && moment(eta)],
  ] as const;
  return (
    <dl>
      {rows.map(([word, text]) =>
        text === null ? null : (
          <div key={word}>
            <dt>{t(`times.${word}`)}</dt>
            <dd>{text}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
