/** The stacks facet: every decision of a schedule. Tiles, levels and costs are functions of it. */
import type { LayerId, MemoryId, StackId } from '../base/ids.js';
import { fail } from '../diag/diagnostic.js';
import type { ScheduleSearch } from './search.js';

/**
 * What happens to data that two neighbouring tiles both need: computed again, kept for the next tile of the
 * row only, or kept for the next tile and the next row of tiles.
 */
export type OverlapMode = 'fully-recompute' | 'h-cached-v-recompute' | 'fully-cached';
export const OVERLAP_MODES = [
  'fully-recompute',
  'h-cached-v-recompute',
  'fully-cached',
] as const satisfies readonly OverlapMode[];

/** Requested output tile of a stack, columns by rows. */
export interface TileSize {
  readonly x: number | 'full';
  readonly y: number | 'full';
  /** Attention heads that are scheduled together; absent: all of them. */
  readonly heads?: number;
}

/** Texts that `parseTile` reads, as the pattern of an option. */
export const TILE_PATTERN = '^(full|(full|[1-9][0-9]{0,8})x(full|[1-9][0-9]{0,8})(xh[1-9][0-9]{0,8})?)$';
const TILE = new RegExp(TILE_PATTERN);

/** `60x72`, `fullx1`, `full` for both, or with heads `fullx16xh2`. Throws a DiagnosticError for any other text. */
export function parseTile(text: string): TileSize {
  if (!TILE.test(text))
    fail('DF8005', `a tile cannot be "${text}"`, [], {
      help: 'write columns x rows, such as 60x72; X or Y may be full; fullx16xh2: 2 attention heads at a time',
    });
  const [x = 'full', y = x, heads] = text.split('x');
  const size = (part: string): number | 'full' => (part === 'full' ? 'full' : Number(part));
  return { x: size(x), y: size(y), ...(heads === undefined ? {} : { heads: Number(heads.slice(1)) }) };
}

/** The text that `parseTile` reads. */
export const tileText = (tile: TileSize): string =>
  tile.heads === undefined && tile.x === 'full' && tile.y === 'full' ? 'full' : sizesText(tile);

/** `60x72`, `fullxfull`, `fullx16xh2`. */
export const sizesText = ({ x, y, heads }: TileSize): string =>
  `${x}x${y}${heads === undefined ? '' : `xh${heads}`}`;

export interface Stack {
  readonly id: StackId;
  /** In topological order; the last one is the sink, whose map is tiled. */
  readonly layers: readonly LayerId[];
  readonly tile: TileSize;
  readonly mode: OverlapMode;
  /** Memory in which the stack leaves its output map. */
  readonly handOver: MemoryId;
  /** What its mappings minimise, where the run has mappers for more than one objective; absent: the first of them. */
  readonly mappedFor?: string;
}

export interface StackPlan {
  /** The rule or pass that made the plan, for people. */
  readonly by: string;
  readonly stacks: readonly Stack[];
  /** Present if a search made the plan. */
  readonly search?: ScheduleSearch;
}
