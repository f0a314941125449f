/**
 * From a stack rule to the stacks of a network: where it is cut. Tiles and modes are the whole map, cached, until
 * someone decides otherwise. The pass that cuts and explorations ask here, so a rule means the same to both.
 */
import { cutUnits } from '../analysis/legal-stacks.js';
import { faultText } from '../analysis/fault-text.js';
import { cutAtNames, fuseUnits, loseFirstCut, singleLayers } from '../analysis/partition.js';
import { closest } from '../base/closest.js';
import { bareName, layerId, type LayerId } from '../base/ids.js';
import type { Profile } from '../base/profile.js';
import { fail } from '../diag/diagnostic.js';
import type { Layer, Workload } from '../ir/layer.js';
import type { StackPlan } from '../ir/stack.js';
import { weightRoomBits } from './measure.js';
import { planOf, stackOf, type Planner } from './plan.js';

export const STACK_RULES = ['auto', 'single-layer', 'one'] as const;
export type StackRule = (typeof STACK_RULES)[number];

/** A rule, or the names of the layers after which to cut. */
export type StackCuts = StackRule | readonly string[];

export interface PlannedStacks {
  readonly plan: StackPlan;
  /** Layers after which it was necessary to cut too: the next one needs a whole map. */
  readonly added: readonly LayerId[];
}

/** What a rule looks at besides the network. */
export type RuleContext = Pick<Planner, 'hw' | 'profile'>;

/** Throws a DiagnosticError for a name that is no layer and for cuts that leave no legal stack. */
export function planStacks(workload: Workload, ctx: RuleContext, cuts: StackCuts): PlannedStacks {
  const { stacks, added } =
    typeof cuts === 'string'
      ? { stacks: ruled(workload, ctx, cuts), added: [] }
      : namedCuts(workload, cuts, ctx.profile);
  const by = typeof cuts === 'string' ? cuts : `cuts ${cuts.join(',')}`;
  const plan = planOf(
    by,
    stacks.map((layers) => stackOf(ctx, layers)),
  );
  return { plan, added };
}

type Stacks = readonly (readonly Layer[])[];

function ruled(layers: Workload, ctx: RuleContext, rule: StackRule): Stacks {
  const { profile } = ctx;
  if (rule === 'single-layer') return singleLayers(layers.layers);
  if (rule === 'one') return fuseUnits(layers, cutUnits(layers), Infinity, profile.barriers);
  const stacks = fuseUnits(layers, cutUnits(layers), weightRoomBits(ctx), profile.barriers);
  return profile.firstCut === 'lost' ? loseFirstCut(layers, stacks, profile.barriers) : stacks;
}

function namedCuts(
  workload: Workload,
  names: readonly string[],
  { barriers }: Profile,
): { readonly stacks: Stacks; readonly added: readonly LayerId[] } {
  const ids = new Set(names.map((name) => knownLayer(workload.layers, name)));
  const result = cutAtNames(workload, ids, barriers);
  if (result.kind === 'cut') return result;
  return fail(
    'DF3002',
    `the layers up to the cut after ${result.after} are no stack: ${faultText(result.fault)}`,
    [{ kind: 'ir', id: result.after }],
    {
      help: `cut after one of ${result.legal.join(', ')}`,
    },
  );
}

function knownLayer(layers: readonly Layer[], name: string): LayerId {
  const id = layerId(name.replace(/^@/, ''));
  if (layers.some((layer) => layer.id === id)) return id;
  const near = closest(
    name,
    layers.map((layer) => bareName(layer.id)),
  );
  return fail('DF3001', `no layer is called ${name}`, [], {
    help: near
      ? `did you mean ${near}?`
      : `list the layers with: defines inspect <model>; the rules are ${STACK_RULES.join(', ')}`,
  });
}
