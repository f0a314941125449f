/** What a stack decision comes to: its tiles, levels and cost, or why there is no choice of levels for it. */
import type { Diagnostic } from '../diag/diagnostic.js';
import type { Infeasibility, StackAllocation } from './alloc.js';
import type { StackCost } from './cost.js';
import type { Stack } from './stack.js';
import type { TiledStack } from './tile.js';

/** A stack that is in no plan yet. */
export type StackDecision = Omit<Stack, 'id'>;

export type StackEvaluation =
  | {
      readonly kind: 'costed';
      readonly tiled: TiledStack;
      readonly allocation: StackAllocation;
      readonly cost: StackCost;
    }
  | {
      readonly kind: 'infeasible';
      readonly tiled: TiledStack;
      readonly reason: Infeasibility;
      /** What there is to say, if it is a mapping given by the user that does not fit. */
      readonly diagnostics: readonly Diagnostic[];
    };
