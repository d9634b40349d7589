/**
 * The text format of Prometheus, as far as this project writes it:
 *
 *   metric = "# HELP " name " " help LF "# TYPE " name " " kind LF sample*
 *   sample = name [suffix] ["{" label "=" quoted ("," ...)* "}"] " " number LF
 *
 * The world process writes its figures with this and not with `prom-client`, as the portal does: a library that counts by
 * labels costs it more for each turn than all that the counting may.
 */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** Of a histogram: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(text).join('');
}

function text({ name, help, kind, samples }: Metric): string {
  const lines = samples.map(({ suffix = '', labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, of]) => `${label}="${quoted(of)}"`);
    return `${name}${suffix}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${number(value)}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines.join('')}`;
}

function quoted(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

/** How often values fell into each of some ranges. Counting one costs some nanoseconds. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** `bounds` go up. Of the values' unit. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  add(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at += 1;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += value;
  }

  /** `scale`: by what a value is multiplied to be in the unit of the metric. */
  samples(labels: Readonly<Record<string, string>>, scale: number): readonly Sample[] {
    const samples: Sample[] = [];
    let count = 0;
    for (const [at, more] of this.#counts.entries()) {
      count += more;
      const bound = this.#bounds[at];
      const le = bound === undefined ? '+Inf' : String(Number((bound * scale).toPrecision(6)));
      samples.push({ suffix: '_bucket', labels: { ...labels, le }, value: count });
    }
    samples.push({ suffix: '_sum', labels, value: this.#sum * scale });
    samples.push({ suffix: '_count', labels, value: count });
    return samples;
  }
}
