/**
 * Mapper results kept in a folder between runs, a file each, named by a digest of everything the result follows
 * from. A file that is torn, damaged or of another version is no result: it is passed over and written anew. The
 * cache never stands in the way: what cannot be written is not kept.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Location } from '../diag/diagnostic.js';
import type { ResultStore } from '../explore/solver.js';
import type { SearchResult } from '../ir/layer-tile.js';
import { digest } from './digest.js';
import { openFolder, replaceFile } from './files.js';

export interface ResultCache {
  /** `setting`: everything results follow from besides the problem. */
  readonly of: (setting: string) => ResultStore;
  /** Throws out the oldest files until the folder is within its bounds. */
  readonly trim: () => void;
}

export interface CacheLimits {
  /** What is found faster than this is not kept: reading it would take about as long. */
  readonly worthMs: number;
  readonly mostBytes: number;
}

const LIMITS: CacheLimits = { worthMs: 1, mostBytes: 256 * 1024 * 1024 };
const FORMAT = 'defines-mapping/1';

/** Throws a DiagnosticError if there can be no such folder. */
export function openResultCache(folder: string, at: Location, limits = LIMITS): ResultCache {
  openFolder(folder, at);
  let written = 0;
  return {
    of: (setting) => {
      const prefix = `${FORMAT} ${digest(setting)} `;
      const fileOf = (key: string): string => join(folder, `${digest(prefix + key, 40)}.json`);
      return {
        get: (key) => read(fileOf(key), prefix + key),
        put: (key, result, milliseconds) => {
          if (milliseconds < limits.worthMs) return;
          if (write(fileOf(key), prefix + key, result)) written++;
        },
      };
    },
    trim: () => {
      if (written > 0) trim(folder, limits.mostBytes);
    },
  };
}

interface Entry {
  readonly key: string;
  readonly check: string;
  readonly result: SearchResult;
}

function read(file: string, key: string): SearchResult | undefined {
  try {
    const entry = JSON.parse(readFileSync(file, 'utf8')) as Entry;
    const sound = entry.key === key && entry.check === digest(JSON.stringify(entry.result));
    return sound ? entry.result : undefined;
  } catch {
    return undefined;
  }
}

function write(file: string, key: string, result: SearchResult): boolean {
  const text = JSON.stringify(result);
  const entry: Entry = { key, check: digest(text), result };
  try {
    replaceFile(file, JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

function trim(folder: string, mostBytes: number): void {
  const files = readdirSync(folder)
    .filter((name) => /^[0-9a-f]{40}\.json$/.test(name))
    .flatMap((name) => {
      const file = join(folder, name);
      const found = statSync(file, { throwIfNoEntry: false });
      return found === undefined ? [] : [{ file, bytes: found.size, time: found.mtimeMs }];
    })
    .sort((a, b) => b.time - a.time || (a.file < b.file ? -1 : 1));
  let bytes = 0;
  for (const found of files) {
    bytes += found.bytes;
    if (bytes > mostBytes) rmSync(found.file, { force: true });
  }
}
