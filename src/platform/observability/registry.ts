/** The values of labels by their names. */
export type Labels = Readonly<Record<string, string>>;

/** A line of the text; a histogram has several kinds of them. */
export type Reading = {
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels?: Labels;
  readonly value: number;
};

type Described = { readonly name: string; readonly help: string };

export type Metric = Described & {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Called when the metrics are read. */
  readonly read: () => Iterable<Reading>;
};

/**
 * The metrics of one system, written in Prometheus’ text format. `prom-client` writes the same text, and takes 20 ms of
 * each start to load, whether metrics are read or not.
 */
export type Registry = {
  readonly add: (metric: Metric) => void;
  readonly text: () => string;
};

export function createRegistry(): Registry {
  const metrics = new Map<string, Metric>();
  return {
    add: (metric) => {
      if (metrics.has(metric.name)) throw new Error(`there are two metrics ${metric.name}`);
      metrics.set(metric.name, metric);
    },
    text: () => `${[...metrics.values()].map(textOf).join('\n\n')}\n`,
  };
}

/** A counter; it counts under labels. */
export function createCounter<Label extends string>(
  registry: Registry,
  { name, help, labels: names }: Described & { readonly labels: readonly Label[] },
): (labels: Readonly<Record<Label, string>>, by?: number) => void {
  const counts = new Map<string, { readonly labels: Labels; value: number }>();
  registry.add({ name, help, type: 'counter', read: () => counts.values() });
  return (labels, by = 1) => {
    const key = names.map((each) => labels[each]).join('\0');
    const series = counts.get(key) ?? { labels, value: 0 };
    counts.set(key, series);
    series.value += by;
  };
}

/** A number that is read when the metrics are. */
export function addGauge(registry: Registry, described: Described, read: () => number): void {
  registry.add({ ...described, type: 'gauge', read: () => [{ value: read() }] });
}

/** The observations with equal labels; `counts` has one more than there are buckets, for what exceeds them all. */
type Series = { readonly labels: Labels; readonly counts: number[]; sum: number };

type HistogramOptions<Label extends string> = Described & {
  readonly labels: readonly Label[];
  /** Upper bounds, in ascending order. */
  readonly buckets: readonly number[];
};

/** A histogram; it observes a value under labels. Without labels it is complete from the start. */
export function createHistogram<Label extends string>(
  registry: Registry,
  { name, help, labels: names, buckets }: HistogramOptions<Label>,
): (labels: Readonly<Record<Label, string>>, value: number) => void {
  const all = new Map<string, Series>();
  const seriesOf = (labels: Labels): Series => {
    const key = names.map((each) => labels[each]).join('\0');
    const known = all.get(key);
    if (known !== undefined) return known;
    const series: Series = { labels, counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 };
    all.set(key, series);
    return series;
  };
  if (names.length === 0) seriesOf({});
  const read = () => [...all.values()].flatMap((series) => readingsOf(series, buckets));
  registry.add({ name, help, type: 'histogram', read });
  return (labels, value) => {
    const series = seriesOf(labels);
    const at = buckets.findIndex((bound) => value <= bound);
    const bucket = at === -1 ? buckets.length : at;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
  };
}

/** A bucket counts all that are not above its bound. */
function readingsOf({ labels, counts, sum }: Series, buckets: readonly number[]): readonly Reading[] {
  let count = 0;
  const readings = counts.map((own, at): Reading => {
    count += own;
    const le = at < buckets.length ? String(buckets[at]) : '+Inf';
    return { suffix: '_bucket', labels: { le, ...labels }, value: count };
  });
  return [...readings, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }];
}

function textOf({ name, help, type, read }: Metric): string {
  const lines = [`# HELP ${name} ${escapeText(help)}`, `# TYPE ${name} ${type}`];
  for (const { suffix = '', labels = {}, value } of read()) {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeText(text, true)}"`);
    lines.push(`${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`);
  }
  return lines.join('\n');
}

function escapeText(text: string, isQuoted = false): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return isQuoted ? escaped.replaceAll('"', '\\"') : escaped;
}
