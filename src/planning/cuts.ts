/**
 * Where a network may be cut, and plans made of cuts. A cut is legal between two units (analysis/legal-stacks.ts):
 * there one single map carries the data flow. Stacks between two cuts may hold a barrier; there they are cut again.
 */
import { known } from '../base/assert.js';
import { cutUnits, stackFault } from '../analysis/legal-stacks.js';
import { fuseUnits } from '../analysis/partition.js';
import type { Layer, Workload } from '../ir/layer.js';
import type { StackPlan } from '../ir/stack.js';
import { planOf, stackOf, type Execution, type Layers, type Planner } from './plan.js';

type Unit = readonly Layer[];

/** A place between two layers that follow each other in the order of the network. */
export interface Cut {
  /** The last layer before it; its map is the one that crosses. */
  readonly before: Layer;
  readonly after: Layer;
}

/** The smallest stretches that no cut may split, such as a residual block. */
export const units = ({ layers }: Layers): readonly Unit[] => cutUnits(layers);

/** Whether layers that follow each other may be one stack. */
export const isStack = ({ layers }: Layers, { profile }: Pick<Planner, 'profile'>, stretch: Unit): boolean =>
  stretch.length > 0 && stackFault(layers, stretch, profile.barriers) === undefined;

/** What heuristics that join begin with: every unit, or its single layers where it is no stack. */
export const smallestStacks = (ir: Layers, ctx: Pick<Planner, 'profile'>): readonly Unit[] =>
  units(ir).flatMap((unit) => (isStack(ir, ctx, unit) ? [unit] : unit.map((layer) => [layer])));

/** Every place at which a cut is legal, in the order of the network. */
export function legalCuts(ir: Layers): readonly Cut[] {
  const all = units(ir);
  return all.slice(1).map((unit, i) => ({ before: lastOf(known(all[i], 'unit')), after: firstOf(unit) }));
}

/** Cuts at the legal places that `wanted` says; between them all is fused. */
export function cutWhere(
  ir: Layers,
  ctx: Planner,
  wanted: (cut: Cut) => boolean,
  execution: Execution = {},
): StackPlan {
  const chosen = new Set(
    legalCuts(ir)
      .filter(wanted)
      .map(({ before }) => before.id),
  );
  const stretches: Unit[][] = [[]];
  for (const unit of units(ir)) {
    known(stretches.at(-1), 'stretch').push(unit);
    if (chosen.has(lastOf(unit).id)) stretches.push([]);
  }
  const stacks = stretches.flatMap((stretch) => fused(ir.layers, stretch, ctx));
  return planOf(
    'cuts',
    stacks.map((layers) => stackOf(ctx, layers, execution)),
  );
}

/** Cuts after the layers that `wanted` says. Those inside a unit are left out, and a note says so. */
export const cutAfter = (
  ir: Layers,
  ctx: Planner,
  wanted: (layer: Layer) => boolean,
  execution: Execution = {},
): StackPlan => cutBeside(ir, ctx, wanted, 'before', execution);

/** Cuts before the layers that `wanted` says. Those inside a unit are left out, and a note says so. */
export const cutBefore = (
  ir: Layers,
  ctx: Planner,
  wanted: (layer: Layer) => boolean,
  execution: Execution = {},
): StackPlan => cutBeside(ir, ctx, wanted, 'after', execution);

function cutBeside(
  ir: Layers,
  ctx: Planner,
  wanted: (layer: Layer) => boolean,
  side: keyof Cut,
  execution: Execution,
): StackPlan {
  const asked = new Set(ir.layers.layers.filter(wanted).map(({ id }) => id));
  const legal = new Set(legalCuts(ir).map((cut) => cut[side].id));
  // At either end of the network there is nothing to cut off.
  const end = (side === 'before' ? ir.layers.layers.at(-1) : ir.layers.layers[0])?.id;
  const left = [...asked].filter((id) => !legal.has(id) && id !== end);
  if (left.length > 0)
    ctx.diag(
      'DF8321',
      `${left.length} of ${asked.size} cuts lie inside a unit and are left out: ${shortList(left)}`,
      [],
      { help: 'kit.legalCuts lists the places between units' },
    );
  return cutWhere(ir, ctx, (cut) => asked.has(cut[side].id), execution);
}

/** Units as one stack, or as several where a layer needs the whole of a map made before it. */
const fused = (workload: Workload, stretch: readonly Unit[], { profile }: Planner): readonly Unit[] =>
  fuseUnits(workload, stretch, Infinity, profile.barriers);

const lastOf = (unit: Unit): Layer => known(unit.at(-1), 'last layer');
const firstOf = (unit: Unit): Layer => known(unit[0], 'first layer');

const MOST_NAMES = 4;

const shortList = (ids: readonly string[]): string =>
  ids.length <= MOST_NAMES
    ? ids.join(', ')
    : `${ids.slice(0, MOST_NAMES).join(', ')} and ${ids.length - MOST_NAMES} more`;
