/**
 * The lowest memories that may be the tops of a layer in one tile (docs/lower-bound.md, formula 8): those with room for
 * its inputs and for its output. As published nothing else decides, and beside its inputs there has to be room for the
 * output as well.
 */
import { freeExtent, spanExtent } from '../analysis/region.js';
import { isStationary } from '../analysis/stack-graph.js';
import { workloadIndex } from '../analysis/workload-index.js';
import type { Profile } from '../base/profile.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { Layer, Region, Workload } from '../ir/layer.js';
import type { Hierarchy } from '../schedule/hierarchy.js';

/** What decides how many bits a layer streams in a tile, beside the size of the tile. */
export interface StreamedData {
  /** Of one output pixel. */
  readonly outputPixelBits: number;
  readonly sources: readonly StreamedSource[];
}

interface StreamedSource {
  readonly pixelBits: number;
  readonly x: Region;
  readonly y: Region;
  readonly width: number;
  readonly height: number;
}

export function streamedData(workload: Workload, layer: Layer): StreamedData {
  const { map, layer: whole } = workloadIndex(workload);
  const output = map(layer.output.map);
  // A layer with some of the heads makes as much less.
  const share = iterationsOf(layer) / iterationsOf(whole(layer.id));
  return {
    outputPixelBits: output.elementsPerPixel * output.bits * share,
    sources: layer.inputs.flatMap(({ sources }, input) =>
      isStationary(layer, input)
        ? []
        : sources.map(({ map: id, elementsPerPixel, x, y }): StreamedSource => {
            const { bits, width, height } = map(id);
            return { pixelBits: elementsPerPixel * bits, x, y, width, height };
          }),
    ),
  };
}

const iterationsOf = ({ loops }: Layer): number => loops.reduce((product, { size }) => product * size, 1);

/** Memory indices. */
export interface Tops {
  readonly I: number;
  readonly O: number;
}

/** The lowest single memory of a path with room; the top always counts. */
export const lowestWithRoom = (
  { levels, single, memory, top }: Hierarchy,
  path: MemoryOperand,
  bits: (index: number) => number,
): number =>
  levels[path].find((index) => index === top || (single(index) && memory(index).sizeBits >= bits(index))) ??
  top;

/**
 * Whether sizes follow from the output's and levels from sizes, whatever else there is in the memories, and patches from
 * outside are copied to where they fit.
 */
export const areTopsPublished = ({ padding, branchDelay, residents, lowPatch }: Profile): boolean =>
  padding === 'ignored' && branchDelay === 'written-only' && residents === 'ignored' && lowPatch === 'free';

/** Tops of a tile of so many output columns and rows, unless no loop order fits: then they are higher. */
export function publishedTops(
  { outputPixelBits, sources }: StreamedData,
  { x, y }: { readonly x: number; readonly y: number },
  hierarchy: Hierarchy,
  { strideExtent }: Profile,
): Tops {
  const extent = strideExtent === 'span' ? spanExtent : freeExtent;
  let inputBits = 0;
  for (const source of sources)
    inputBits += source.pixelBits * extent(source.x, x, source.width) * extent(source.y, y, source.height);
  const outputBits = outputPixelBits * x * y;
  const I = lowestWithRoom(hierarchy, 'I', () => inputBits);
  const O = lowestWithRoom(hierarchy, 'O', (index) => (index === I ? inputBits : 0) + outputBits);
  return { I, O };
}
