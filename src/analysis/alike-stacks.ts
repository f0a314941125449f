/**
 * Stacks that are alike: equal layers, connected in the same way, over maps of equal sizes, tiled and left in the same
 * way. Networks repeat themselves, and whatever is worked out for one such stack is true of the others, under other
 * names.
 */
import { perObject } from '../base/bounded-map.js';
import type { TensorId } from '../base/ids.js';
import { equalRecords, renamingBetween, type Renaming } from '../base/renaming.js';
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
export function namesIn(workload: Workload, { id, layers }: Stack): readonly string[] {
  const { layer } = workloadIndex(workload);
  const names: string[] = [id];
  for (const layerId of layers) {
    names.push(layerId);
    addMaps(layer(layerId), names);
  }
  return names;
}

function addMaps({ inputs, output }: Layer, names: string[]): void {
  names.push(output.map);
  for (const { sources } of inputs) for (const { map } of sources) names.push(map);
}

function isAlike(workload: Workload, one: Stack, other: Stack): boolean {
  const renaming = renamingBetween(namesIn(workload, one), namesIn(workload, other));
  if (renaming === undefined) return false;
  const { layer, map } = workloadIndex(workload);
  const sameMaps = (a: Layer, b: Layer): boolean => {
    const [here, there]: [string[], string[]] = [[], []];
    addMaps(a, here);
    addMaps(b, there);
    return here.every((name, m) => isSameSize(map(name as TensorId), map(there[m] as TensorId)));
  };
  return one.layers.every((id, l) => {
    const [a, b] = [layer(id), layer(other.layers[l]!)];
    return isSameLayer(a, b, renaming) && sameMaps(a, b);
  });
}

/** Where a layer comes from and what runs on its output is told, and changes nothing. */
const TOLD: ReadonlySet<string> = new Set(['src', 'postOps'] satisfies readonly (keyof Layer)[]);

const isSameLayer = (one: Layer, other: Layer, { equal }: Renaming): boolean =>
  equalRecords(one, other, (a, b, key) => TOLD.has(key) || equal(a, b));

/** What a map has more of after a cut hangs on where in the network that is. */
const isSameSize = (one: FeatureMap, other: FeatureMap): boolean =>
  one === other ||
  (one.elementsPerPixel === other.elementsPerPixel &&
    one.width === other.width &&
    one.height === other.height &&
    one.bits === other.bits &&
    one.elementsAfterCut === undefined &&
    other.elementsAfterCut === undefined);
