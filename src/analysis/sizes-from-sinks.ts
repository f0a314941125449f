/**
 * A network without pads, as the published model sees it (cost-model.md 2.4): the outputs keep their sizes, and
 * every other map is as large as its consumers need, back through kernels and strides. Works on any workload,
 * lowered from a model or read from a table; where no layer has pads it changes nothing.
 */
import type { TensorId } from '../base/ids.js';
import type { Axis, FeatureMap, Layer, LoopSize, Region, Workload } from '../ir/layer.js';
import { isPadded } from '../ir/pads.js';
import { freeExtent } from './region.js';
import { workloadIndex } from './workload-index.js';

type Size = Readonly<Record<Axis, number>>;

/** MACs of the network as it stands: `macs` of a workload stays that of the model. */
export const macsOfLayers = (workload: Workload): number =>
  workload.layers.reduce((sum, layer) => sum + layer.macs, 0);

/** Layers that read beyond the border of a map. */
export const paddedLayers = ({ layers }: Workload): readonly Layer[] => layers.filter(isPadded);

export function sizesFromSinks(workload: Workload): Workload {
  const wanted = wantedSizes(workload);
  const sizeOf = (map: FeatureMap): Size => wanted.get(map.id) ?? { x: map.width, y: map.height };
  const index = workloadIndex(workload);
  return {
    ...workload,
    maps: workload.maps.map((map) => {
      const { x, y } = sizeOf(map);
      return { ...map, width: x, height: y };
    }),
    layers: workload.layers.map((layer) => resized(layer, sizeOf(index.map(layer.output.map)))),
  };
}

/** Per map, the largest extent that a consumer needs; outputs keep theirs. */
function wantedSizes(workload: Workload): ReadonlyMap<TensorId, Size> {
  const index = workloadIndex(workload);
  const own = (id: TensorId): Size => ({ x: index.map(id).width, y: index.map(id).height });
  const wanted = new Map<TensorId, Size>(workload.outputs.map((id) => [id, own(id)]));
  for (const layer of [...workload.layers].reverse()) {
    const out = wanted.get(layer.output.map) ?? own(layer.output.map);
    const model = own(layer.output.map);
    for (const source of layer.inputs.flatMap((input) => input.sources)) {
      const whole = own(source.map);
      const before = wanted.get(source.map) ?? { x: 0, y: 0 };
      wanted.set(source.map, {
        x: Math.max(before.x, extent(source.x, out.x, { whole: whole.x, outs: model.x })),
        y: Math.max(before.y, extent(source.y, out.y, { whole: whole.y, outs: model.y })),
      });
    }
  }
  return wanted;
}

/**
 * Columns (rows) that `outs` outputs need; `model`: sizes of the source and of the output in the model. A scaled
 * region has no pads, so that it needs the model's source, and of outputs beyond the model's their share more.
 */
function extent(
  region: Region,
  outs: number,
  model: { readonly whole: number; readonly outs: number },
): number {
  switch (region.kind) {
    case 'full':
      return model.whole;
    case 'scale':
      return model.whole + Math.ceil((Math.max(0, outs - model.outs) * region.mul) / region.div);
    default:
      return Math.max(1, freeExtent(region, outs, Infinity));
  }
}

const unpadded = (region: Region): Region =>
  region.kind === 'window' ? { ...region, before: 0, after: 0 } : region;

function resized(layer: Layer, out: Size): Layer {
  const steps: Readonly<Record<string, number>> = {
    OX: Math.ceil(out.x / layer.upsample.x),
    OY: Math.ceil(out.y / layer.upsample.y),
  };
  const loops = layer.loops.map(({ dim, size }): LoopSize => ({ dim, size: steps[dim] ?? size }));
  const [before, after] = [product(layer.loops), product(loops)];
  return {
    ...layer,
    loops,
    inputs: layer.inputs.map((input) => ({
      ...input,
      sources: input.sources.map((source) => ({ ...source, x: unpadded(source.x), y: unpadded(source.y) })),
    })),
    // Iterations and MACs differ for a transposed convolution only, where they grow alike; elsewhere nothing is rounded.
    macs: layer.macs === before ? after : Math.round((layer.macs * after) / before),
  };
}

const product = (loops: readonly LoopSize[]): number => loops.reduce((all, { size }) => all * size, 1);
