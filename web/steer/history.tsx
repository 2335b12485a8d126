import './words.js';
import { Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { type HistoryEventFragment, MailingHistoryDocument } from '../generated/graphql.js';
import { weekdayNames } from '../ui/days.js';
import { useFormat } from '../ui/format.js';
import { Trouble } from '../ui/trouble.js';
import { type Change, changesOf, copyOf, detailsAfter, doerOf } from './describe-event.js';
import { useSteered } from './steered.js';
import { useAskedAgain } from './use-asked-again.js';

/** ms; a burst of steps is asked for once. */
const ASK_EVERY = 1_000;

/** What was done to a mailing, by whom, and when, the oldest first. */
export default function History() {
  return (
    <Card withBorder padding="md">
      <HistoryPage after={null} before={null} />
    </Card>
  );
}

interface HistoryPageProps {
  after: string | null;
  /** Of the last step of the page before. */
  before: Record<string, unknown> | null;
}

/** A hundred steps, and the way to the next hundred. */
function HistoryPage({ after, before }: HistoryPageProps) {
  const { t } = useTranslation('steer');
  const [more, setMore] = useState(false);
  const { id, mailing } = useSteered();
  const [{ data, error }, ask] = useQuery({
    query: MailingHistoryDocument,
    variables: { id, after },
    requestPolicy: 'cache-and-network',
  });
  const again = () => ask({ requestPolicy: 'network-only' });
  useAskedAgain(mailing ? `${mailing.status} ${mailing.revision}` : null, again, ASK_EVERY);
  if (error && !data) return <Trouble error={error} onAgain={again} />;
  const events = data?.mailing?.events;
  if (events === undefined) return <Skeleton height={240} />;
  let known = before;
  const steps = events.edges.map(({ node }) => {
    const step = { event: node, changes: changesOf(node, known) };
    known = detailsAfter(node, known);
    return step;
  });
  return (
    <>
      <Stack component="ol" gap="md" p={0} m={0} style={{ listStyle: 'none' }}>
        {steps.map((step) => (
          <HistoryStep key={step.event.id} {...step} />
        ))}
      </Stack>
      {!events.pageInfo.hasNextPage ? null : more ? (
        <HistoryPage after={events.pageInfo.endCursor ?? null} before={known} />
      ) : (
        <Button mt="md" variant="default" onClick={() => setMore(true)}>
          {t('history.more')}
        </Button>
      )}
    </>
  );
}

function HistoryStep({ event, changes }: { event: HistoryEventFragment; changes: readonly Change[] }) {
  const { t } = useTranslation('steer');
  const { moment } = useFormat();
  const { word, name } = doerOf(event.by);
  const original = copyOf(event);
  return (
    <li>
      <Group gap="xs">
        <Text fw={600}>{t(`event.${event.kind}`)}</Text>
        <Text size="sm" c="dimmed">
          {moment(event.at)} · {t(word, { name })}
        </Text>
      </Group>
      {changes.length > 0 || original ? (
        <Stack component="ul" gap={2} m={0} mt={4} pl="lg">
          {changes.map((change) => (
            <ChangeLine key={change.field} change={change} />
          ))}
          {original ? (
            <li>
              <Link href={`/mailings/${original}`}>{t('history.copyOf')}</Link>
            </li>
          ) : null}
        </Stack>
      ) : null}
    </li>
  );
}

function ChangeLine({ change: { field, from, to } }: { change: Change }) {
  const { t } = useTranslation('steer');
  const show = useValue();
  const name = t(`field.${field}`);
  if (to === undefined) return <li>{t('history.changed', { name })}</li>;
  const words = { name, from: show(field, from), to: show(field, to) };
  return <li>{t(from === undefined ? 'history.to' : 'history.fromTo', words)}</li>;
}

/** How a value of a field is written. */
function useValue(): (field: Change['field'], value: unknown) => string {
  const { t, i18n } = useTranslation('steer');
  const { moment, count } = useFormat();
  return (field, value) => {
    if (value === null || value === undefined) return field === 'rateLimit' ? t('rate.none') : t('history.always');
    if (field === 'startsAt' || field === 'endsAt') return moment(String(value));
    if (field === 'rateLimit') return t('rate.of', { rate: count(Number(value)) });
    if (field === 'weekdays' && Array.isArray(value)) return weekdayNames(value.map(Number), i18n.language);
    return String(value);
  };
}
