/**
 * Invariants of the layers facet:
 * - ids of layers and maps are unique, and every map has one producer at most, the layer it names (DF2191);
 * - operands, outputs and aliases name maps that exist (DF2192), made by earlier layers (DF2190);
 * - loops, maps and bits have positive whole sizes that can be counted exactly, operands (two at most) are indexed by
 *   loops the layer has, and the loops that index the output make the elements of its map, the last step of an
 *   upsampling layer rounded up (DF2193);
 * - the region of the whole output lies in its source, which has the elements per pixel that are read (DF2194);
 * - MACs and weights follow from the loops (DF2195, `layer-work.ts`).
 */
import { perObject } from '../../base/bounded-map.js';
import type { LayerId, TensorId } from '../../base/ids.js';
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import type { Code } from '../../diag/codes.js';
import type { FeatureMap, Layer, LoopDim, Region, Source, Workload } from '../layer.js';
import { each, NOTHING } from './find.js';
import { verifyMacs, verifyWork } from './layer-work.js';
import { lookupIn, type Lookup } from '../lookup.js';

/** `resized`: the maps may have other sizes than those of the model, because its pads are ignored. */
export function verifyWorkload(workload: Workload, resized = workload.origin === 'table'): Diagnostic[] {
  const lookup = lookupIn(workload);
  const missing = missingMaps(workload, lookup);
  const names = uniqueNames(workload, lookup);
  // What follows looks maps up.
  if (missing.length + names.length > 0) return [...names, ...missing];
  return [
    ...topologicalOrder(workload, lookup),
    ...each(workload.maps, mapSizes),
    ...each(workload.layers, (layer) => {
      const nest = loopNest(layer, lookup.map(layer.output.map)!);
      const outside = regions(layer, lookup, workload.origin === 'table');
      // Of broken loops nothing follows.
      const work = nest.length === 0 ? verifyWork(layer, workload.origin === 'table') : NOTHING;
      return nest.length + outside.length + work.length === 0 ? NOTHING : [...nest, ...outside, ...work];
    }),
    ...verifyMacs(workload, resized),
  ];
}

// Hot in long networks, what follows: nothing is made where nothing is found.

const bug = (code: Code, id: string, message: string): Diagnostic =>
  diagnostic(code, `${id} ${message}`, [{ kind: 'ir', facet: 'layers', id }]);

function repeated<T>(values: readonly T[]): readonly T[] {
  const seen = new Set<T>();
  return [...new Set(values.filter((value) => seen.has(value) || !seen.add(value)))];
}

function uniqueNames({ layers, maps }: Workload, lookup: Lookup): readonly Diagnostic[] {
  const producers = new Map(layers.map((layer) => [layer.output.map, layer.id]));
  const twice = (
    ids: () => readonly string[],
    unique: number,
    count: number,
    what: string,
  ): readonly Diagnostic[] =>
    unique === count ? NOTHING : repeated(ids()).map((id) => bug('DF2191', id, what));
  return [
    ...twice(() => layers.map(({ id }) => id), lookup.layers, layers.length, 'names two layers'),
    ...twice(() => maps.map(({ id }) => id), lookup.maps, maps.length, 'names two maps'),
    ...twice(
      () => layers.map(({ output }) => output.map),
      producers.size,
      layers.length,
      'has two producers',
    ),
    ...each(maps, ({ id, producer }) => {
      const maker = producers.get(id) ?? null;
      if (maker === producer) return NOTHING;
      const fault = `says it is made by ${producer ?? 'no layer'}, and is made by ${maker ?? 'none'}`;
      return [bug('DF2191', id, fault)];
    }),
  ];
}

function missingMaps(workload: Workload, lookup: Lookup): readonly Diagnostic[] {
  const absent = (user: string, id: TensorId): readonly Diagnostic[] =>
    lookup.map(id) === undefined ? [bug('DF2192', user, `refers to ${id}, which does not exist`)] : NOTHING;
  return [
    ...each(workload.layers, ({ id, inputs, output }) => {
      const read = each(inputs, ({ sources }) => each(sources, ({ map }) => absent(id, map)));
      const made = absent(id, output.map);
      return read.length + made.length === 0 ? NOTHING : [...read, ...made];
    }),
    ...each(workload.aliases, ({ name, of }) => each(of, (map) => absent(name, map))),
    ...each(workload.outputs, (map) => absent('the network', map)),
  ];
}

