import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { language } from '../i18n/i18n.js';
import { useFormat } from '../ui/format.js';
import { zoneName } from '../ui/zone-name.js';
import { useEditorForm } from './editing.js';
import { type Hours, openSpans, placeOf, type Span, shownSpan, ticksOf } from './forecast-chart.js';
import { inputOfParts, startOf } from './form-values.js';
import type { Forecast } from './use-forecast.js';
import { useMoment } from './use-moment.js';
import { momentOf } from './zoned-time.js';

type Zone = Forecast['timeZones'][number];

/** Rows; the smaller zones are in the table. */
const ROWS = 14;

/** Time from left to right, a row for each zone: when its hours are open, when its people are reached, and where the end is. */
export function ForecastPicture({ forecast }: { forecast: Forecast }) {
  const { t } = useTranslation('editor');
  const { values } = useEditorForm();
  const { count } = useFormat();
  const now = Date.now();
  const start = Math.max(now, startOf(values, now) ?? now);
  const end = momentOf(values.endsAt, values.zone) ?? start;
  const late = forecast.timeZones.filter(({ expiredCount }) => expiredCount > 0);
  const shown = shownSpan(
    start,
    end,
    late.map(({ opensAt }) => (opensAt ? Date.parse(opensAt) : 0)),
  );
  const hours = inputOfParts(values, ['allowedFrom', 'allowedTo', 'weekdays']) as Hours;
  const rows = rowsOf(forecast.timeZones);
  const hidden = forecast.timeZones.length - rows.length;
  return (
    <figure className="timeline">
      <div role="img" aria-label={t('picture.label', { zones: count(forecast.timeZones.length) })}>
        <Axis shown={shown} end={end} />
        {rows.map((zone) => (
          <Row key={zone.timeZone} zone={zone} hours={hours} shown={shown} end={end} />
        ))}
      </div>
      <figcaption>
        <Legend />
        {hidden > 0 ? (
          <Text size="sm" c="dimmed">
            {t('picture.hidden', { count: hidden, n: count(hidden) })}
          </Text>
        ) : null}
      </figcaption>
    </figure>
  );
}

/** The largest, and of the others those in which somebody is too late. */
function rowsOf(zones: readonly Zone[]): readonly Zone[] {
  return zones.filter(({ expiredCount }, at) => at < ROWS || (expiredCount > 0 && at < 2 * ROWS));
}

function Axis({ shown, end }: { shown: Span; end: number }) {
  const { zone } = useEditorForm().values;
  const clock = new Intl.DateTimeFormat(language(), {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const day = new Intl.DateTimeFormat(language(), { timeZone: zone, day: 'numeric', month: 'short' });
  return (
    <div className="timeline-row timeline-axis">
      <span className="timeline-zone">{zoneName(zone, language())}</span>
      <div className="timeline-track">
        {ticksOf(shown, zone).map(({ at, midnight }) => (
          <span key={at} style={{ left: `${placeOf(at, shown)}%` }}>
            {(midnight ? day : clock).format(at)}
          </span>
        ))}
        <i className="timeline-end" style={{ left: `${placeOf(end, shown)}%` }} />
      </div>
    </div>
  );
}

function Row({ zone, hours, shown, end }: { zone: Zone; hours: Hours; shown: Span; end: number }) {
  const { count } = useFormat();
  const moment = useMoment();
  const { timeZone, firstSendAt, lastSendAt, expiredCount } = zone;
  const title = firstSendAt && lastSendAt ? `${moment(firstSendAt)} – ${moment(lastSendAt)}` : undefined;
  return (
    <div className="timeline-row" data-late={expiredCount > 0}>
      <span className="timeline-zone" title={timeZone}>
        <span>{zoneName(timeZone, language())}</span>
        <small>{count(zone.count)}</small>
      </span>
      <div className="timeline-track" title={title}>
        {openSpans(timeZone, hours, shown).map(({ from, to }) => (
          <i
            key={from}
            className="timeline-open"
            style={{ left: `${placeOf(from, shown)}%`, width: `${placeOf(to, shown) - placeOf(from, shown)}%` }}
          />
        ))}
        {firstSendAt && lastSendAt ? <Sent from={firstSendAt} to={lastSendAt} shown={shown} /> : null}
        <i className="timeline-after" style={{ left: `${placeOf(end, shown)}%` }} />
        <i className="timeline-end" style={{ left: `${placeOf(end, shown)}%` }} />
        {expiredCount > 0 ? <b className="timeline-late">{count(expiredCount)} ✕</b> : null}
      </div>
    </div>
  );
}

function Sent({ from, to, shown }: { from: string; to: string; shown: Span }) {
  const [left, right] = [from, to].map((moment) => placeOf(Date.parse(moment), shown)) as [number, number];
  return <i className="timeline-sent" style={{ left: `${left}%`, width: `${right - left}%` }} />;
}

function Legend() {
  const { t } = useTranslation('editor');
  return (
    <div className="timeline-legend">
      <span data-kind="open">{t('picture.open')}</span>
      <span data-kind="sent">{t('picture.sent')}</span>
      <span data-kind="end">{t('picture.end')}</span>
      <span data-kind="late">{t('picture.late')}</span>
    </div>
  );
}
