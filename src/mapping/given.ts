/** Temporal mappings as the user gives them, with the place of each part in the file, and which one a layer tile gets. */
import { bareName } from '../base/ids.js';
import type { Location } from '../diag/diagnostic.js';
import type { OperandName } from '../ir/cost.js';
import type { LoopDim } from '../ir/layer.js';
import type { LayerTileName } from '../ir/layer-tile.js';

export interface GivenLevel {
  readonly operand: OperandName;
  /** Name, as written. */
  readonly memory: string;
  readonly at: Location;
}

export interface GivenLoop {
  readonly dim: LoopDim;
  /** Undefined: all that the other loops of the dim leave. */
  readonly size: number | undefined;
  /** Operands that are not listed may have the loop at any level. */
  readonly levels: readonly GivenLevel[];
  readonly at: Location;
}

/** One entry of a mapping file. */
export interface GivenMapping {
  readonly layer: string;
  readonly layerAt: Location;
  /** Undefined: every stack of the layer, which is one unless a cut is lost (Q1). */
  readonly stack: string | undefined;
  readonly stackAt: Location;
  /** Name of a tile type; undefined: all that have no entry of their own. */
  readonly tile: string | undefined;
  readonly tileAt: Location;
  /** Innermost first. */
  readonly loops: readonly GivenLoop[];
  readonly loopsAt: Location;
}

export interface GivenMappings {
  /** As the user named it. */
  readonly file: string;
  /** Hexadecimal SHA-256 of its text; absent: made by a program. */
  readonly digest?: string;
  readonly mappings: readonly GivenMapping[];
}

/** The mapping that is meant for a layer tile: one of its tile type before one of all, then one of its stack. */
export function mappingFor(
  mappings: readonly GivenMapping[],
  { stack, layer, type }: LayerTileName,
): GivenMapping | undefined {
  const name = bareName(layer);
  const candidates = mappings.filter(
    (given) =>
      given.layer === name &&
      (given.tile === undefined || given.tile === type) &&
      (given.stack === undefined || given.stack === stack),
  );
  const rank = (given: GivenMapping): number =>
    (given.tile === undefined ? 0 : 2) + (given.stack === undefined ? 0 : 1);
  return candidates.reduce<GivenMapping | undefined>(
    (best, given) => (best === undefined || rank(given) > rank(best) ? given : best),
    undefined,
  );
}
