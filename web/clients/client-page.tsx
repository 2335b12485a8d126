import './words.js';
import './clients.css';
import { Button, Card } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link, useLocation, useParams } from 'wouter';
import { type ClientRowFragment, OneClientDocument } from '../generated/graphql.js';
import { useServerWords } from '../i18n/use-server-words.js';
import { useMay } from '../shell/viewer.js';
import { Empty } from '../ui/empty.js';
import { useFormat } from '../ui/format.js';
import { Page } from '../ui/page.js';
import { PageSkeleton } from '../ui/page-skeleton.js';
import { shownPhone } from '../ui/phone.js';
import { Trouble } from '../ui/trouble.js';
import { ClientDrawer } from './client-drawer.js';
import { ClientHistory } from './client-history.js';
import { ClientMessages } from './client-messages.js';
import { DeleteClientButton } from './delete-client.js';
import { EraseClientButton } from './erase-client.js';
import { LocalTime } from './local-time.js';
import { OptOutCard } from './opt-out-card.js';

/** One client: who it is, whether it wants messages, and all it was sent. */
export default function ClientPage() {
  const { t } = useTranslation('clients');
  const { id } = useParams<{ id: string }>();
  const inWords = useServerWords();
  const [{ data, error }, ask] = useQuery({
    query: OneClientDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  if (data?.client) return <Known key={id} client={data.client} />;
  if (error === undefined) return <PageSkeleton />;
  const gone = error.graphQLErrors.find(({ extensions }) => extensions['code'] === 'NOT_FOUND');
  if (gone !== undefined) {
    const isErased = / erased /.test(gone.message);
    return (
      <Page title={t('client')}>
        <Empty
          title={t(isErased ? 'erased.title' : 'notFound.title')}
          text={isErased ? `${inWords(gone.message)} ${t('erased.text')}` : t('notFound.text')}
        >
          <Button component={Link} href="/clients">
            {t('notFound.all')}
          </Button>
        </Empty>
      </Page>
    );
  }
  return <Trouble error={error} onAgain={() => ask({ requestPolicy: 'network-only' })} />;
}

function Known({ client }: { client: ClientRowFragment }) {
  const { t } = useTranslation('clients');
  const mayWrite = useMay('CLIENTS_WRITE');
  const mayErase = useMay('ACCESS_ADMIN');
  const mayMessages = useMay('MAILINGS_READ');
  const [, go] = useLocation();
  const [edited, setEdited] = useState(false);
  const actions = (
    <>
      {mayWrite ? (
        <>
          <Button variant="default" onClick={() => setEdited(true)}>
            {t('edit')}
          </Button>
          <DeleteClientButton
            client={client}
            onDone={() => go('/clients')}
            onRestored={() => go(`/clients/${client.id}`)}
          />
        </>
      ) : null}
      {mayErase ? <EraseClientButton client={client} /> : null}
    </>
  );
  return (
    <Page title={shownPhone(client.phone)} actions={actions}>
      <div className="client-parts">
        <div className="client-column">
          <Facts client={client} />
          {mayMessages ? <ClientMessages id={client.id} /> : null}
        </div>
        <div className="client-column">
          <OptOutCard client={client} />
          <ClientHistory id={client.id} revision={client.revision} />
        </div>
      </div>
      <ClientDrawer
        client={edited ? client : null}
        onClose={() => setEdited(false)}
        onDone={(changed) => {
          if (changed === null) go('/clients');
        }}
      />
    </Page>
  );
}

function Facts({ client }: { client: ClientRowFragment }) {
  const { t } = useTranslation('clients');
  const { moment } = useFormat();
  const own = Object.entries(client.attributes);
  return (
    <Card withBorder component="section" aria-label={t('facts')}>
      <dl className="client-facts">
        <dt>{t('column.localTime')}</dt>
        <dd>
          <LocalTime zone={client.timeZone} />
        </dd>
        <dt>{t('field.operatorCode')}</dt>
        <dd>{client.operatorCode}</dd>
        <dt>{t('field.tags')}</dt>
        <dd>
          {client.tags.length === 0
            ? '–'
            : client.tags.map((tag) => (
                <Link key={tag} className="client-tag" href={`/clients?${new URLSearchParams({ tagsAny: tag })}`}>
                  {tag}
                </Link>
              ))}
        </dd>
        {own.map(([name, value]) => (
          <div key={name} className="pair">
            <dt>{name}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
        <dt>{t('column.added')}</dt>
        <dd>{moment(client.createdAt)}</dd>
        <dt>{t('changed')}</dt>
        <dd>{moment(client.updatedAt)}</dd>
      </dl>
    </Card>
  );
}