function topologicalOrder({ layers }: Workload, lookup: Lookup): readonly Diagnostic[] {
  const done = new Set<LayerId>();
  return each(layers, ({ id, inputs }) => {
    const early = each(inputs, ({ sources }) =>
      each(sources, ({ map }) => {
        const producer = lookup.map(map)?.producer ?? null;
        return producer === null || done.has(producer)
          ? NOTHING
          : [bug('DF2190', id, `reads ${map} before it is made`)];
      }),
    );
    done.add(id);
    return early;
  });
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

/** Layers that are alike share their loops: sizes by dim, and what is wrong with them. */
const loopsIn = perObject((loops: Layer['loops']) => {
  const sizes = new Map<LoopDim, number>();
  const problems: string[] = [];
  for (const { dim, size } of loops) {
    if (!isPositive(size)) problems.push(`loops ${size} times over ${dim}`);
    if (sizes.has(dim)) problems.push(`has two loops over ${dim}`);
    else sizes.set(dim, size);
  }
  return { sizes, problems };
});

function loopNest(layer: Layer, map: FeatureMap): readonly Diagnostic[] {
  const { id, output, upsample } = layer;
  const { sizes, problems: ofLoops } = loopsIn(layer.loops);
  let problems: string[] | undefined = ofLoops.length > 0 ? [...ofLoops] : undefined;
  const report = (problem: string): unknown => (problems ??= []).push(problem);
  const index = (dim: LoopDim): void => {
    if (!sizes.has(dim)) report(`is indexed by ${dim}, over which it has no loop`);
  };
  if (layer.inputs.length > MOST_INPUTS)
    report(`has ${layer.inputs.length} operands, at most ${MOST_INPUTS}`);
  output.dims.forEach(index);
  layer.inputs.forEach(({ name, bits, dims, windows, share }) => {
    dims.forEach(index);
    windows.forEach(({ out, kernel }) => {
      index(out);
      index(kernel);
    });
    if (!Number.isSafeInteger(bits) || bits < 0 || bits > MOST_BITS)
      report(`reads ${name} in elements of ${bits} bit`);
    if (share && !(isPositive(share.exist) && isPositive(share.of) && share.exist <= share.of))
      report(`reads ${share.exist} of ${share.of} elements of ${name}`);
  });
  const finished = (bits: number): void => {
    if (!isPositive(bits) || bits > MOST_BITS) report(`makes elements of ${bits} bit`);
  };
  finished(output.bits);
  finished(output.psumBits);
  if (!isPositive(layer.passes)) report(`streams its input ${layer.passes} times`);
  const countable = (n: number): void => {
    if (!Number.isSafeInteger(n) || n < 0) report(`has an impossible count ${n}`);
  };
  countable(layer.macs);
  countable(layer.weightBits);
  const made = output.dims.reduce((product, dim) => product * (sizes.get(dim) ?? 1), 1);
  const phases = upsample.x * upsample.y;
  const columns = output.dims.includes('OX') ? Math.ceil(map.width / upsample.x) : 1;
  const rows = output.dims.includes('OY') ? Math.ceil(map.height / upsample.y) : 1;
  const expected = map.elementsPerPixel * phases * columns * rows;
  if (made !== expected) report(`makes ${made} elements with its loops, ${output.map} takes ${expected}`);
  if (output.bits !== map.bits)
    report(`makes elements of ${output.bits} bit, ${output.map} holds ${map.bits} bit`);
  return problems === undefined ? NOTHING : problems.map((problem) => bug('DF2193', id, problem));
}

function regions({ id, inputs, output }: Layer, lookup: Lookup, declared: boolean): readonly Diagnostic[] {
  const out = lookup.map(output.map)!;
  return each(inputs, ({ sources }) =>
    each(sources, (source) => {
      const map = lookup.map(source.map)!;
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
  const { elementsPerPixel, first = 0, x, y, share } = source;
  let problems: string[] | undefined;
  const report = (problem: string): unknown => (problems ??= []).push(problem);
  if (!isPositive(elementsPerPixel) || (first + elementsPerPixel > map.elementsPerPixel && !declared))
    report(`reads ${elementsPerPixel} from ${first} of ${map.elementsPerPixel} elements per pixel`);
  if (x.kind === 'same' && out.width > map.width) report(`reads ${out.width} of ${map.width} columns`);
  if (y.kind === 'same' && out.height > map.height) report(`reads ${out.height} of ${map.height} rows`);
  if (share !== undefined && !(share > 0 && share <= 1)) report(`reads a share of ${share}`);
  const sane = (region: Region): void => {
    if (!isSane(region)) report(`has an impossible region ${JSON.stringify(region)}`);
  };
  sane(x);
  sane(y);
  return problems ?? NOTHING;
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
