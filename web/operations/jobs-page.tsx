import './words.js';
import { Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { useMay } from '../shell/viewer.js';
import { Page } from '../ui/page.js';
import { ClientJobs } from './client-jobs.js';
import { SchedulerJobs } from './scheduler-jobs.js';

/** Work that goes on in the background: imports and bulk changes, and for admins the scheduler's own jobs. */
export default function JobsPage() {
  const { t } = useTranslation('operations');
  const isAdmin = useMay('ACCESS_ADMIN');
  const [search, setSearch] = useSearchParams();
  const tab = isAdmin && search.get('tab') === 'scheduler' ? 'scheduler' : 'clients';
  if (!isAdmin) {
    return (
      <Page title={t('jobs.title')}>
        <ClientJobs />
      </Page>
    );
  }
  return (
    <Page title={t('jobs.title')}>
      <Tabs
        value={tab}
        onChange={(next) => setSearch(next === 'scheduler' ? { tab: next } : {}, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="clients">{t('jobs.clients')}</Tabs.Tab>
          <Tabs.Tab value="scheduler">{t('jobs.scheduler')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="clients">
          <ClientJobs />
        </Tabs.Panel>
        <Tabs.Panel value="scheduler">
          <SchedulerJobs />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
