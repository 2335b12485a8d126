import './words.js';
import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MailingStatus, MessageStatus } from '../generated/graphql.js';

const MAILING_COLOURS: Record<MailingStatus, string> = {
  DRAFT: 'gray',
  SCHEDULED: 'blue',
  RUNNING: 'teal',
  PAUSED: 'orange',
  COMPLETED: 'green',
  CANCELLED: 'grape',
};

/** Where a mailing stands, in a word; the colour says nothing that the word does not. */
export function MailingStatusBadge({ status }: { status: MailingStatus }) {
  const { t } = useTranslation('ui');
  return (
    <Badge variant="outline" color={MAILING_COLOURS[status]} className="badge">
      {t(`mailing.${status}`)}
    </Badge>
  );
}

const MESSAGE_COLOURS: Record<MessageStatus, string> = {
  ENQUEUED: 'gray',
  DELAYED: 'gray',
  SENDING: 'blue',
  SENT: 'green',
  FAILED: 'red',
  EXPIRED: 'orange',
  CANCELLED: 'grape',
  UNKNOWN: 'pink',
};

/** Where a message stands, in a word. */
export function MessageStatusBadge({ status }: { status: MessageStatus }) {
  const { t } = useTranslation('ui');
  return (
    <Badge variant="outline" color={MESSAGE_COLOURS[status]} className="badge">
      {t(`message.${status}`)}
    </Badge>
  );
}
