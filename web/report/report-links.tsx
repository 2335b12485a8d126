import './words.js';
import { Badge, Button, Card, Group, Select, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMutation, useQuery } from 'urql';
import {
  ReportLinkCreateDocument,
  ReportLinkRevokeDocument,
  type ReportLinkRowFragment,
  ReportLinksDocument,
} from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Confirm } from '../ui/confirm.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { Trouble } from '../ui/trouble.js';
import { NewLink } from './new-link.js';

/** Links by which people without an account read the report of a mailing: made here, listed, and revoked. */
export default function ReportLinks({ mailingId }: { mailingId: string }) {
  const { t } = useTranslation('report');
  const mayWrite = useMay('MAILINGS_WRITE');
  const [{ data, error }, ask] = useQuery({
    query: ReportLinksDocument,
    variables: { id: mailingId },
    requestPolicy: 'cache-and-network',
  });
  const links = data?.mailing?.reportLinks;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('links.text')}
      </Text>
      {mayWrite ? <MakeLink mailingId={mailingId} /> : null}
      {error ? <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} /> : null}
      {links === undefined && !error ? <Skeleton height={72} /> : null}
      {links?.length === 0 ? <Text size="sm">{t('links.none')}</Text> : null}
      {links?.map((link) => (
        <LinkCard key={link.id} link={link} mayRevoke={mayWrite} />
      ))}
    </Stack>
  );
}

const DAYS = [7, 30, 90, 365] as const;

function MakeLink({ mailingId }: { mailingId: string }) {
  const { t } = useTranslation('report');
  const { count } = useFormat();
  const [days, setDays] = useState('30');
  const [{ data, error, fetching }, make] = useMutation(ReportLinkCreateDocument);
  const { link, userErrors } = data?.mailingReportLinkCreate ?? {};
  const onMake = () => {
    const expiresAt = new Date(Date.now() + Number(days) * 86_400_000).toISOString();
    void make({ id: mailingId, expiresAt });
  };
  return (
    <>
      <Group align="end" gap="sm">
        <Select
          label={t('links.holds')}
          w="10rem"
          allowDeselect={false}
          value={days}
          onChange={(value) => setDays(value ?? '30')}
          data={DAYS.map((each) => ({ value: `${each}`, label: t('links.days', { count: each, n: count(each) }) }))}
        />
        <Button onClick={onMake} loading={fetching}>
          {t('links.make')}
        </Button>
      </Group>
      {error ? <Trouble error={error} /> : null}
      {userErrors?.map(({ message }) => (
        <Refused key={message}>{message}</Refused>
      ))}
      {link ? <NewLink link={link} /> : null}
    </>
  );
}

function LinkCard({ link, mayRevoke }: { link: ReportLinkRowFragment; mayRevoke: boolean }) {
  const { t } = useTranslation('report');
  const { moment } = useFormat();
  const [isAsked, setAsked] = useState(false);
  const { createdAt, createdBy, expiresAt, revokedAt, lastUsedAt } = link;
  const isOver = revokedAt !== null || Date.parse(expiresAt) <= Date.now();
  const standing = revokedAt
    ? t('links.revoked', { at: moment(revokedAt) })
    : t(isOver ? 'links.expired' : 'links.until', { at: moment(expiresAt) });
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between" gap="sm">
        <div>
          <Badge variant="outline" color={isOver ? 'gray' : 'green'} className="badge" tt="none">
            {standing}
          </Badge>
          <Text size="sm" mt={4}>
            {t('links.made', { at: moment(createdAt), by: createdBy })}
          </Text>
          <Text size="sm" c="dimmed">
            {lastUsedAt ? t('links.used', { at: moment(lastUsedAt) }) : t('links.unused')}
          </Text>
        </div>
        {mayRevoke && !isOver ? (
          <Button
            size="xs"
            variant="default"
            aria-label={t('links.revokeThis', { at: moment(createdAt) })}
            onClick={() => setAsked(true)}
          >
            {t('links.revoke')}
          </Button>
        ) : null}
      </Group>
      <RevokeDialog linkId={link.id} opened={isAsked} onClose={() => setAsked(false)} />
    </Card>
  );
}

function RevokeDialog({ linkId, opened, onClose }: { linkId: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('report');
  const [{ error, fetching }, revoke] = useMutation(ReportLinkRevokeDocument);
  const onRevoke = async () => {
    const done = await revoke({ linkId });
    if (!done.error) onClose();
  };
  return (
    <Confirm
      opened={opened}
      title={t('links.revokeTitle')}
      no={t('links.keep')}
      yes={t('links.revoke')}
      first="no"
      isGrave
      isDoing={fetching}
      error={error}
      onClose={onClose}
      onYes={onRevoke}
    >
      <Text>{t('links.revokeText')}</Text>
    </Confirm>
  );
}
