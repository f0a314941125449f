/** Rules that cut a network into stacks: by weight capacity, as one, layer by layer, or at named layers. */
import { known } from '../base/assert.js';
import type { LayerId } from '../base/ids.js';
import { hasWeightsPerPixel, keptWeightBits } from '../ir/kept-weights.js';
import type { Layer, Workload } from '../ir/layer.js';
import {
  cutUnits,
  growingStretch,
  joins,
  stackFault,
  type BarrierRule,
  type StackFault,
} from './legal-stacks.js';
import { stationaryBits } from './stack-graph.js';

type Stretch = readonly Layer[];

/**
 * Room that the weights of a stretch take, bits: constants that all tiles use, activations on the weight path, and an
 * element of each table that passes by.
 */
export const stretchWeightBits = (workload: Workload, layers: Stretch): number =>
  layers.reduce(
    (sum, layer) => sum + keptWeightBits(layer) + passingBits(layer) + stationaryBits(workload, layer),
    0,
  );

const passingBits = (layer: Layer): number =>
  hasWeightsPerPixel(layer) ? (layer.inputs.find(({ path }) => path === 'W')?.bits ?? 0) : 0;

export const singleLayers = (layers: Stretch): readonly Stretch[] => layers.map((layer) => [layer]);

/**
 * Fuses consecutive units while their weights together fit `capacityBits` (reference model, 2.2) and the
 * result is a legal stack. A unit that is too large is broken into single layers, one that is no legal stack into the
 * longest that are.
 */
export function fuseUnits(
  workload: Workload,
  units: readonly Stretch[],
  capacityBits: number,
  barriers: BarrierRule,
): readonly Stretch[] {
  const stacks: Stretch[] = [];
  let open: Layer[] = [];
  let openBits = 0;
  const close = (): void => {
    if (open.length > 0) stacks.push(open);
    open = [];
    openBits = 0;
  };
  const legal = units.flatMap((unit) =>
    stackFault(workload, unit, barriers) ? legalPieces(workload, unit, capacityBits, barriers) : [unit],
  );
  for (const unit of legal) {
    const bits = stretchWeightBits(workload, unit);
    if (bits > capacityBits) {
      close();
      stacks.push(...singleLayers(unit));
      continue;
    }
    if (open.length > 0 && (openBits + bits > capacityBits || !joins(workload, open, unit, barriers)))
      close();
    open.push(...unit);
    openBits += bits;
  }
  close();
  return stacks;
}

/** A stretch as legal stacks, each as long as it can be from where the last one ends. */
function legalPieces(
  workload: Workload,
  layers: Stretch,
  capacityBits: number,
  barriers: BarrierRule,
): readonly Stretch[] {
  const pieces: Stretch[] = [];
  for (let start = 0; start < layers.length;) {
    const length = longestLegal(workload, layers.slice(start), capacityBits, barriers);
    pieces.push(layers.slice(start, start + length));
    start += length;
  }
  return pieces;
}

/** How many of the first layers are a legal stack whose weights fit; 1 if only the first by itself. */
function longestLegal(
  workload: Workload,
  layers: Stretch,
  capacityBits: number,
  barriers: BarrierRule,
): number {
  const growth = growingStretch(workload, barriers);
  let longest = 1;
  let bits = 0;
  for (const [position, layer] of layers.entries()) {
    bits += stretchWeightBits(workload, [layer]);
    const state = growth(layer);
    if (state === 'never' || (position > 0 && bits > capacityBits)) break;
    if (state === 'legal') longest = position + 1;
  }
  return longest;
}

/**
 * The published treatment of a cut after the very first layer (Q1): it is taken for no cut. The stack before it
 * runs to the end of the network, and the one after it starts at the beginning, so layers are counted twice.
 * Only where both are legal stacks; the published code knows no others.
 */
export function loseFirstCut(
  workload: Workload,
  stacks: readonly Stretch[],
  barriers: BarrierRule,
): readonly Stretch[] {
  const [first, second, ...rest] = stacks;
  if (first?.length !== 1 || second === undefined) return stacks;
  const grown = [stacks.flat(), [...first, ...second]];
  const legal = grown.every((stretch) => stackFault(workload, stretch, barriers) === undefined);
  return legal ? [...grown, ...rest] : stacks;
}

export type NamedCuts =
  | { readonly kind: 'cut'; readonly stacks: readonly Stretch[]; readonly added: readonly LayerId[] }
  | {
      readonly kind: 'illegal';
      readonly after: LayerId;
      readonly fault: StackFault;
      readonly legal: readonly LayerId[];
    };

/**
 * Cuts after the named layers. A stretch between two cuts that holds a barrier is cut there too (`added`);
 * one that is no stack for another reason makes its cuts illegal, with legal ones near.
 */
export function cutAtNames(
  workload: Workload,
  names: ReadonlySet<LayerId>,
  barriers: BarrierRule,
): NamedCuts {
  const stacks: Stretch[] = [];
  const added: LayerId[] = [];
  for (const stretch of stretches(workload, names)) {
    const fault = stackFault(workload, stretch, barriers);
    if (!fault) {
      stacks.push(stretch);
      continue;
    }
    const inside = new Set(stretch);
    const units = cutUnits(workload).filter((unit) => unit.every((layer) => inside.has(layer)));
    if (units.flat().length !== stretch.length) {
      const after = known(stretch.at(-1), 'layer').id;
      return { kind: 'illegal', after, fault, legal: legalCutsNear(workload, after) };
    }
    const pieces = fuseUnits(workload, units, Infinity, barriers);
    stacks.push(...pieces);
    added.push(...pieces.slice(0, -1).map((piece) => known(piece.at(-1), 'layer').id));
  }
  return { kind: 'cut', stacks, added };
}

function stretches(workload: Workload, names: ReadonlySet<LayerId>): readonly Stretch[] {
  const result: Layer[][] = [[]];
  for (const layer of workload.layers) {
    known(result.at(-1), 'stretch').push(layer);
    if (names.has(layer.id)) result.push([]);
  }
  return result.filter((stretch) => stretch.length > 0);
}

const NEAR = 3;

/** Ends of units around a layer: cuts that are always legal by themselves. */
function legalCutsNear(workload: Workload, id: LayerId): readonly LayerId[] {
  const ends = cutUnits(workload).map((unit) => known(unit.at(-1), 'unit end').id);
  const order = new Map(workload.layers.map((layer, position) => [layer.id, position]));
  const distance = (end: LayerId): number => Math.abs((order.get(end) ?? 0) - (order.get(id) ?? 0));
  return ends.toSorted((a, b) => distance(a) - distance(b)).slice(0, 2 * NEAR);
}
