/**
 * Stacks that are alike: equal layers, connected in the same way, over maps of equal sizes, tiled and left in the same
 * way. Networks repeat themselves, and whatever is worked out for one such stack is true of the others, under other
 * names.
 */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import { firstAlikeOf } from '../base/first-alike.js';
import { isTensorId, type LayerId, type StackId, type TensorId } from '../base/ids.js';
import { renamingBetween, type Renaming } from '../base/renaming.js';
import type { FeatureMap, Layer, Workload } from './layer.js';
import { sizesText, type Stack } from './stack.js';
import { lookupIn } from './lookup.js';

/** Of every stack the first one that it is like, which may be itself: an index into `stacks`. */
export const firstAlike = (workload: Workload, stacks: readonly Stack[]): readonly number[] =>
  alikeIn(workload)(stacks);

const alikeIn = perObject((workload: Workload) =>
  perObject((stacks: readonly Stack[]): readonly number[] =>
    firstAlikeOf(
      stacks,
      (stack) => sizeOf(workload, stack),
      (one, other) => isAlike(workload, one, other),
    ),
  ),
);

/** What alike stacks have in common, at a glance. */
function sizeOf(workload: Workload, { layers, tile, mode, handOver, mappedFor }: Stack): string {
  const first = layerIn(workload, layers[0]!);
  const last = layerIn(workload, layers.at(-1)!);
  const macs = `${first.macs} ${first.weightBits} ${last.macs} ${last.weightBits}`;
  return `${layers.length} ${sizesText(tile)} ${mode} ${handOver} ${mappedFor} ${macs}`;
}

const layerIn = (workload: Workload, id: LayerId): Layer => known(lookupIn(workload).layer(id), id);

/** A stack, its layers and the maps they touch: at the same places of the list for alike stacks. */
export const namesIn = (workload: Workload, stack: Stack): Names => listsIn(workload)(stack);

export type Names = readonly (StackId | LayerId | TensorId)[];

const listsIn = perObject((workload: Workload) =>
  perObject(({ id, layers }: Stack): Names => {
    const names: (StackId | LayerId | TensorId)[] = [id];
    for (const layer of layers) {
      const { inputs, output } = layerIn(workload, layer);
      names.push(layer, output.map);
      for (const { sources } of inputs) for (const { map } of sources) names.push(map);
    }
    return names;
  }),
);

function isAlike(workload: Workload, one: Stack, other: Stack): boolean {
  const [names, others] = [namesIn(workload, one), namesIn(workload, other)];
  const renaming = renamingBetween(names, others);
  if (renaming === undefined) return false;
  const { map } = lookupIn(workload);
  return (
    one.layers.every((id, l) =>
      isSameLayer(layerIn(workload, id), layerIn(workload, other.layers[l]!), renaming),
    ) && names.every((id, n) => !isTensorId(id) || isSameSize(map(id), map(others[n]!)))
  );
}

/** Where a layer comes from and what runs on its output is told, and changes nothing. */
const TOLD: ReadonlySet<string> = new Set(['src', 'postOps'] satisfies readonly (keyof Layer)[]);

function isSameLayer(one: Layer, other: Layer, { equal }: Renaming): boolean {
  const keys = Object.keys(one) as (keyof Layer)[];
  const isSame = (key: keyof Layer): boolean => TOLD.has(key) || equal(one[key], other[key]);
  return keys.length === Object.keys(other).length && keys.every(isSame);
}

/** What a map has more of after a cut hangs on where in the network that is. */
const isSameSize = (one: FeatureMap | undefined, other: FeatureMap | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.elementsPerPixel === other.elementsPerPixel &&
  one.width === other.width &&
  one.height === other.height &&
  one.bits === other.bits &&
  one.elementsAfterCut === undefined &&
  other.elementsAfterCut === undefined;
