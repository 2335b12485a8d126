/** What a span says of itself. Never a phone, a text or a token. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** A step of a trace. One that is never ended is never told. */
export interface Span {
  /** By which others hang theirs on it, in other processes too (W3C Trace Context, version 00). */
  readonly traceparent: string;
  rename(name: string): void;
  set(facts: SpanFacts): void;
  /** @param problem what went wrong; left out: nothing */
  end(problem?: string): void;
}

/** How a step begins. */
export interface SpanOptions {
  /** On which it hangs; left out or null: it begins a trace. One that is not sampled, or no traceparent at all, counts as null. */
  parent?: string | null;
  kind?: 'server' | 'client' | 'internal';
  /** On the clock of `performance.now()`; now when left out. */
  startedAt?: number;
  facts?: SpanFacts;
}

/** Traces, where somebody wants them. */
export interface Tracing {
  /** False: none of this does anything. */
  readonly isOn: boolean;
  begin(name: string, options?: SpanOptions): Span | null;
  /** Whether something of which there is a lot may be traced now: so many in a minute. */
  mayTrace(what: 'request' | 'batch'): boolean;
  /** Does the work as a part of the span: in it, `current()` is that. */
  within<T>(span: Span, work: () => T): T;
  current(): Span | null;
  /** Tells what is not told yet, if it can soon. */
  close(): Promise<void>;
}

/** Where nobody wants any, which is the rule: nothing is loaded, and nothing is done. */
export const NO_TRACING: Tracing = {
  isOn: false,
  begin: () => null,
  mayTrace: () => false,
  within: (_span, work) => work(),
  current: () => null,
  close: async () => {},
};
