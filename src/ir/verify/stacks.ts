/**
 * Invariants of the stacks facet:
 * - stacks are stretches of the topological order and partition the layers (DF3090; the published model evaluates
 *   layers twice after a cut behind the first layer, Q1: a note in profiles that lose that cut);
 * - a stack has one sink, its last layer, and no map inside it is used outside (DF3091);
 * - tile sizes are positive whole numbers or `full`, the mode is one of the three, ids are in order (DF3092).
 */
import type { LayerId, TensorId } from '../../base/ids.js';
import type { Profile } from '../../base/profile.js';
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import type { Workload } from '../layer.js';
import { OVERLAP_MODES, type Stack, type StackPlan } from '../stack.js';

export function verifyStacks(workload: Workload, plan: StackPlan, profile: Profile): Diagnostic[] {
  return [
    ...partition(workload, plan, profile),
    ...openMaps(workload, plan),
    ...plan.stacks.flatMap(wellFormed),
  ];
}

function partition(workload: Workload, plan: StackPlan, profile: Profile): Diagnostic[] {
  const planned = plan.stacks.flatMap((stack) => stack.layers);
  const expected = workload.layers.map((layer) => layer.id);
  const at = planned.findIndex((id, position) => id !== expected[position]);
  if (at < 0 && planned.length === expected.length) return [];
  const place = at < 0 ? planned.length : at;
  const message = `stacks do not partition the layers in order: ${expected[place] ?? 'nothing'} expected at position ${place}, found ${planned[place] ?? 'nothing'}`;
  const found = new Set(planned);
  const lost = profile.firstCut === 'lost' && expected.every((id) => found.has(id));
  if (lost)
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

function readersOf(workload: Workload): ReadonlyMap<TensorId, readonly LayerId[]> {
  const readers = new Map<TensorId, LayerId[]>();
  for (const layer of workload.layers) {
    for (const source of layer.inputs.flatMap((input) => input.sources)) {
      const others = readers.get(source.map);
      if (others === undefined) readers.set(source.map, [layer.id]);
      else others.push(layer.id);
    }
  }
  return readers;
}

function openMaps(workload: Workload, plan: StackPlan): Diagnostic[] {
  const readers = readersOf(workload);
  const layers = new Map(workload.layers.map((layer) => [layer.id, layer]));
  const outputs = new Set(workload.outputs);
  return plan.stacks.flatMap((stack) => {
    const inside = new Set(stack.layers);
    return stack.layers.slice(0, -1).flatMap((id) => {
      const map = layers.get(id)?.output.map;
      if (map === undefined) return [];
      const uses = readers.get(map) ?? [];
      const outside =
        uses.find((reader) => !inside.has(reader)) ?? (outputs.has(map) ? 'the network' : undefined);
      if (outside === undefined && uses.length > 0) return [];
      const why = outside === undefined ? 'is read by nobody' : `is used outside, by ${outside}`;
      return [
        diagnostic('DF3091', `${stack.id}: the map of ${id} ${why}`, [
          { kind: 'ir', facet: 'stacks', id: stack.id },
        ]),
      ];
    });
  });
}

function wellFormed(stack: Stack, index: number): Diagnostic[] {
  const at = [{ kind: 'ir', facet: 'stacks', id: stack.id }] as const;
  const sizes = [stack.tile.x, stack.tile.y];
  const faults = [
    ...(stack.id === `$${index}` ? [] : [`id ${stack.id} at position ${index}`]),
    ...(stack.layers.length > 0 ? [] : ['no layers']),
    ...(sizes.every((size) => size === 'full' || (Number.isSafeInteger(size) && size > 0))
      ? []
      : [`tile ${sizes.join('x')}`]),
    ...(OVERLAP_MODES.includes(stack.mode) ? [] : [`mode ${stack.mode}`]),
  ];
  return faults.map((fault) => diagnostic('DF3092', `${stack.id} is malformed: ${fault}`, at));
}
