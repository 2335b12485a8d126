import './words.js';
import './access.css';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import { AuditDocument, type AuditRowFragment } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Forbidden } from '../ui/forbidden.js';
import { useFormat } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { isAction } from './actions.js';
import { type AuditChoice, askedFor, readChoice, subjectAddress, writeChoice } from './audit-choice.js';
import { AuditFilter } from './audit-filter.js';
import { Rows } from './rows.js';

/** Who changed what, newest first. */
export default function AuditPage() {
  const { t } = useTranslation('access');
  const [params, setParams] = useSearchParams();
  if (!useMay('ACCESS_ADMIN')) return <Forbidden title={t('audit.title')} permission={t('may.ACCESS_ADMIN')} />;
  const choice = readChoice(params);
  const choose = (change: Partial<AuditChoice>) =>
    setParams((now) => writeChoice({ ...readChoice(now), ...change }), { replace: true });
  return (
    <Page title={t('audit.title')}>
      <AuditFilter choice={choice} choose={choose} />
      <Rows
        label={t('audit.title')}
        columns={[t('audit.at'), t('audit.who'), t('audit.what'), t('audit.subject'), t('audit.outcome')]}
        query={AuditDocument}
        choice={{ filter: askedFor(choice) }}
        read={({ auditEvents }) => auditEvents}
        none={{ title: t('audit.none'), text: t('audit.noneText') }}
      >
        {(event) => <AuditRow event={event} choose={choose} />}
      </Rows>
    </Page>
  );
}

function AuditRow({ event, choose }: { event: AuditRowFragment; choose: (change: Partial<AuditChoice>) => void }) {
  const { t } = useTranslation('access');
  const { day, clock } = useFormat();
  const { at, actor, actorId, action, outcome, ip, details } = event;
  return (
    <tr>
      <td data-label={t('audit.at')}>
        <time dateTime={at}>
          {day(at)} <span className="sub">{clock(at)}</span>
        </time>
      </td>
      <td data-label={t('audit.who')}>
        <button
          type="button"
          className="link"
          title={t('audit.only', { actor })}
          onClick={() => choose({ actor: actorId })}
        >
          {actor}
        </button>
        {ip ? <span className="sub">{ip}</span> : null}
      </td>
      <td data-label={t('audit.what')}>
        {isAction(action) ? t(`action.${action}`) : action}
        <Details details={details} />
      </td>
      <td data-label={t('audit.subject')}>
        <Subject event={event} />
      </td>
      <td data-label={t('audit.outcome')} data-outcome={outcome ?? 'UNKNOWN'}>
        {t(`outcome.${outcome ?? 'UNKNOWN'}`)}
      </td>
    </tr>
  );
}

function Subject({ event: { subjectKind, subjectId } }: { event: AuditRowFragment }) {
  const { t } = useTranslation('access');
  if (!subjectKind) return '–';
  const kind = subjectKind in KINDS ? t(`kind.${subjectKind as keyof typeof KINDS}`) : subjectKind;
  const words = subjectId ? `${kind} ${subjectId}` : kind;
  const address = subjectAddress(subjectKind, subjectId);
  return address ? <Link href={address}>{words}</Link> : words;
}

/** What the log names things by, where it has more than one of them. */
const KINDS = {
  mailing: 0,
  client: 0,
  clientJob: 0,
  message: 0,
  token: 0,
  user: 0,
  channel: 0,
  sending: 0,
  reportLink: 0,
  dailyReport: 0,
  database: 0,
};

/** The names of the fields that were given, and how somebody came in; never their values. */
function Details({ details }: { details: Record<string, unknown> }) {
  const { t } = useTranslation('access');
  const given = Array.isArray(details['fields']) ? details['fields'].map(String) : [];
  const fields = given.filter((name) => name !== 'id').map((name) => name.replace(/^input\./, ''));
  const { way } = details;
  return (
    <>
      {fields.length > 0 ? <span className="sub">{t('audit.fields', { fields: fields.join(', ') })}</span> : null}
      {typeof way === 'string' ? <span className="sub">{t('audit.way', { way })}</span> : null}
    </>
  );
}
