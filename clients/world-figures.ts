import { exposition, type Metric } from './exposition.ts';
import type { TurnFigures } from './turn-figures.ts';

/** Where the figures of the world process come from, asked when somebody wants them. */
export interface FigureSources {
  readonly turns: TurnFigures;
  readonly world: () => {
    readonly resident: number;
    readonly faults: number;
    readonly evictions: number;
    readonly queue: number;
    readonly sends: number;
    readonly timers: number;
    readonly aside: number;
    readonly classesAside: number;
    readonly sessions: number;
  };
  /** Characters handed to the store so far. */
  readonly written: () => number;
  readonly checkpoints: () => CheckpointFigures;
  /** Null where the world makes no backups. */
  readonly backups: () => BackupFigures | null;
  /** Null while no log of turns is written. */
  readonly log: () => { readonly bytes: number; readonly dropped: number } | null;
  readonly deadLetters: () => Promise<number>;
  /** Bytes in the data folder, by part. */
  readonly folder: () => Promise<Readonly<Record<string, number>>>;
  /** Milliseconds that the event loop was late since it was asked last. */
  readonly lag: () => { readonly half: number; readonly most: number; readonly worst: number };
  readonly process: () => {
    readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number };
    /** Microseconds. */
    readonly busy: number;
    /** When it was started, in milliseconds since the epoch. */
    readonly since: number;
  };
}

export interface CheckpointFigures {
  readonly taken: number;
  readonly failed: number;
  /** When the last one was done, in milliseconds since the epoch; null: none since the start. */
  readonly last: number | null;
  /** Milliseconds that it took. */
  readonly took: number | null;
}

/** What could not be done with the backup folder: see `BackupsOptions.onFailed`. */
const BACKUP_FAULTS = ['backup', 'folder', 'removal'] as const;

export interface BackupFigures {
  readonly made: number;
  readonly failed: Readonly<Record<(typeof BACKUP_FAULTS)[number], number>>;
  /** When the last one was done, in milliseconds since the epoch; null: none since the start. */
  readonly last: number | null;
  /** Bytes that it added to the folder. */
  readonly bytes: number | null;
}

/** All figures of the world process, as Prometheus reads them. */
export async function worldFigures(sources: FigureSources): Promise<string> {
  const { resident, faults, evictions, queue, sends, timers, aside, classesAside, sessions } =
    sources.world();
  const checkpoints = sources.checkpoints();
  const { memory, busy, since } = sources.process();
  const lag = sources.lag();
  const log = sources.log();
  const [dead, folder] = await Promise.all([sources.deadLetters(), sources.folder()]);
  return exposition([
    ...sources.turns.metrics(),
    gauge('keystead_queue_turns', 'Turns that wait in the queue now', queue),
    gauge('keystead_objects_resident', 'Objects in memory', resident),
    counter(
      'keystead_object_faults_total',
      'Objects that were read from the store when they were needed',
      faults,
    ),
    counter('keystead_object_evictions_total', 'Objects that were dropped from memory', evictions),
    gauge('keystead_objects_aside', 'Objects that are set aside', aside),
    gauge(
      'keystead_classes_aside',
      'Classes found not to load since the start: their objects take no calls',
      classesAside,
    ),
    gauge(
      'keystead_world_sessions',
      'Sessions that the world keeps, also of players who are not connected',
      sessions,
    ),
    gauge('keystead_sends_pending', 'Messages that are stored and wait for their turn', sends),
    gauge('keystead_timers_pending', 'Timers that are not due yet', timers),
    gauge('keystead_dead_letters', 'Messages that could not be delivered and are kept', dead),
    counter(
      'keystead_written_bytes_total',
      'What was handed to the store to write, about',
      sources.written(),
    ),
    {
      name: 'keystead_folder_bytes',
      help: 'What the data folder takes on disk, by part; looked up at most every ten seconds',
      kind: 'gauge',
      samples: Object.entries(folder).map(([part, value]) => ({ labels: { part }, value })),
    },
    counter('keystead_checkpoints_total', 'Checkpoints that were taken', checkpoints.taken),
    counter('keystead_checkpoint_failures_total', 'Checkpoints that could not be taken', checkpoints.failed),
    some(
      'keystead_checkpoint_last_timestamp_seconds',
      'When the last checkpoint was done, since the epoch; left out until one is taken',
      checkpoints.last === null ? null : checkpoints.last / 1000,
    ),
    some(
      'keystead_checkpoint_last_seconds',
      'How long the last checkpoint took; left out until one is taken',
      checkpoints.took === null ? null : checkpoints.took / 1000,
    ),
    ...backupMetrics(sources.backups()),
    some('keystead_log_bytes', 'Size of the log of turns; left out while it is off', log?.bytes ?? null),
    counter(
      'keystead_log_lines_dropped_total',
      'Commits that could not be written to the log of turns',
      log?.dropped ?? 0,
    ),
    {
      name: 'keystead_world_lag_seconds',
      help: 'How late the event loop of the world process was since the last reading: 0.5 and 0.99 quantile, and 1 for the worst',
      kind: 'gauge',
      samples: [
        { labels: { quantile: '0.5' }, value: lag.half / 1000 },
        { labels: { quantile: '0.99' }, value: lag.most / 1000 },
        { labels: { quantile: '1' }, value: lag.worst / 1000 },
      ],
    },
    gauge('keystead_world_resident_memory_bytes', 'Memory of the world process', memory.rss),
    gauge('keystead_world_heap_used_bytes', 'What of it JavaScript objects use', memory.heapUsed),
    gauge(
      'keystead_world_external_memory_bytes',
      'What of it buffers and the database have',
      memory.external,
    ),
    counter('keystead_world_cpu_seconds_total', 'Processor time of the world process', busy / 1_000_000),
    gauge(
      'keystead_world_start_time_seconds',
      'When the world process was started, since the epoch',
      since / 1000,
    ),
  ]);
}

/** All of them are without a value where no backups are made, so that nobody takes that for backups that never fail. */
function backupMetrics(backups: BackupFigures | null): readonly Metric[] {
  const last = backups?.last ?? null;
  return [
    {
      name: 'keystead_backups_total',
      help: 'Backups that were made; this and the next three are left out without --backup',
      kind: 'counter',
      samples: backups === null ? [] : [{ value: backups.made }],
    },
    {
      name: 'keystead_backup_failures_total',
      help: 'What could not be done, by what: a backup made, the folder opened at the start, old backups removed',
      kind: 'counter',
      samples:
        backups === null
          ? []
          : BACKUP_FAULTS.map((what) => ({ labels: { what }, value: backups.failed[what] })),
    },
    some(
      'keystead_backup_last_timestamp_seconds',
      'When the last backup was done, since the epoch; left out until one is made',
      last === null ? null : last / 1000,
    ),
    some(
      'keystead_backup_last_bytes',
      'What the last backup added to the backup folder; left out until one is made',
      backups?.bytes ?? null,
    ),
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, kind: 'gauge', samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, kind: 'counter', samples: [{ value }] };
}

/** A gauge that has no value yet. */
function some(name: string, help: string, value: number | null): Metric {
  return { name, help, kind: 'gauge', samples: value === null ? [] : [{ value }] };
}
