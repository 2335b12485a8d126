import './words.js';
import './clients.css';
import { Anchor, Button, Group, Select, Text } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';
import type { ClientOrder, ClientRowFragment } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { ClientJobCard } from '../ui/client-job-card.js';
import { Empty } from '../ui/empty.js';
import { useFormat } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { Trouble } from '../ui/trouble.js';
import { BulkBar } from './bulk-bar.js';
import { ClientDrawer } from './client-drawer.js';
import { ClientFilters } from './client-filters.js';
import { ClientTable } from './client-table.js';
import { exportAddress, isFiltered, type ListView, readView, viewParameters } from './list-view.js';
import { NOBODY, type Selection } from './selection.js';
import { type Clients, useClients } from './use-clients.js';

/** All clients, however many: found, looked through, changed one by one or many at once. */
export default function ClientsPage() {
  const { t } = useTranslation('clients');
  const mayWrite = useMay('CLIENTS_WRITE');
  const [view, setView] = useView();
  const clients = useClients(view);
  const [edited, setEdited] = useState<ClientRowFragment | 'new' | null>(null);
  const [selection, setSelection] = useState<Selection>(NOBODY);
  const [job, setJob] = useState<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter means others
  useEffect(() => setSelection(NOBODY), [view.filter]);
  const begun = (id: string) => {
    setJob(id);
    setSelection(NOBODY);
  };
  const isEmpty = clients.total === 0 && !isFiltered(view.filter);
  return (
    <Page title={t('title')} actions={mayWrite ? <Actions onNew={() => setEdited('new')} /> : null}>
      {clients.error ? <Trouble error={clients.error} onAgain={clients.reload} /> : null}
      {job === null ? null : <ClientJobCard key={job} id={job} onOver={clients.reload} onClose={() => setJob(null)} />}
      {isEmpty ? <NobodyYet /> : null}
      <div hidden={isEmpty} className="clients">
        <ClientFilters view={view} onChange={(filter) => setView({ ...view, filter })} />
        <Toolbar view={view} setView={setView} total={clients.total} />
        {mayWrite ? (
          <BulkBar
            selection={selection}
            setSelection={setSelection}
            filter={view.filter}
            total={clients.total}
            onJob={begun}
          />
        ) : null}
        {clients.total === 0 ? (
          <Empty title={t('nobody.title')} text={t('nobody.text')}>
            <Button variant="default" onClick={() => setView({ ...view, filter: {} })}>
              {t('filter.clear')}
            </Button>
          </Empty>
        ) : (
          <ClientTable
            // Another list begins at its top.
            key={viewParameters(view).toString()}
            clients={clients}
            selection={selection}
            setSelection={setSelection}
            onEdit={setEdited}
          />
        )}
      </div>
      <ClientDrawer client={edited} onClose={() => setEdited(null)} onDone={(change) => seeChange(clients, change)} />
    </Page>
  );
}

/** One that was changed is shown where it stands; who came or went may be anywhere. */
function seeChange({ pages, reload }: Clients, changed: ClientRowFragment | null): void {
  if (changed === null) reload();
  else pages.replace(changed);
}

/** What the address says; a change of the filter goes into the address. */
function useView(): [ListView, (view: ListView) => void] {
  const [parameters, setParameters] = useSearchParams();
  const mayPhones = useMay('CLIENTS_PHONES');
  const query = parameters.toString();
  const view = useMemo(() => readView(new URLSearchParams(query), mayPhones), [query, mayPhones]);
  const setView = useCallback(
    (next: ListView) => setParameters(viewParameters(next), { replace: true }),
    [setParameters],
  );
  return [view, setView];
}

function Actions({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation('clients');
  return (
    <>
      <Button component={Link} href="/clients/import" variant="default">
        {t('import')}
      </Button>
      <Button onClick={onNew}>{t('new')}</Button>
    </>
  );
}

function NobodyYet() {
  const { t } = useTranslation('clients');
  const mayWrite = useMay('CLIENTS_WRITE');
  return (
    <Empty title={t('empty.title')} text={t('empty.text')}>
      {mayWrite ? (
        <>
          <Button component={Link} href="/clients/import">
            {t('import')}
          </Button>
          <Button component={Link} href="/clients/import?example" variant="default">
            {t('empty.example')}
          </Button>
        </>
      ) : null}
    </Empty>
  );
}

interface ToolbarProps {
  view: ListView;
  setView: (view: ListView) => void;
  total: number | null;
}

function Toolbar({ view, setView, total }: ToolbarProps) {
  const { t } = useTranslation('clients');
  const { count } = useFormat();
  const mayPhones = useMay('CLIENTS_PHONES');
  const orders: ClientOrder[] = ['NEWEST', 'OLDEST', 'UPDATED', ...(mayPhones ? (['PHONE'] as const) : [])];
  return (
    <Group justify="space-between" align="end" gap="xs">
      <Text fw={600} className="figures" aria-live="polite">
        {total === null ? t('counting') : t('shown', { count: total, n: count(total) })}
      </Text>
      <Group gap="md" align="center">
        <Anchor href={exportAddress(view.filter)} download size="sm">
          {t('export')}
        </Anchor>
        <Select
          aria-label={t('order')}
          size="xs"
          allowDeselect={false}
          data={orders.map((order) => ({ value: order, label: t(`order.${order}`) }))}
          value={view.orderBy}
          onChange={(order) => setView({ ...view, orderBy: (order ?? 'NEWEST') as ClientOrder })}
        />
      </Group>
    </Group>
  );
}
