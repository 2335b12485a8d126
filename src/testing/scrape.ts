/** What a process tells at `/metrics`, read as Prometheus reads it. */
export class Scrape {
  readonly #samples = new Map<string, number>();
  /** By the metric's name: what kind it is. */
  readonly types = new Map<string, string>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      if (name !== undefined) this.types.set(name, type!);
      const [, series, value] = /^([a-z_]\w*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      if (series !== undefined) this.#samples.set(series, value === '+Inf' ? Infinity : Number(value));
    }
  }

  /** The sum of all series of that name whose labels are these, and whichever others; undefined: there is none. */
  of(name: string, labels: Record<string, string> = {}): number | undefined {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    let sum: number | undefined;
    for (const [series, value] of this.#samples) {
      const [head = ''] = series.split('{', 1);
      if (head !== name || !wanted.every((part) => series.includes(part))) continue;
      sum = (sum ?? 0) + value;
    }
    return sum;
  }

  /** Every series with its value; buckets and sums under the name of their histogram. */
  get series(): { metric: string; series: string; value: number; labels: string[] }[] {
    return [...this.#samples].map(([series, value]) => {
      const [name = '', labels = ''] = series.split(/\{(.*)\}$/);
      const metric = this.types.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
      return { metric, series, value, labels: [...labels.matchAll(/(\w+)="/g)].map(([, label]) => label!) };
    });
  }
}

/** Asks a process for its metrics. @throws Error when it does not tell them */
export async function scrape(url: string, headers: Record<string, string> = {}): Promise<Scrape> {
  const response = await fetch(`${url}/metrics`, { headers });
  if (!response.ok) throw new Error(`/metrics: ${response.status}`);
  return new Scrape(await response.text());
}
