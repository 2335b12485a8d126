import { ActionIcon } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { ClientRowFragment } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { useFormat } from '../ui/format.js';
import { shownPhone } from '../ui/phone.js';
import { LocalTime } from './local-time.js';

interface Props {
  client: ClientRowFragment;
  /** Its place in the table, the head being 1. */
  number: number;
  onEdit: (client: ClientRowFragment) => void;
  children: ReactNode;
}

/** A client in the list. */
export const ClientLine = memo(function ClientLine({ client, number, onEdit, children }: Props) {
  const { t } = useTranslation('clients');
  const { day } = useFormat();
  const mayWrite = useMay('CLIENTS_WRITE');
  return (
    <tr aria-rowindex={number}>
      {mayWrite ? <td className="tick">{children}</td> : null}
      <td className="phone">
        <Link href={`/clients/${client.id}`}>{shownPhone(client.phone)}</Link>
        {client.optedOutAt === null ? null : <span className="gone">{t('gone')}</span>}
      </td>
      <td className="about wide">{aboutOf(client.attributes)}</td>
      <td className="tags wide">
        {client.tags.map((tag) => (
          <span key={tag} className="client-tag">
            {tag}
          </span>
        ))}
      </td>
      <td className="zone">
        <LocalTime zone={client.timeZone} />
      </td>
      <td className="added wide">{day(client.createdAt)}</td>
      {mayWrite ? (
        <td className="act">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('editOne', { phone: shownPhone(client.phone) })}
            onClick={() => onEdit(client)}
          >
            <IconPencil size={18} aria-hidden />
          </ActionIcon>
        </td>
      ) : null}
    </tr>
  );
});

/** A row that is on its way. */
export function WaitingLine({ number }: { number: number }) {
  const mayWrite = useMay('CLIENTS_WRITE');
  return (
    <tr aria-rowindex={number} aria-busy>
      {mayWrite ? <td className="tick" /> : null}
      <td className="phone">
        <span className="waiting" />
      </td>
      <td className="about wide" />
      <td className="tags wide" />
      <td className="zone" />
      <td className="added wide" />
      {mayWrite ? <td className="act" /> : null}
    </tr>
  );
}

/** The words of a client's attributes, those that begin the list first: a name, a city. */
function aboutOf(attributes: Record<string, unknown>): string {
  return Object.values(attributes).slice(0, 4).map(String).join(' · ');
}
