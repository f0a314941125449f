/**
 * A line of an exploration: one point, what reproduces it, and what it costs. Lines are complete in themselves, so
 * files of them can be cut, joined and continued. `schema.ts` describes the same.
 */
import type { Code } from '../diag/codes.js';
import type { OverlapMode, TileSize } from '../ir/stack.js';
import type { Cost } from '../report/report.js';
import { comparePoints, pointText } from './grid.js';

/** What all points of one model on one accelerator have in common. */
export interface LineHead {
  readonly schema: 'defines-explore/1';
  /** Digest of everything the numbers follow from, but the point itself. */
  readonly key: string;
  readonly model: string;
  readonly accelerator: string;
  readonly profile: string;
  /** Loop-prime-factor limit of the mapper; null: none. */
  readonly lpfLimit: number | null;
  /** Symbolic dimensions bound by the user, in code-unit order. */
  readonly dims: Readonly<Record<string, number>>;
  /** Operand precisions set by the user, bits. */
  readonly precision: Readonly<Record<string, number>>;
  /** Digest of the entries of a precision file; absent: none was given. */
  readonly precisionFile?: string;
}

/** A stack that no choice of memory levels holds. */
export interface StackShortage {
  readonly stack: string;
  readonly tileType: string;
  readonly layer: string;
  readonly memory: string;
  readonly demandBits: number;
  readonly boundBits: number;
  readonly gapBits: number;
}

export type PointResult =
  | ({ readonly status: 'evaluated' } & Pick<Cost, 'energyPj' | 'latencyCycles'> & {
        /** Energy times latency, pJ x cycles. */
        readonly edp: number;
        readonly macs: number;
        /** MACs beyond computing everything needed once. */
        readonly recomputedMacs: number;
        readonly latency: Cost['latency'];
        readonly energy: Cost['energy'];
      })
  | {
      readonly status: 'infeasible';
      readonly energyPj: null;
      readonly latencyCycles: null;
      readonly infeasible: readonly StackShortage[];
    }
  | {
      readonly status: 'failed';
      readonly energyPj: null;
      readonly latencyCycles: null;
      readonly diagnostics: readonly { readonly code: Code; readonly message: string }[];
    };

export type PointLine = LineHead & {
  readonly stacks: string;
  readonly mode: OverlapMode;
  readonly tile: TileSize;
} & PointResult;

export type EvaluatedLine = Extract<PointLine, { status: 'evaluated' }>;

export const lineText = (line: PointLine): string => JSON.stringify(line);

/** Lines of equal identity state the same point under the same circumstances. */
export const identityOf = (line: PointLine): string => `${line.key} ${pointText(line)}`;

/** What the user calls the circumstances; `key` says whether they really are the same. */
export const circumstancesOf = (head: LineHead): string =>
  JSON.stringify([
    head.model,
    head.accelerator,
    head.profile,
    head.lpfLimit,
    head.dims,
    head.precision,
    ...(head.precisionFile === undefined ? [] : [head.precisionFile]),
  ]);

/** The order of lines in a finished file. */
export function compareLines(a: PointLine, b: PointLine): number {
  if (a.key === b.key) return comparePoints(a, b);
  const [left, right] = [headOrder(a), headOrder(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

export const headOrder = (head: LineHead): string => `${circumstancesOf(head)} ${head.key}`;
