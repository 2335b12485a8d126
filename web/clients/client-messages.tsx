import { Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { type ClientMessageFragment, ClientMessagesDocument, type ClientMessagesQuery } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useFormat } from '../ui/format.js';
import { Paged } from '../ui/paged.js';
import { MessageStatusBadge } from '../ui/status-badge.js';

const NOTHING = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, edges: [] };
const read = ({ client }: ClientMessagesQuery) => client?.messages ?? NOTHING;

/** All messages to one client, of all mailings, the newest first. */
export function ClientMessages({ id }: { id: string }) {
  const { t } = useTranslation('clients');
  const { count } = useFormat();
  const whole = (content: ReactNode) => (
    <Table.Tr>
      <Table.Td colSpan={4}>{content}</Table.Td>
    </Table.Tr>
  );
  return (
    <section aria-label={t('messages')}>
      <Title order={2} size="h4" mb="xs">
        {t('messages')}
      </Title>
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} aria-label={t('messages')}>
        <Table withTableBorder bg="var(--card)">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('message.mailing')}</Table.Th>
              <Table.Th>{t('message.status')}</Table.Th>
              <Table.Th>{t('message.when')}</Table.Th>
              <Table.Th>{t('message.answer')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Paged
              query={ClientMessagesDocument}
              choice={{ id, first: 50 }}
              read={read}
              wrap={whole}
              first={(total) =>
                whole(
                  <Text size="sm" c="dimmed">
                    {total === 0 ? t('messages.none') : t('messages.count', { count: total, n: count(total) })}
                  </Text>,
                )
              }
            >
              {(message) => <MessageLine message={message} />}
            </Paged>
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  );
}

function MessageLine({ message }: { message: ClientMessageFragment }) {
  const { t } = useTranslation('clients');
  const { moment } = useFormat();
  const inWords = useServerWords();
  const { status, sentAt, dueAt, createdAt, reason, gatewayCode, mailing } = message;
  return (
    <Table.Tr>
      <Table.Td>
        <Link href={`/mailings/${mailing.id}`}>{mailing.name}</Link>
      </Table.Td>
      <Table.Td>
        <MessageStatusBadge status={status} />
      </Table.Td>
      <Table.Td className="figures">
        {status === 'DELAYED' ? t('message.notBefore', { at: moment(dueAt) }) : moment(sentAt ?? createdAt)}
      </Table.Td>
      <Table.Td>
        {[gatewayCode === null ? null : `HTTP ${gatewayCode}`, reason && inWords(reason)]
          .filter((part) => part !== null)
          .join(' · ')}
      </Table.Td>
    </Table.Tr>
  );
}
