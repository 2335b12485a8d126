import { Card, Select, Table, Text, TextInput, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Column, isAttributeName, USES, type Use } from './columns.js';

interface Props {
  columns: readonly Column[];
  /** The first records of the file. */
  rows: readonly (readonly string[])[];
  onChange: (columns: Column[]) => void;
}

/** What each column means, above the first lines as they will be understood. */
export function ColumnTable({ columns, rows, onChange }: Props) {
  const { t } = useTranslation('import');
  const change = (at: number, part: Partial<Column>) =>
    onChange(columns.map((column, place) => (place === at ? { ...column, ...part } : column)));
  return (
    <Card withBorder component="section" aria-label={t('columns')}>
      <Title order={2} size="h4">
        {t('columns')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('columns.hint')}
      </Text>
      <Table.ScrollContainer minWidth={columns.length * 150} type="native" tabIndex={0} aria-label={t('preview')}>
        <Table className="preview">
          <Table.Thead>
            <Table.Tr>
              {columns.map((column, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                <Table.Th key={at}>
                  <ColumnHead column={column} at={at} onChange={(part) => change(at, part)} />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
              <Table.Tr key={line}>
                {columns.map((column, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                  <Table.Td key={at} data-passed-over={column.use === '-' || undefined}>
                    {row[at] ?? ''}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

interface HeadProps {
  column: Column;
  at: number;
  onChange: (part: Partial<Column>) => void;
}

function ColumnHead({ column: { header, use, name }, at, onChange }: HeadProps) {
  const { t } = useTranslation('import');
  const shown = header === '' ? t('column.unnamed', { n: at + 1 }) : header;
  return (
    <>
      <Text size="sm" fw={600} className="cut">
        {shown}
      </Text>
      <Select
        size="xs"
        mt={4}
        aria-label={t('column.use', { column: shown })}
        allowDeselect={false}
        disabled={header === ''}
        data={USES.map((value) => ({ value, label: t(`use.${value}`) }))}
        value={use}
        onChange={(value) => onChange({ use: value as Use })}
      />
      {use === 'attribute' ? (
        <TextInput
          size="xs"
          mt={4}
          aria-label={t('column.attribute', { column: shown })}
          value={name}
          error={!isAttributeName(name)}
          onChange={({ currentTarget: { value } }) => onChange({ name: value.trim() })}
        />
      ) : null}
    </>
  );
}
