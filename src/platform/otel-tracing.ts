import { hostname } from 'node:os';
import {
  type Context,
  createContextKey,
  isSpanContextValid,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { TracingSettings } from '../telemetry-settings.js';
import type { Span, SpanFacts, SpanOptions, Tracing } from './tracing.js';

/** Spans are told so soon after their end, ms. */
const TOLD_AFTER_MS = 1_000;
/** A collector that does not answer is given up after this, ms, and its spans with it. */
const GIVE_UP_MS = 5_000;
/** Of what is traced by `mayTrace`, so many may come at once, as a share of a minute's. */
const AT_ONCE = 0.5;

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };
const CURRENT = createContextKey('heliograph span');

/**
 * Traces told to a collector by OTLP over HTTP, in JSON. Loaded only where OTEL_EXPORTER_OTLP_ENDPOINT is set. Nothing is registered
 * with OpenTelemetry as a whole, so that two of these in one process have nothing to do with each other.
 */
export class OtelTracing implements Tracing {
  readonly isOn = true;
  readonly #provider: TracerProvider;
  readonly #tracer;
  readonly #contexts = new AsyncLocalStorageContextManager().enable();
  readonly #budgets;

  constructor(settings: TracingSettings, about: { version: string; role: string }) {
    const { endpoint, headers, serviceName, perMinute } = settings;
    const exporter = new OTLPTraceExporter({
      url: `${endpoint}/v1/traces`,
      headers: { ...headers },
      timeoutMillis: GIVE_UP_MS,
    });
    this.#provider = new TracerProvider({
      sampler: new AlwaysOnSampler(),
      resource: resourceFromAttributes({
        'service.name': serviceName,
        'service.version': about.version,
        'service.instance.id': `${hostname()}/${process.pid}`,
        'heliograph.role': about.role,
      }),
      spanProcessors: [
        new BatchSpanProcessor({ exporter, scheduledDelayMillis: TOLD_AFTER_MS, exportTimeoutMillis: GIVE_UP_MS }),
      ],
    });
    this.#tracer = this.#provider.getTracer('heliograph', about.version);
    this.#budgets = { request: new Budget(perMinute), batch: new Budget(perMinute) };
  }

  begin(name: string, { parent, kind = 'internal', startedAt, facts }: SpanOptions = {}): Span | null {
    const from = parent == null ? undefined : parseTraceparent(parent);
    const context = from ? trace.setSpanContext(ROOT_CONTEXT, from) : ROOT_CONTEXT;
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        ...(facts && { attributes: { ...facts } }),
        ...(startedAt !== undefined && { startTime: performance.timeOrigin + startedAt }),
      },
      context,
    );
    return new TracedSpan(span);
  }

  mayTrace(what: 'request' | 'batch'): boolean {
    return this.#budgets[what].take();
  }

  within<T>(span: Span, work: () => T): T {
    return this.#contexts.with(this.#contexts.active().setValue(CURRENT, span), work);
  }

  current(): Span | null {
    const active: Context = this.#contexts.active();
    return (active.getValue(CURRENT) as Span | undefined) ?? null;
  }

  async close(): Promise<void> {
    this.#contexts.disable();
    // A collector that is away keeps nobody from ending.
    await this.#provider.shutdown().catch(() => {});
  }
}

class TracedSpan implements Span {
  readonly traceparent: string;

  constructor(private readonly span: OtelSpan) {
    const { traceId, spanId } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-01`;
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  set(facts: SpanFacts): void {
    this.span.setAttributes({ ...facts });
  }

  end(problem?: string): void {
    if (problem !== undefined) this.span.setStatus({ code: SpanStatusCode.ERROR, message: problem });
    this.span.end();
  }
}

/** @returns undefined when it is none, or not sampled */
function parseTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  const traceFlags = Number.parseInt(flags ?? '00', 16) & TraceFlags.SAMPLED;
  const context = { traceId, spanId, traceFlags, isRemote: true };
  return traceFlags === TraceFlags.SAMPLED && isSpanContextValid(context) ? context : undefined;
}

/** So many in a minute, and half as many at once. */
class Budget {
  readonly #most: number;
  #left: number;
  #at = performance.now();

  constructor(private readonly perMinute: number) {
    this.#most = Math.max(1, perMinute * AT_ONCE);
    this.#left = this.#most;
  }

  take(): boolean {
    const now = performance.now();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) * this.perMinute) / 60_000);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
