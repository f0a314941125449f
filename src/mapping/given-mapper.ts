/**
 * The mapper where the user has given mappings: they are scored as they stand, or completed if they are only the
 * innermost loops; everything else is left to the search. Invariants: a given mapping that cannot be used is refused,
 * never replaced; and memory levels are raised for a layer tile only where no other mapping would fit either.
 */
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import { sizeText } from '../base/units.js';
import { nestOf } from '../cost/nest.js';
import { diagnostic } from '../diag/diagnostic.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LayerTileMapper, LayerTileProblem, MapResult, Unmappable } from '../ir/layer-tile.js';
import { mappingFor, type GivenMapping } from './given.js';
import { layLoops } from './lay-loops.js';
import { factorsBeside } from './loop-factors.js';
import { bestMapping, type MapperSettings } from './mapper.js';

/** Asks the mapper of the mapping given for the layer tile, if there is one, and `search` otherwise. */
export function preferGiven(
  mappings: readonly GivenMapping[],
  mapperOf: (mapping: GivenMapping) => LayerTileMapper,
  search: LayerTileMapper,
): LayerTileMapper {
  const mappers = new Map(mappings.map((mapping) => [mapping, mapperOf(mapping)]));
  return (problem, tile) => {
    const mapping = tile && mappingFor(mappings, tile);
    if (mapping === undefined) return search(problem);
    const result = known(mappers.get(mapping), 'mapper')(problem);
    if (result.kind !== 'refused') return result;
    const other = search(problem);
    return other.kind === 'unmappable' ? other : result;
  };
}

/** Scores a mapping in whatever tile it is asked for. `settings` are for the loops that it leaves open. */
export const givenMapper =
  (hw: Accelerator, profile: Profile, settings: MapperSettings, mapping: GivenMapping): LayerTileMapper =>
  (problem): MapResult => {
    const nest = nestOf(hw, profile, problem);
    const laying = layLoops(hw, problem, nest, mapping);
    if (laying.kind === 'contradiction')
      return { kind: 'refused', diagnostics: laying.diagnostics, shortage: undefined };
    const { laid } = laying;
    const factors = factorsBeside(laid.loops, nest.temporal, settings.lpfLimit);
    const result = bestMapping(hw, profile, problem, nest, factors, settings, laid);
    return result.kind === 'mapped'
      ? { ...result, origin: laid.complete ? 'given' : 'completed' }
      : unfit(hw, problem, mapping, result.reason);
  };

function unfit(
  hw: Accelerator,
  { operands, takenBits }: LayerTileProblem,
  mapping: GivenMapping,
  shortage: Unmappable,
): MapResult {
  const memory = known(hw.memories[shortage.memory], 'memory').name;
  const { demandBits, boundBits, operand } = shortage;
  const others = operands.filter(({ name, levels }) => name !== operand && levels.includes(shortage.memory));
  const room = takenBits?.[shortage.memory] ? 'has room left for' : 'holds';
  const beside = others.map(({ name }) => name).join(' and ');
  return {
    kind: 'refused',
    shortage,
    diagnostics: [
      diagnostic(
        'DF6058',
        `the mapping given for ${mapping.layer} does not fit: ${memory} ${room} ${sizeText(boundBits)}, ` +
          `${sizeText(demandBits)} are needed (${sizeText(demandBits - boundBits)} short)`,
        [mapping.loopsAt],
        {
          terms: [`${operand} in ${memory}${beside === '' ? '' : `, which also holds ${beside}`}`],
          help: `keep fewer loops of ${operand} in ${memory}: move them further out, or name a higher memory`,
        },
      ),
    ],
  };
}
