/** A time as ISO 8601 writes it, as far as it can be written so: a timer may be due in a hundred thousand years. */
export function instant(milliseconds: unknown): string {
  const time = typeof milliseconds === 'number' ? new Date(milliseconds) : new Date(Number.NaN);
  return Number.isNaN(time.getTime()) ? `${String(milliseconds).slice(0, 40)} ms` : time.toISOString();
}
