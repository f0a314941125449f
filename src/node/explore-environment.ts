/**
 * What an exploration needs of the machine: a clock, worker threads where they pay off, a cache on disk, and an ear
 * for signals. Opening it costs nothing; threads start when the first work for them is there.
 */
import { availableParallelism } from 'node:os';
import type { Location } from '../diag/diagnostic.js';
import { settingText } from '../explore/key.js';
import type { Environment, Load } from '../explore/run.js';
import { watchInterrupts } from './interrupt.js';
import type { MapperPool } from './mapper-pool.js';
import { openResultCache } from './result-cache.js';

export interface ExploreEnvironment extends Environment {
  readonly close: () => Promise<void>;
}

export interface EnvironmentOptions {
  /** Worker threads; 0: none; undefined: one per processor, once they pay off. */
  readonly threads: number | undefined;
  readonly cache?: { readonly folder: string; readonly at: Location } | undefined;
}

/**
 * Searches that are left before threads are worth their start, ms, guessed from the first ones: these run slowly, since
 * they come first, and later points find more in memory, so that the guess is several times too high.
 */
const WORTH_THREADS_MS = 10_000;
/** Searches done before one can tell, ms. */
const WORTH_A_GUESS_MS = 200;

export function openEnvironment({ threads, cache }: EnvironmentOptions): ExploreEnvironment {
  const interrupt = watchInterrupts();
  const results = cache === undefined ? undefined : openResultCache(cache.folder, cache.at);
  const wanted = threads ?? availableParallelism();
  let pool: Promise<MapperPool> | undefined;
  return {
    now: () => performance.now(),
    farm: (load) => {
      if (wanted === 0 || (threads === undefined && (wanted === 1 || !paysOff(load)))) return undefined;
      return (pool ??= import('./mapper-pool.js').then(({ openMapperPool }) => openMapperPool(wanted)));
    },
    store: ({ setting }) => results?.of(settingText(setting)),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    stopped: interrupt.wished,
    stop: interrupt.wish,
    close: async () => {
      interrupt.release();
      results?.trim();
      await (await pool)?.close();
    },
  };
}

/** Judged by the points done so far: later ones find more in memory, so this is more than will be left. */
const paysOff = ({ done, total, searchMs }: Load): boolean =>
  searchMs > WORTH_A_GUESS_MS && (searchMs / done) * (total - done) > WORTH_THREADS_MS;
