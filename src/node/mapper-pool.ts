/**
 * Worker threads that solve mapping problems. A worker that dies takes nothing with it but its turn: its problems
 * are tried once more, each for itself, and only those that fail again are answered with a diagnostic. Once the pool is
 * closed nothing is tried again.
 */
import { Piscina } from 'piscina';
import { diagnostic } from '../diag/diagnostic.js';
import type { Farm } from '../explore/farm.js';
import type { Answer, MapperSetting } from '../explore/mapper.js';
import type { MapperTask } from './mapper-worker.js';

export interface MapperPool extends Farm {
  /** Ends whatever is under way: what was asked and has no answer is rejected. */
  readonly close: () => Promise<void>;
}

/** The worker thread's code, beside this file. */
const WORKER = new URL('./mapper-worker.js', import.meta.url);

export function openMapperPool(threads: number, worker = WORKER): MapperPool {
  const pool = createPool(threads, worker);
  const pools = new Set([pool]);
  const ids = new Map<MapperSetting, number>();
  let closed = false;

  /** The second try, in a thread of its own. */
  const alone = async (task: MapperTask): Promise<readonly Answer[]> => {
    const own = createPool(1, worker);
    pools.add(own);
    try {
      return await runIn(own, task);
    } catch (error) {
      if (closed) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return [
        { kind: 'failed', diagnostics: [diagnostic('DF8204', `a mapping search died twice: ${message}`)] },
      ];
    } finally {
      pools.delete(own);
      await own.destroy();
    }
  };

  return {
    solve: async (setting, problems) => {
      const settingId = ids.get(setting) ?? ids.size;
      ids.set(setting, settingId);
      try {
        return await runIn(pool, { settingId, setting, problems });
      } catch (error) {
        if (closed) throw error;
        const answers: Answer[] = [];
        for (const problem of problems)
          answers.push(...(await alone({ settingId, setting, problems: [problem] })));
        return answers;
      }
    },
    close: async () => {
      closed = true;
      await Promise.all([...pools].map((one) => one.destroy()));
    },
  };
}

type Pool = Piscina<MapperTask, readonly Answer[]>;

function createPool(threads: number, worker: URL): Pool {
  const pool: Pool = new Piscina({ filename: worker.href, minThreads: threads, maxThreads: threads });
  // Every task under way listens whether workers are left.
  pool.setMaxListeners(Infinity);
  // A worker that dies without a task concerns nobody: the next task starts another.
  pool.on('error', () => undefined);
  return pool;
}

/** Rejects if the worker dies, and if there is none that could begin: then the pool would wait for ever. */
async function runIn(pool: Pool, task: MapperTask): Promise<readonly Answer[]> {
  let leave: () => void = () => undefined;
  const deserted = new Promise<never>((_, reject) => {
    const look = (error: Error): void => {
      if (pool.threads.length === 0) reject(error);
    };
    pool.on('error', look);
    leave = () => void pool.off('error', look);
  });
  try {
    return await Promise.race([pool.run(task), deserted]);
  } finally {
    leave();
  }
}
