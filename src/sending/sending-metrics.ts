import { Counter, Histogram, type Registry } from 'prom-client';
import { answerRules } from '../channel/answer-rules.js';
import type { Channel, Outcome } from '../channel/channel.js';
import type { FinishedCounts } from '../message/publish-changes.js';
import { type OutcomeRecord, type RecordKind, recordKinds } from '../message/record-outcomes.js';
import { addGauge } from '../platform/metrics.js';

/** From a gateway on the same machine to a time-out, s. */
const SEND_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From a claim of a few rows to a database that is on its knees, s. */
const STATEMENT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What an attempt came to when its message is tried again: the rows of the retry policy, and what no row foresees. */
const AGAIN = [
  ...Object.entries(answerRules)
    .filter(([name, { outcome }]) => (outcome === 'retry' || outcome === 'unknown') && name !== 'leaseLost')
    .map(([name]) => name),
  'fault',
];

/** A channel's state as it is read when somebody asks. */
interface Watched {
  channel: Pick<Channel, 'name' | 'concurrency'>;
  queue: { readonly inFlight: number };
  circuit: { readonly isClosed: boolean };
}

/** What workers count of their sending: a batch at a time, where it can be. */
export class SendingMetrics {
  readonly #messages;
  readonly #finished;
  readonly #claims;
  readonly #claimed;
  readonly #retries;
  readonly #opened;
  readonly #sends;
  readonly #claiming;
  readonly #recording;
  readonly #waits;
  readonly #watched: Watched[] = [];

  constructor(registry: Registry) {
    const registers = [registry];
    const of = (name: string, help: string) => ({ name: `heliograph_${name}`, help, registers });
    const channel = { labelNames: ['channel'] as const };
    this.#messages = new Counter({
      ...of('messages_total', 'Claimed messages by what became of them: docs/metrics.md explains each outcome.'),
      labelNames: ['channel', 'outcome'],
    });
    this.#finished = new Counter({
      ...of('messages_finished_total', 'Messages that got a final status: sent, failed, expired, cancelled, unknown.'),
      labelNames: ['status'],
    });
    this.#claims = new Counter({ ...of('claims_total', 'Claims: statements that take due messages.'), ...channel });
    this.#claimed = new Counter({ ...of('claimed_messages_total', 'Messages that were claimed.'), ...channel });
    this.#retries = new Counter({
      ...of('retries_total', 'Attempts after which a message is tried again, by what the gateway answered.'),
      labelNames: ['channel', 'answer'],
    });
    this.#opened = new Counter({
      ...of('circuit_opened_total', 'How often the circuit of a channel has opened in this process.'),
      ...channel,
    });
    this.#sends = new Histogram({
      ...of('send_duration_seconds', 'How long an attempt took, from its start to its outcome.'),
      ...channel,
      buckets: SEND_BUCKETS,
    });
    this.#claiming = new Histogram({
      ...of('claim_duration_seconds', 'How long a claim took.'),
      buckets: STATEMENT_BUCKETS,
    });
    this.#recording = new Histogram({
      ...of('record_duration_seconds', 'How long it took to record a batch, until the database had taken it.'),
      buckets: STATEMENT_BUCKETS,
    });
    this.#waits = new Histogram({
      ...of('rate_limit_wait_seconds', 'How long a lane waited for permits of a rate limit before it claimed.'),
      ...channel,
      buckets: [0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1],
    });
    for (const status of ['sent', 'failed', 'expired', 'cancelled', 'unknown']) this.#finished.inc({ status }, 0);
    this.#addStates(registry);
  }

  /** Counts of one channel; call once for each. */
  watch(outlet: Watched): ChannelMetrics {
    this.#watched.push(outlet);
    const channel = outlet.channel.name;
    for (const answer of AGAIN) this.#retries.inc({ channel, answer }, 0);
    this.#sends.zero({ channel });
    this.#waits.zero({ channel });
    return new ChannelMetrics({
      messages: new Map(recordKinds.map((outcome) => [outcome, primed(this.#messages.labels({ channel, outcome }))])),
      retries: (answer) => this.#retries.inc({ channel, answer }),
      claims: primed(this.#claims.labels({ channel })),
      claimed: primed(this.#claimed.labels({ channel })),
      opened: primed(this.#opened.labels({ channel })),
      sends: this.#sends.labels({ channel }),
      waits: this.#waits.labels({ channel }),
      claiming: this.#claiming,
    });
  }

  /** A batch is in the database, after so many ms. */
  recorded(ms: number): void {
    this.#recording.observe(ms / 1_000);
  }

  /** Messages got a final status, by whatever statement. */
  finished(counts: FinishedCounts | undefined): void {
    for (const [status, count] of Object.entries(counts ?? {})) if (count > 0) this.#finished.inc({ status }, count);
  }

  #addStates(registry: Registry): void {
    const labelNames = ['channel'] as const;
    const each = (value: (outlet: Watched) => number) => () =>
      this.#watched.map((outlet) => [{ channel: outlet.channel.name }, value(outlet)] as const);
    addGauge(
      registry,
      {
        name: 'heliograph_circuit_open',
        help: 'Whether this process sends nothing by a channel because it found it out of order: 1, else 0.',
        labelNames,
      },
      each(({ circuit }) => (circuit.isClosed ? 0 : 1)),
    );
    addGauge(
      registry,
      { name: 'heliograph_requests_in_flight', help: 'Requests of a channel that are under way.', labelNames },
      each(({ queue }) => queue.inFlight),
    );
    addGauge(
      registry,
      {
        name: 'heliograph_requests_in_flight_limit',
        help: 'Requests of a channel that may be under way at once, for this process.',
        labelNames,
      },
      each(({ channel }) => channel.concurrency),
    );
  }
}

type Bound<M extends { labels(...values: string[]): unknown }> = ReturnType<M['labels']>;

interface Series {
  messages: ReadonlyMap<RecordKind, Bound<Counter>>;
  retries: (answer: string) => void;
  claims: Bound<Counter>;
  claimed: Bound<Counter>;
  opened: Bound<Counter>;
  sends: Bound<Histogram>;
  waits: Bound<Histogram>;
  claiming: Pick<Histogram, 'observe'>;
}

/** What is counted of one channel. */
export class ChannelMetrics {
  constructor(private readonly series: Series) {}

  /** A claim has given so many messages, after so many ms. */
  claimed(messages: number, ms: number): void {
    this.series.claims.inc();
    this.series.claimed.inc(messages);
    this.series.claiming.observe(ms / 1_000);
  }

  /** A lane has waited so many ms for permits. */
  waited(ms: number): void {
    this.series.waits.observe(ms / 1_000);
  }

  /** An attempt has ended; undefined: the channel threw. Those that went well cost nothing here. */
  heard(outcome: Outcome | undefined): void {
    if (outcome === undefined) this.series.retries('fault');
    else if (outcome.kind === 'retry' || outcome.kind === 'unknown') this.series.retries(outcome.answer);
  }

  /** A batch has ended. */
  tried(records: readonly OutcomeRecord[]): void {
    const counts = new Map<RecordKind, number>();
    for (const { kind, startedAt, endedAt } of records) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (startedAt !== null && endedAt !== null) this.series.sends.observe((endedAt - startedAt) / 1_000);
    }
    for (const [kind, count] of counts) this.series.messages.get(kind)?.inc(count);
  }

  circuitOpened(): void {
    this.series.opened.inc();
  }
}

/** A series that is there from the start: Prometheus sees no growth in one that begins with its first event. */
function primed(counter: Bound<Counter>): Bound<Counter> {
  counter.inc(0);
  return counter;
}
