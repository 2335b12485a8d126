import { Alert, Button, Card, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../ui/format.js';
import { ZoneSelect } from '../ui/zone-select.js';
import { ColumnTable } from './column-table.js';
import { type Column, guessColumns, hasNoHeader, problemsOf } from './columns.js';
import { DELIMITERS, type Delimiter, ENCODINGS, type Encoding, headBytes, readHead, type Style } from './file-head.js';
import { NotTaken, Sending } from './sending.js';
import { CONFLICT_RULES, type ConflictRule } from './upload.js';
import type { Upload } from './use-upload.js';

interface Props {
  file: File;
  upload: Upload;
  onRestart: () => void;
}

/** How a file is understood: guessed from its beginning, shown, and to be changed before anything is sent. */
export function ImportForm({ file, upload, onRestart }: Props) {
  const { t } = useTranslation('import');
  const { bytes } = useBytes(file);
  const [style, setStyle] = useState<Partial<Style>>({});
  const head = useMemo(() => (bytes === null ? null : readHead(bytes, style)), [bytes, style]);
  const [columns, setColumns] = useState<Column[]>([]);
  useEffect(() => setColumns(head === null ? [] : guessColumns(head.header, head.rows)), [head]);
  const [onConflict, setConflict] = useState<ConflictRule>('merge');
  const [chosenZone, setZone] = useState<string | null | undefined>(undefined);
  if (head === null) return <Card withBorder mih={320} aria-busy="true" />;
  const hasZones = columns.some(({ use }) => use === 'time_zone');
  // Without a column for it somebody has to say; whoever imports lives in the likeliest one.
  const timeZone = chosenZone === undefined ? (hasZones ? null : ownZone()) : chosenZone;
  const problems = hasNoHeader(head.header) ? (['noHeader'] as const) : problemsOf(columns, timeZone);
  const plan = { encoding: head.encoding, delimiter: head.delimiter, columns, onConflict, timeZone };
  return (
    <Stack gap="md">
      <FileCard file={file} head={head} onStyle={(change) => setStyle({ ...style, ...change })} onRestart={onRestart} />
      <ColumnTable columns={columns} rows={head.rows} onChange={setColumns} />
      <Card withBorder component="section" aria-label={t('rules')}>
        <Title order={2} size="h4" mb="sm">
          {t('rules')}
        </Title>
        <div className="import-rules">
          <Select
            label={t('conflict')}
            description={t(`conflict.${onConflict}.text`)}
            allowDeselect={false}
            data={CONFLICT_RULES.map((rule) => ({ value: rule, label: t(`conflict.${rule}`) }))}
            value={onConflict}
            onChange={(rule) => setConflict(rule as ConflictRule)}
          />
          <ZoneSelect
            label={t('zone')}
            description={t(hasZones ? 'zone.hint' : 'zone.needed')}
            placeholder={t('zone.none')}
            clearable
            value={timeZone}
            onChange={setZone}
          />
        </div>
      </Card>
      {problems.length === 0 ? null : (
        <Alert color="orange" variant="outline" role="status" title={t('notYet')}>
          {problems.map((problem) => (
            <Text key={problem}>{t(`problem.${problem}`)}</Text>
          ))}
        </Alert>
      )}
      <NotTaken error={upload.error} />
      {upload.share === null ? (
        <Group gap="sm">
          <Button disabled={problems.length > 0} onClick={() => upload.send({ ...plan, dryRun: true })}>
            {t('try')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('try.hint')}
          </Text>
        </Group>
      ) : (
        <Sending upload={upload} size={file.size} />
      )}
    </Stack>
  );
}

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

function useBytes(file: File): { bytes: Uint8Array | null } {
  const [bytes, setBytes] = useState<Uint8Array | null>(null);
  useEffect(() => {
    let isLast = true;
    void headBytes(file).then((read) => isLast && setBytes(read));
    return () => {
      isLast = false;
    };
  }, [file]);
  return { bytes };
}

interface FileCardProps {
  file: File;
  head: Style;
  onStyle: (change: Partial<Style>) => void;
  onRestart: () => void;
}

function FileCard({ file, head, onStyle, onRestart }: FileCardProps) {
  const { t } = useTranslation('import');
  return (
    <Card withBorder component="section" aria-label={t('file')}>
      <Group justify="space-between" align="end">
        <div>
          <Title order={2} size="h4">
            {file.name}
          </Title>
          <Text size="sm" c="dimmed" className="figures">
            <Size bytes={file.size} />
          </Text>
        </div>
        <Group align="end" gap="sm">
          <Select
            label={t('encoding')}
            size="xs"
            allowDeselect={false}
            data={ENCODINGS.map((value) => ({ value, label: value.toUpperCase() }))}
            value={head.encoding}
            onChange={(value) => onStyle({ encoding: value as Encoding })}
          />
          <Select
            label={t('delimiter')}
            size="xs"
            allowDeselect={false}
            data={DELIMITERS.map((value) => ({ value, label: t(`delimiter.${value}`) }))}
            value={head.delimiter}
            onChange={(value) => onStyle({ delimiter: value as Delimiter })}
          />
          <Button size="xs" variant="default" onClick={onRestart}>
            {t('another')}
          </Button>
        </Group>
      </Group>
    </Card>
  );
}

/** In kilobytes or megabytes. */
function Size({ bytes }: { bytes: number }) {
  const { t } = useTranslation('import');
  const { decimal } = useFormat();
  return bytes < 1_000_000
    ? t('size.kb', { n: decimal(bytes / 1_000) })
    : t('size.mb', { n: decimal(bytes / 1_000_000) });
}
