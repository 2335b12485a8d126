import { Card, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import {
  ClientHistoryDocument,
  type ClientHistoryEventFragment,
  type ClientHistoryQuery,
} from '../generated/graphql.js';
import { useFormat } from '../ui/format.js';
import { Paged } from '../ui/paged.js';

const NOTHING = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, edges: [] };
const read = ({ client }: ClientHistoryQuery) => client?.events ?? NOTHING;

/** What decided whether and when messages reach somebody: who did it, when, and what it was. */
export function ClientHistory({ id, revision }: { id: string; revision: number }) {
  const { t } = useTranslation('clients');
  return (
    <Card withBorder component="section" aria-label={t('history')}>
      <Title order={2} size="h4" mb="xs">
        {t('history')}
      </Title>
      <ul className="client-history">
        <Paged
          // Each change of the client may have added to it.
          key={revision}
          query={ClientHistoryDocument}
          choice={{ id, first: 20 }}
          read={read}
          wrap={(content) => <li>{content}</li>}
          first={(total) => (total === 0 ? <li>{t('history.none')}</li> : null)}
        >
          {(event) => <Event event={event} />}
        </Paged>
      </ul>
    </Card>
  );
}

function Event({ event: { at, by, kind, details } }: { event: ClientHistoryEventFragment }) {
  const { t } = useTranslation('clients');
  const { moment } = useFormat();
  const said = (name: string) => String(details[name] ?? '–');
  return (
    <li>
      <Text size="sm">
        {t(`event.${kind}`, { from: said('from'), to: said('to') })}
        {kind === 'OPTED_OUT' && details['formerClientId'] !== undefined ? ` ${t('event.former')}` : ''}
      </Text>
      <Text size="xs" c="dimmed">
        {moment(at)} · {by}
      </Text>
    </li>
  );
}
