/**
 * Invariants of the stacks facet:
 * - stacks are stretches of the topological order, hence convex, and partition the layers (DF3090; the published
 *   model evaluates layers twice after a cut behind the first layer, Q1: a note in profiles that lose that cut);
 * - a stack has one sink, its last layer, and no map inside it is used outside (DF3091);
 * - tile sizes are positive whole numbers or `full`, so are heads, the mode is one of the three, ids are in order, and
 *   the output is handed over in a memory that inputs and outputs share (DF3092);
 * - no operand needs the whole of a map that is made inside (DF3093; on the input path the published model treats
 *   such operands like windows: nothing is said in profiles that do so).
 */
import type { LayerId, TensorId } from '../../base/ids.js';
import type { Profile } from '../../base/profile.js';
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import type { Accelerator } from '../../hw/accelerator.js';
import type { FeatureMap, InputOperand, Source, Workload } from '../layer.js';
import type { Stack, StackPlan } from '../stack.js';
import { executionFaults } from './execution.js';
import { broken, each, NOTHING } from './find.js';
import { lookupIn } from '../lookup.js';

export function verifyStacks(
  workload: Workload,
  plan: StackPlan,
  hw: Accelerator,
  profile: Profile,
): Diagnostic[] {
  return [
    ...partition(workload, plan, profile),
    ...openMaps(workload, plan),
    ...barriers(workload, plan, profile),
    ...each(plan.stacks, (stack, index) => wellFormed(stack, index, hw)),
  ];
}

function partition(workload: Workload, plan: StackPlan, profile: Profile): Diagnostic[] {
  const planned = plan.stacks.flatMap((stack) => stack.layers);
  const expected = workload.layers.map((layer) => layer.id);
  const at = planned.findIndex((id, position) => id !== expected[position]);
  if (at < 0 && planned.length === expected.length) return [];
  const place = at < 0 ? planned.length : at;
  const message = `stacks do not partition the layers in order: ${expected[place] ?? 'nothing'} expected at position ${place}, found ${planned[place] ?? 'nothing'}`;
  if (profile.firstCut === 'lost' && isLostCut(planned, expected))
    return [
      diagnostic('DF3090', 'layers are evaluated twice: the cut after the first layer is lost (Q1)', [], {
        severity: 'note',
      }),
    ];
  return [
    diagnostic('DF3090', message, [
      { kind: 'ir', facet: 'stacks', id: planned[place] ?? expected[place] ?? '' },
    ]),
  ];
}

/** Every layer is there, in order but for those that a stack begins with a second time. */
function isLostCut(planned: readonly LayerId[], expected: readonly LayerId[]): boolean {
  const again = planned.length - expected.length;
  return (
    again > 0 &&
    expected.every((id, position) => planned[again + position] === id) &&
    planned.slice(0, again).every((id, position) => id === expected[position])
  );
}

/** Per map, the layers that read it. */
function readersOf({ layers }: Workload): ReadonlyMap<TensorId, readonly LayerId[]> {
  const readers = new Map<TensorId, LayerId[]>();
  const add = (id: LayerId, map: TensorId): void => {
    const list = readers.get(map);
    if (list) list.push(id);
    else readers.set(map, [id]);
  };
  layers.forEach(({ id, inputs }) =>
    inputs.forEach(({ sources }) => sources.forEach(({ map }) => add(id, map))),
  );
  return readers;
}

function openMaps(workload: Workload, plan: StackPlan): readonly Diagnostic[] {
  const readers = readersOf(workload);
  const { layer } = lookupIn(workload);
  const outputs = new Set(workload.outputs);
  return each(plan.stacks, (stack) => {
    // A single layer hides nothing.
    if (stack.layers.length === 1) return NOTHING;
    const inside = new Set(stack.layers);
    const isOutside = (reader: LayerId): boolean => !inside.has(reader);
    return each(stack.layers, (id, l) => {
      const map = l === stack.layers.length - 1 ? undefined : layer(id)?.output.map;
      if (map === undefined) return NOTHING;
      const uses = readers.get(map) ?? NOTHING;
      const outside = uses.find(isOutside) ?? (outputs.has(map) ? 'the network' : undefined);
      if (outside === undefined && uses.length > 0) return NOTHING;
      const why = outside === undefined ? 'is read by nobody' : `is used outside, by ${outside}`;
      return [broken('stacks', 'DF3091', stack.id, `the map of ${id} ${why}`)];
    });
  });
}

/** An operand on the weight path is brought whole before the stack begins, whatever the profile. */
function barriers(workload: Workload, plan: StackPlan, profile: Profile): readonly Diagnostic[] {
  const { layer, map } = lookupIn(workload);
  const isHeld = (path: InputOperand['path'], source: Source): boolean =>
    path === 'W' || (profile.barriers === 'respected' && isWhole(source, map(source.map)));
  return each(plan.stacks, (stack) => {
    if (stack.layers.length === 1) return NOTHING;
    const made = new Set<string | undefined>(stack.layers.map((id) => layer(id)?.output.map));
    return each(stack.layers, (id) =>
      each(layer(id)?.inputs ?? NOTHING, ({ path, sources }) =>
        each(sources, (source) => {
          if (!isHeld(path, source) || !made.has(source.map)) return NOTHING;
          const fault = `${id} needs the whole of ${source.map}, which is made inside`;
          return [broken('stacks', 'DF3093', stack.id, fault)];
        }),
      ),
    );
  });
}

const isWhole = ({ x, y }: Source, map: FeatureMap | undefined): boolean =>
  map !== undefined && ((x.kind === 'full' && map.width > 1) || (y.kind === 'full' && map.height > 1));

function wellFormed(stack: Stack, index: number, hw: Accelerator): readonly Diagnostic[] {
  const faults = [
    ...(stack.id === `$${index}` ? [] : [`id ${stack.id} at position ${index}`]),
    ...(stack.layers.length > 0 ? [] : ['no layers']),
    ...executionFaults(stack, hw),
  ];
  return faults.map((fault) => broken('stacks', 'DF3092', stack.id, `malformed: ${fault}`));
}
