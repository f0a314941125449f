/**
 * Invariants of the layers facet:
 * - ids of layers and maps are unique, and every map has one producer at most, the layer it names (DF2191);
 * - operands, outputs and aliases name maps that exist (DF2192), made by earlier layers (DF2190);
 * - loops, maps and bits have positive whole sizes that can be counted exactly, operands (two at most) are indexed by
 *   loops the layer has, and the loops that index the output make the elements of its map, the last step of an
 *   upsampling layer rounded up (DF2193);
 * - the region of the whole output lies in its source, which has the elements per pixel that are read (DF2194).
 */
import type { LayerId, TensorId } from '../../base/ids.js';
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import type { Code } from '../../diag/codes.js';
import type { FeatureMap, Layer, LoopDim, Region, Source, Workload } from '../layer.js';
import { each, NOTHING } from './find.js';

export function verifyWorkload(workload: Workload): Diagnostic[] {
  const maps = new Map(workload.maps.map((map) => [map.id, map]));
  const missing = missingMaps(workload, maps);
  const names = uniqueNames(workload);
  // What follows looks maps up.
  if (missing.length + names.length > 0) return [...names, ...missing];
  return [
    ...topologicalOrder(workload, maps),
    ...each(workload.maps, mapSizes),
    ...each(workload.layers, (layer) => {
      const nest = loopNest(layer, maps.get(layer.output.map)!);
      const outside = regions(layer, maps, workload.origin === 'table');
      return nest.length + outside.length === 0 ? NOTHING : [...nest, ...outside];
    }),
  ];
}

// Hot in long networks, what follows: nothing is made where nothing is found.

const bug = (code: Code, id: string, message: string): Diagnostic =>
  diagnostic(code, `${id} ${message}`, [{ kind: 'ir', facet: 'layers', id }]);

function repeated<T>(values: readonly T[]): readonly T[] {
  if (new Set(values).size === values.length) return [];
  const seen = new Set<T>();
  return [...new Set(values.filter((value) => seen.has(value) || !seen.add(value)))];
}

function uniqueNames({ layers, maps }: Workload): Diagnostic[] {
  const producers = new Map(layers.map((layer) => [layer.output.map, layer.id]));
  return [
    ...repeated(layers.map(({ id }) => id)).map((id) => bug('DF2191', id, 'names two layers')),
    ...repeated(maps.map(({ id }) => id)).map((id) => bug('DF2191', id, 'names two maps')),
    ...repeated(layers.map(({ output }) => output.map)).map((id) => bug('DF2191', id, 'has two producers')),
    ...maps
      .filter(({ id, producer }) => (producers.get(id) ?? null) !== producer)
      .map(({ id, producer }) =>
        bug(
          'DF2191',
          id,
          `says it is made by ${producer ?? 'no layer'}, and is made by ${producers.get(id) ?? 'none'}`,
        ),
      ),
  ];
}

function missingMaps(workload: Workload, maps: ReadonlyMap<TensorId, FeatureMap>): Diagnostic[] {
  const absent: Diagnostic[] = [];
  const check = (user: string, id: TensorId): void => {
    if (!maps.has(id)) absent.push(bug('DF2192', user, `refers to ${id}, which does not exist`));
  };
  for (const { id, inputs, output } of workload.layers) {
    for (const { sources } of inputs) for (const { map } of sources) check(id, map);
    check(id, output.map);
  }
  for (const { name, of } of workload.aliases) for (const map of of) check(name, map);
  for (const map of workload.outputs) check('the network', map);
  return absent;
}

function topologicalOrder({ layers }: Workload, maps: ReadonlyMap<TensorId, FeatureMap>): Diagnostic[] {
  const done = new Set<LayerId>();
  const early: Diagnostic[] = [];
  for (const { id, inputs } of layers) {
    for (const { sources } of inputs)
      for (const { map } of sources) {
        const producer = maps.get(map)?.producer ?? null;
        if (producer !== null && !done.has(producer))
          early.push(bug('DF2190', id, `reads ${map} before it is made`));
      }
    done.add(id);
  }
  return early;
}

const isPositive = (size: number): boolean => Number.isSafeInteger(size) && size >= 1;

/** All bits of a map are counted exactly, and so are those of its partial sums. */
const mapSizes = ({ id, width, height, elementsPerPixel, bits }: FeatureMap): readonly Diagnostic[] =>
  isPositive(width) &&
  isPositive(height) &&
  isPositive(elementsPerPixel) &&
  isPositive(bits) &&
  isPositive(width * height * elementsPerPixel * bits)
    ? NOTHING
    : [bug('DF2193', id, `has ${width} x ${height} pixels of ${elementsPerPixel} elements of ${bits} bit`)];

