import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useQuery } from 'urql';
import { Link, useLocation } from 'wouter';
import { ClientCountDocument } from '../generated/graphql.js';
import { useMay } from '../shell/viewer.js';
import { Empty } from '../ui/empty.js';
import { useFormat } from '../ui/format.js';
import { Refused } from '../ui/refused.js';
import { addExamples } from './add-examples.js';

/** In place of a list of no mailings: the way to the first one, with clients of one's own or with made-up ones. */
export default function FirstSteps() {
  const { t } = useTranslation('mailings');
  const { count } = useFormat();
  const mayWrite = useMay('MAILINGS_WRITE');
  const mayImport = useMay('CLIENTS_WRITE');
  const [{ data }] = useQuery({ query: ClientCountDocument, pause: !useMay('CLIENTS_READ') });
  const clients = data?.clients.totalCount ?? 0;
  if (!mayWrite) return <Empty title={t('empty.title')} text={t('empty.others')} />;
  return (
    <Empty
      title={t('empty.title')}
      text={clients > 0 ? t('empty.text', { count: clients, n: count(clients) }) : t('empty.noClients')}
    >
      <Button component={Link} href="/mailings/new" variant={clients > 0 ? 'filled' : 'default'}>
        {t('empty.write')}
      </Button>
      {mayImport ? (
        <Button component={Link} href="/clients/import" variant={clients > 0 ? 'default' : 'filled'}>
          {t('empty.import')}
        </Button>
      ) : null}
      {mayImport && clients === 0 ? <ExampleButton /> : null}
    </Empty>
  );
}

function ExampleButton() {
  const { t } = useTranslation('mailings');
  const client = useClient();
  const [, go] = useLocation();
  const [working, setWorking] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const add = () => {
    setWorking(true);
    setTrouble(null);
    addExamples(client, { name: t('example.name'), text: t('example.text') })
      .then((id) => go(`/mailings/${id}`))
      .catch((error: Error) => setTrouble(error.message))
      .finally(() => setWorking(false));
  };
  return (
    <>
      <Button variant="default" loading={working} onClick={add}>
        {t('example.add')}
      </Button>
      <p className="example-note">{t('example.note')}</p>
      <Refused>{trouble}</Refused>
    </>
  );
}
