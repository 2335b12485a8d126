import { Button, Card, Group, Progress, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import type { Upload } from './use-upload.js';

/** How much of the file is on its way, with a way to stop it. */
export function Sending({ upload: { share, cancel }, size }: { upload: Upload; size: number }) {
  const { t } = useTranslation('import');
  const format = useFormat();
  const sent = share ?? 0;
  return (
    <Card withBorder role="status">
      <Progress value={sent * 100} aria-label={t('sending')} color="var(--sent)" />
      <Group justify="space-between" mt="xs">
        <Text size="sm" className="figures">
          {sent < 1 ? t('sending.share', { share: format.share(Math.floor(sent * size), size) }) : t('sending.checked')}
        </Text>
        <Button size="xs" variant="default" onClick={cancel}>
          {t('sending.stop')}
        </Button>
      </Group>
    </Card>
  );
}

/** Why the server did not take it. */
export function NotTaken({ error }: { error: string | null }) {
  const { t } = useTranslation('import');
  return <Refused title={t('notTaken')}>{error}</Refused>;
}
