/**
 * Whether a network can be counted: integers are exact up to 2^53 - 1, and every count of iterations, MACs and bits of
 * a layer or map must stay below that. Sizes that multiply past it are usually a damaged or mistyped dimension.
 */
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { FeatureMap, Layer, Workload } from '../ir/layer.js';

/** Lines of a long list that are shown. */
const SHOWN = 8;

/** One error for all layers and maps that are too large; none if everything can be counted. */
export function uncountable({ layers, maps, macs }: Workload): readonly Diagnostic[] {
  if (layers.every(isCounted) && maps.every(isCountedMap) && Number.isSafeInteger(macs)) return [];
  const terms = [
    ...layers.flatMap(layerTerms),
    ...maps.flatMap(mapTerms),
    ...term('the network', 'MACs', macs),
  ];
  return [
    diagnostic(
      'DF2013',
      `${terms.length} counts of the network exceed 2^53 - 1, above which they are not exact`,
      [],
      {
        terms: terms.slice(0, SHOWN),
        help: 'check the sizes of its inputs and constants',
      },
    ),
  ];
}

const term = (of: string, what: string, count: number): readonly string[] =>
  Number.isSafeInteger(count) ? [] : [`${of}: ${count.toExponential(2)} ${what}`];

const iterationsOf = ({ loops, passes }: Layer): number =>
  loops.reduce((product, { size }) => product * size, passes);

const isCounted = (layer: Layer): boolean =>
  Number.isSafeInteger(iterationsOf(layer)) &&
  Number.isSafeInteger(layer.macs) &&
  Number.isSafeInteger(layer.weightBits);

const bitsOf = ({ elementsPerPixel, width, height, bits }: FeatureMap): number =>
  elementsPerPixel * width * height * bits;

const isCountedMap = (map: FeatureMap): boolean => Number.isSafeInteger(bitsOf(map));

const layerTerms = (layer: Layer): readonly string[] => [
  ...term(layer.id, 'loop iterations', iterationsOf(layer)),
  ...term(layer.id, 'MACs', layer.macs),
  ...term(layer.id, 'bits of weights', layer.weightBits),
];

const mapTerms = (map: FeatureMap): readonly string[] => term(map.id, 'bits', bitsOf(map));
