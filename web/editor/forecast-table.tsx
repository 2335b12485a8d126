import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { language } from '../i18n/i18n.js';
import { useFormat } from '../ui/format.js';
import { zoneName } from '../ui/zone-name.js';
import type { Forecast } from './use-forecast.js';
import { useMoment } from './use-moment.js';
import { isKnownZone } from './zoned-time.js';

/** What the picture shows, in figures: every zone, with the times by its own clocks. */
export function ForecastTable({ forecast }: { forecast: Forecast }) {
  const { t } = useTranslation('editor');
  const { count, moment } = useFormat();
  const formMoment = useMoment();
  const local = (at: string | null, zone: string) => {
    if (at === null) return '–';
    return isKnownZone(zone) ? moment(at, zone) : formMoment(at);
  };
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table fz="sm" className="figures">
        <Table.Caption>{t('table.caption')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('table.zone')}</Table.Th>
            <Table.Th ta="right">{t('table.clients')}</Table.Th>
            <Table.Th ta="right">{t('table.sent')}</Table.Th>
            <Table.Th ta="right">{t('table.late')}</Table.Th>
            <Table.Th>{t('table.first')}</Table.Th>
            <Table.Th>{t('table.last')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {forecast.timeZones.map(({ timeZone, ...zone }) => (
            <Table.Tr key={timeZone}>
              <Table.Th scope="row" fw={400}>
                {zoneName(timeZone, language())}
              </Table.Th>
              <Table.Td ta="right">{count(zone.count)}</Table.Td>
              <Table.Td ta="right">{count(zone.sentCount)}</Table.Td>
              <Table.Td ta="right" fw={zone.expiredCount > 0 ? 650 : 400}>
                {count(zone.expiredCount)}
              </Table.Td>
              <Table.Td>{local(zone.firstSendAt, timeZone)}</Table.Td>
              <Table.Td>{local(zone.lastSendAt, timeZone)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
