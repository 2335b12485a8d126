import type { SpotlightActionData } from '@mantine/spotlight';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useLocation } from 'wouter';
import { PaletteClientsDocument, PaletteMailingsDocument } from '../generated/graphql.js';
import { useMay } from './viewer.js';

/** Letters and digits; less is found everywhere. */
const SHORTEST = 2;
const SHORTEST_PHONE = 4;

/** Mailings by a part of their name or text, and clients by a part of their phone, as far as one may see them. */
export function useFound(typed: string): { mailings: SpotlightActionData[]; clients: SpotlightActionData[] } {
  const { t: word } = useTranslation('ui');
  const [, go] = useLocation();
  const find = typed.trim();
  const phone = phonePart(find);
  const mayMailings = useMay('MAILINGS_READ');
  const mayPhones = useMay('CLIENTS_PHONES');
  const [mailings] = useQuery({
    query: PaletteMailingsDocument,
    variables: { find },
    pause: !mayMailings || find.length < SHORTEST,
  });
  const [clients] = useQuery({
    query: PaletteClientsDocument,
    variables: { phone: phone ?? '' },
    pause: !mayPhones || phone === null,
  });
  return {
    mailings: (find.length < SHORTEST ? [] : (mailings.data?.mailings.edges ?? [])).map(({ node }) => ({
      id: `mailing-${node.id}`,
      label: node.name,
      description: word(`mailing.${node.status}`),
      // What the server found fits, whatever the palette itself would make of it.
      keywords: [typed],
      onClick: () => go(`/mailings/${node.id}`),
    })),
    clients: (phone === null ? [] : (clients.data?.clients.edges ?? [])).map(({ node }) => ({
      id: `client-${node.id}`,
      label: `+${node.phone}`,
      description: node.timeZone,
      keywords: [typed],
      onClick: () => go(`/clients/${node.id}`),
    })),
  };
}

/** The digits of what is a phone or a part of one, however it is written; null: it is neither. */
export function phonePart(typed: string): string | null {
  if (!/^[\d\s()+-]+$/.test(typed)) return null;
  const digits = typed.replace(/\D/g, '').replace(/^8(?=\d{10}$)/, '7');
  return digits.length >= SHORTEST_PHONE && digits.length <= 11 ? digits : null;
}
