/** The lists that `explore` takes, from text: tiles, modes, stack rules, shards, threads. Errors show the place. */
import { closest } from '../base/closest.js';
import { fail } from '../diag/diagnostic.js';
import type { Shard } from '../explore/grid.js';
import { OVERLAP_MODES, type OverlapMode, type TileSize } from '../ir/stack.js';
import { listOf, positiveInteger, valuePlace, type InputOptions } from './options.js';

/** What commander hands over for `explore`. */
export interface ExploreOptions extends InputOptions {
  readonly accelerator?: readonly string[];
  readonly tiles?: readonly string[];
  readonly modes?: string;
  readonly stacks?: readonly string[];
  readonly profile?: string;
  readonly lpfLimit?: string;
  readonly threads?: string;
  readonly shard?: string;
  readonly resume?: boolean;
  readonly cache?: string;
  readonly output?: string;
}

const TILES_HELP =
  'write widths, an x, heights, such as 1,4,16,fullx1,4,full, and xh with numbers of attention heads where wanted, such as fullx16xh1,2,full; or full for whole maps';

/** `1,4,16x1,4,full`: every width by every height; `fullx16xh2,8`: by every number of heads. `full` alone is the whole map. */
export function tilesOf(values: readonly string[] | undefined): readonly TileSize[] {
  if (values === undefined)
    return fail('DF8001', 'no tiles given', [], { help: `add --tiles: ${TILES_HELP}` });
  return values.flatMap((value) => {
    if (value === 'full') return [{ x: 'full', y: 'full' } as const];
    const [xs, ys, heads, ...more] = value.split('x');
    if (xs === undefined || ys === undefined || heads?.startsWith('h') === false || more.length > 0)
      return fail('DF8008', `--tiles cannot be "${value}"`, [valuePlace('--tiles', value)], {
        help: TILES_HELP,
      });
    const heights = sizesOf(value, ys);
    const parts = heads === undefined ? (['full'] as const) : sizesOf(value, heads.slice(1));
    return sizesOf(value, xs).flatMap((x) =>
      heights.flatMap((y) =>
        parts.map((part): TileSize => (part === 'full' ? { x, y } : { x, y, heads: part })),
      ),
    );
  });
}

const sizesOf = (value: string, list: string): readonly TileSize['x'][] =>
  list
    .split(',')
    .map((size) =>
      size === 'full'
        ? size
        : positiveInteger('--tiles', value, size, TILES_HELP, size === '' ? value : size),
    );

export function modesOf(value: string | undefined): readonly OverlapMode[] {
  if (value === undefined || value === 'all') return OVERLAP_MODES;
  return listOf(value).map((word) => {
    const mode = OVERLAP_MODES.find((name) => name === word);
    if (mode !== undefined) return mode;
    const near = closest(word, OVERLAP_MODES);
    const help =
      near === undefined ? `all, or some of ${OVERLAP_MODES.join(', ')}` : `did you mean "${near}"?`;
    return fail('DF8008', `--modes cannot have "${word}"`, [valuePlace('--modes', value, word)], { help });
  });
}

/** Names between commas or semicolons, of all times the option was given; each once. */
export function wordsOf(
  flag: string,
  values: readonly string[] | undefined,
  separator: ',' | ';',
): readonly string[] {
  const words = (values ?? []).flatMap((value) =>
    value.split(separator).map((part) => {
      const word = part.trim();
      return word === ''
        ? fail('DF8008', `${flag} has an empty part`, [valuePlace(flag, value)], {
            help: `separate parts by one "${separator}"`,
          })
        : word;
    }),
  );
  return [...new Set(words)];
}

/** `2/5`: the second of five parts. */
export function shardOf(value: string | undefined): Shard {
  if (value === undefined) return { index: 1, count: 1 };
  const [index, count, ...more] = value
    .split('/')
    .map((part) => (/^\d{1,9}$/.test(part) ? Number(part) : NaN));
  if (index !== undefined && count !== undefined && more.length === 0 && index >= 1 && index <= count)
    return { index, count };
  return fail('DF8008', `--shard cannot be "${value}"`, [valuePlace('--shard', value)], {
    help: 'write part/parts, such as 1/4, 2/4, 3/4 and 4/4 on four machines',
  });
}

const MOST_THREADS = 256;

/** Undefined: as many as pay off. */
export function threadsOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,3}$/.test(value) && Number(value) <= MOST_THREADS) return Number(value);
  return fail('DF8008', `--threads cannot be "${value}"`, [valuePlace('--threads', value)], {
    help: `give a whole number from 0 (in this process) to ${MOST_THREADS}`,
  });
}
