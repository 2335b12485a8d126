import { z } from 'zod';
import { number, token, webAddress, whole } from './setting-kinds.js';

/** `name=value` pairs separated by commas, as OTEL_EXPORTER_OTLP_HEADERS has them; values may be percent-encoded. */
const headers = z
  .string()
  .regex(
    /^[\w-]+=[\x21-\x2b\x2d-\x7e]+(,\s*[\w-]+=[\x21-\x2b\x2d-\x7e]+)*$/,
    'must be name=value pairs separated by commas',
  )
  .refine((text) => !/%(?![\da-f]{2})/i.test(text), 'must have % only before two hexadecimal digits')
  .transform((text) =>
    Object.fromEntries(
      text.split(',').map((pair) => {
        const [name = '', ...value] = pair.trim().split('=');
        return [name, decodeURIComponent(value.join('='))];
      }),
    ),
  );

/** The settings of what the program tells of itself to machines, by the names of their variables. */
export const telemetrySettings = {
  METRICS_TOKEN: token.optional(),
  METRICS_PORT: number(0, 65_535).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress('a web').optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headers.optional(),
  OTEL_SERVICE_NAME: token.default('heliograph'),
  OTEL_TRACES_PER_MINUTE: whole(60, 1, 60_000),
};
type Settings = z.output<z.ZodObject<typeof telemetrySettings>>;

/** Who may read the metrics, and where. */
export interface MetricsSettings {
  /** Bearer token of whoever reads them; null: without one. */
  readonly token: string | null;
  /** A TCP port of their own, beside the server's; 0 takes a free one; null: none. */
  readonly port: number | null;
}

/** Where traces go. */
export interface TracingSettings {
  /** Base of an OTLP/HTTP collector, without a slash at the end; `/v1/traces` is appended. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** Traces that this process begins in a minute at the most, and batches of messages that it traces. */
  readonly perMinute: number;
}

/** What the program tells of itself to machines. */
export interface TelemetryConfig {
  readonly metrics: MetricsSettings;
  /** Null: nothing is traced. */
  readonly tracing: TracingSettings | null;
}

export function assembleTelemetry(s: Settings): TelemetryConfig {
  const endpoint = s.OTEL_EXPORTER_OTLP_ENDPOINT;
  return {
    metrics: Object.freeze({ token: s.METRICS_TOKEN ?? null, port: s.METRICS_PORT ?? null }),
    tracing:
      endpoint === undefined
        ? null
        : Object.freeze({
            endpoint,
            headers: s.OTEL_EXPORTER_OTLP_HEADERS ?? {},
            serviceName: s.OTEL_SERVICE_NAME,
            perMinute: s.OTEL_TRACES_PER_MINUTE,
          }),
  };
}

/** What is wrong although each setting alone is right. */
export function findTelemetryContradictions(s: Settings & { PORT: number; ROLE: string }): string[] {
  if (s.METRICS_PORT === undefined || s.METRICS_PORT === 0 || s.METRICS_PORT !== s.PORT || s.ROLE === 'worker')
    return [];
  return ['METRICS_PORT must not be PORT: set another, or leave it out and set METRICS_TOKEN'];
}

/** What must never show of them. */
export function telemetrySecrets({ metrics, tracing }: TelemetryConfig): (string | null)[] {
  return [metrics.token, ...Object.values(tracing?.headers ?? {})];
}
