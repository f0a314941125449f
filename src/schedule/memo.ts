/** Shares mapping results between layers, tile types, modes, stacks and passes: equal problems, equal answers. */
import type { LayerTileMapper, LayerTileProblem, MapResult } from '../ir/layer-tile.js';

export interface MemoMapper {
  readonly mapper: LayerTileMapper;
  /** Distinct problems solved and questions answered from memory. */
  readonly counts: () => { readonly solved: number; readonly shared: number };
}

export function memoised(mapper: LayerTileMapper, keyOf: (problem: LayerTileProblem) => string): MemoMapper {
  const results = new Map<string, MapResult>();
  let shared = 0;
  return {
    mapper: (problem) => {
      const key = keyOf(problem);
      const found = results.get(key);
      if (found) {
        shared++;
        return found;
      }
      const result = mapper(problem);
      results.set(key, result);
      return result;
    },
    counts: () => ({ solved: results.size, shared }),
  };
}
