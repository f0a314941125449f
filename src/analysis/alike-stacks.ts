/**
 * Stacks that are alike: equal layers, connected in the same way, over maps of equal sizes, tiled and left in the same
 * way. Networks repeat themselves, and whatever is worked out for one such stack is true of the others, under other
 * names.
 */
import { perObject } from '../base/bounded-map.js';
import { isTensorId, type TensorId } from '../base/ids.js';
import { renamingBetween, type Renaming } from '../base/renaming.js';
import type { FeatureMap, Layer, Workload } from '../ir/layer.js';
import { sizesText, type Stack } from '../ir/stack.js';
import { workloadIndex, type WorkloadIndex } from './workload-index.js';

/** Kinds of stacks that have as many layers, MACs and weights; nearly always there is one. */
const MOST_KINDS = 16;

/** Of every stack the first one that it is like, which may be itself: an index into `stacks`. */
export const firstAlike = (workload: Workload, stacks: readonly Stack[]): readonly number[] =>
  alikeIn(workload)(stacks);

const alikeIn = perObject((workload: Workload) => {
  const index = workloadIndex(workload);
  return perObject((stacks: readonly Stack[]): readonly number[] => {
    const bySize = new Map<string, number[]>();
    return stacks.map((stack, s) => {
      const size = sizeOf(stack, index);
      const kinds = bySize.get(size) ?? [];
      const first = kinds.find((kind) => isAlike(workload, stacks[kind]!, stack));
      if (first === undefined) bySize.set(size, [...kinds, s].slice(-MOST_KINDS));
      return first ?? s;
    });
  });
});

/** What alike stacks have in common, at a glance. */
function sizeOf({ layers, tile, mode, handOver, mappedFor }: Stack, { layer }: WorkloadIndex): string {
  const first = layer(layers[0]!);
  const last = layer(layers.at(-1)!);
  const macs = `${first.macs} ${first.weightBits} ${last.macs} ${last.weightBits}`;
  return `${layers.length} ${sizesText(tile)} ${mode} ${handOver} ${mappedFor} ${macs}`;
}

/** A stack, its layers and the maps they touch: at the same places of the list for alike stacks. */
export const namesIn = (workload: Workload, stack: Stack): readonly string[] => listsIn(workload)(stack);

const listsIn = perObject((workload: Workload) => {
  const { layer } = workloadIndex(workload);
  return perObject(({ id, layers }: Stack): readonly string[] => {
    const names: string[] = [id];
    for (const layerId of layers) {
      const { inputs, output } = layer(layerId);
      names.push(layerId, output.map);
      for (const { sources } of inputs) for (const { map } of sources) names.push(map);
    }
    return names;
  });
});

function isAlike(workload: Workload, one: Stack, other: Stack): boolean {
  const [names, others] = [namesIn(workload, one), namesIn(workload, other)];
  const renaming = renamingBetween(names, others);
  if (renaming === undefined) return false;
  const { layer, map } = workloadIndex(workload);
  return (
    one.layers.every((id, l) => isSameLayer(layer(id), layer(other.layers[l]!), renaming)) &&
    names.every((id, n) => !isTensorId(id) || isSameSize(map(id), map(others[n] as TensorId)))
  );
}

/** Where a layer comes from and what runs on its output is told, and changes nothing. */
const isSameLayer = (one: Layer, other: Layer, { equal }: Renaming): boolean =>
  equal({ ...one, src: [], postOps: [] }, { ...other, src: [], postOps: [] });

/** What a map has more of after a cut hangs on where in the network that is. */
const isSameSize = (one: FeatureMap, other: FeatureMap): boolean =>
  one === other ||
  (one.elementsPerPixel === other.elementsPerPixel &&
    one.width === other.width &&
    one.height === other.height &&
    one.bits === other.bits &&
    one.elementsAfterCut === undefined &&
    other.elementsAfterCut === undefined);
