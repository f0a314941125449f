/**
 * The cost oracle of heuristics: what a stack decision comes to, worked out once per decision. Answers are frozen,
 * for all who ask share them, and with them the results of the mapper.
 */
import { faultText } from '../analysis/fault-text.js';
import { stackFault } from '../analysis/legal-stacks.js';
import { deepFreeze } from '../base/freeze.js';
import { stackId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { fail } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { StackDecision, StackEvaluation } from '../ir/evaluation.js';
import type { Workload } from '../ir/layer.js';
import type { LayerTileMapper } from '../ir/layer-tile.js';
import { OVERLAP_MODES, tileText } from '../ir/stack.js';
import { executionFaults, sharedMemories } from '../ir/verify/execution.js';
import { evaluateStack } from './evaluate-stack.js';

export type StackOracle = (workload: Workload, stack: StackDecision) => StackEvaluation;

export interface Evaluator {
  readonly evaluate: StackOracle;
  /** Distinct decisions worked out, and questions answered from memory. */
  readonly counts: () => { readonly evaluated: number; readonly repeated: number };
}

export function createEvaluator(hw: Accelerator, profile: Profile, mapper: LayerTileMapper): Evaluator {
  const memo = new WeakMap<Workload, Map<string, StackEvaluation>>();
  let evaluated = 0;
  let repeated = 0;
  return {
    evaluate: (workload, stack) => {
      checkExecution(stack, hw);
      const answers = memo.get(workload) ?? new Map<string, StackEvaluation>();
      memo.set(workload, answers);
      const key = JSON.stringify([stack.layers, tileText(stack.tile), stack.mode, stack.handOver]);
      const found = answers.get(key);
      if (found !== undefined) {
        repeated++;
        return found;
      }
      checkStretch(workload, stack, profile);
      evaluated++;
      const answer = evaluateStack(workload, { ...stack, id: stackId(0) }, hw, profile, mapper);
      deepFreeze(answer);
      answers.set(key, answer);
      return answer;
    },
    counts: () => ({ evaluated, repeated }),
  };
}

/** Anything but a tile, a mode and a memory that can take the output has no cost: it would have that of another. */
function checkExecution(stack: StackDecision, hw: Accelerator): void {
  const faults = executionFaults(stack, hw);
  if (faults.length === 0) return;
  const id = stack.layers.join(' ');
  fail(
    'DF8322',
    `[${id}] cannot be executed with ${faults.join(', ')}`,
    [{ kind: 'ir', facet: 'stacks', id }],
    {
      terms: [
        "tile: { x, y }, and heads if need be, whole numbers from 1; x and y may be 'full'",
        `mode: ${OVERLAP_MODES.join(', ')}`,
        `hand-over: ${sharedMemories(hw).join(', ')}`,
      ],
      help: 'kit.stackOf fills in what is left out, kit.parseTile reads a tile',
    },
  );
}

/** A stretch of the network that may be one stack; anything else has no cost and is told why. */
function checkStretch(workload: Workload, { layers: ids }: StackDecision, { barriers }: Profile): void {
  const start = workload.layers.findIndex((layer) => layer.id === ids[0]);
  const layers = start < 0 ? [] : workload.layers.slice(start, start + ids.length);
  const at = { kind: 'ir', facet: 'stacks', id: ids.join(' ') } as const;
  if (layers.length === 0 || layers.some((layer, position) => layer.id !== ids[position]))
    fail('DF8320', `[${ids.join(' ')}] is no stretch of the network`, [at], {
      help: 'name layers that follow each other in the order of the network',
    });
  const fault = stackFault(workload, layers, barriers);
  if (fault !== undefined)
    fail('DF8320', `the layers are no stack: ${faultText(fault)}`, [at], {
      help: 'ask for legal cuts first: cuts between them give legal stacks',
    });
}