/** W and I, or X and Y: more are a chain of layers. */
const MOST_INPUTS = 2;

/** Far more than any number format has; more, and sizes are no longer exact integers. */
const MOST_BITS = 2 ** 20;

function loopNest(layer: Layer, map: FeatureMap): readonly Diagnostic[] {
  const { id, loops, output, upsample } = layer;
  const size = (dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;
  const problems: string[] = [];
  loops.forEach((loop, l) => {
    if (!isPositive(loop.size)) problems.push(`loops ${loop.size} times over ${loop.dim}`);
    if (loops.findIndex(({ dim }) => dim === loop.dim) < l) problems.push(`has two loops over ${loop.dim}`);
  });
  if (layer.inputs.length > MOST_INPUTS)
    problems.push(`has ${layer.inputs.length} operands, at most ${MOST_INPUTS}`);
  const index = (dim: LoopDim): void => {
    if (!loops.some((loop) => loop.dim === dim))
      problems.push(`is indexed by ${dim}, over which it has no loop`);
  };
  output.dims.forEach(index);
  for (const { name, bits, dims, windows } of layer.inputs) {
    dims.forEach(index);
    for (const window of windows) [window.out, window.kernel].forEach(index);
    if (!Number.isSafeInteger(bits) || bits < 0 || bits > MOST_BITS)
      problems.push(`reads ${name} in elements of ${bits} bit`);
  }
  for (const bits of [output.bits, output.psumBits])
    if (!isPositive(bits) || bits > MOST_BITS) problems.push(`makes elements of ${bits} bit`);
  if (!isPositive(layer.passes)) problems.push(`streams its input ${layer.passes} times`);
  for (const n of [layer.macs, layer.weightBits])
    if (!Number.isSafeInteger(n) || n < 0) problems.push(`has an impossible count ${n}`);
  const made = output.dims.reduce((product, dim) => product * size(dim), 1);
  const phases = upsample.x * upsample.y;
  const columns = output.dims.includes('OX') ? Math.ceil(map.width / upsample.x) : 1;
  const rows = output.dims.includes('OY') ? Math.ceil(map.height / upsample.y) : 1;
  const expected = map.elementsPerPixel * phases * columns * rows;
  if (made !== expected)
    problems.push(`makes ${made} elements with its loops, ${output.map} takes ${expected}`);
  if (output.bits !== map.bits)
    problems.push(`makes elements of ${output.bits} bit, ${output.map} holds ${map.bits} bit`);
  return problems.length === 0 ? NOTHING : problems.map((problem) => bug('DF2193', id, problem));
}

function regions(
  { id, inputs, output }: Layer,
  maps: ReadonlyMap<TensorId, FeatureMap>,
  declared: boolean,
): readonly Diagnostic[] {
  const out = maps.get(output.map)!;
  return each(inputs, ({ sources }) =>
    each(sources, (source) => {
      const map = maps.get(source.map)!;
      const problems = sourceProblems(source, map, out, declared);
      if (problems.length === 0) return NOTHING;
      return problems.map((problem) => bug('DF2194', id, `${problem} of ${map.id}`));
    }),
  );
}

/** `declared`: layer tables may join maps of unlike channel counts, with a warning at import. */
function sourceProblems(
  source: Source,
  map: FeatureMap,
  out: FeatureMap,
  declared: boolean,
): readonly string[] {
  const { elementsPerPixel } = source;
  const problems: string[] = [];
  if (!isPositive(elementsPerPixel) || (elementsPerPixel > map.elementsPerPixel && !declared))
    problems.push(`reads ${elementsPerPixel} of ${map.elementsPerPixel} elements per pixel`);
  if (source.x.kind === 'same' && out.width > map.width)
    problems.push(`reads ${out.width} of ${map.width} columns`);
  if (source.y.kind === 'same' && out.height > map.height)
    problems.push(`reads ${out.height} of ${map.height} rows`);
  for (const region of [source.x, source.y])
    if (!isSane(region)) problems.push(`has an impossible region ${JSON.stringify(region)}`);
  return problems;
}

function isSane(region: Region): boolean {
  switch (region.kind) {
    case 'same':
    case 'full':
      return true;
    case 'window':
      return isPositive(region.stride) && isPositive(region.dilation) && isPositive(region.kernel);
    case 'scale':
      // Fewer than one index per output: outputs between the taps of a transposed convolution read nothing.
      return isPositive(region.mul) && isPositive(region.div) && region.lo - region.hi < region.div;
  }
}
