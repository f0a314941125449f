/** Shares mapping results between layers, tile types, modes, stacks and passes: equal problems, equal answers. */
import type { LayerTileMapper, LayerTileProblem, MapResult, SearchWork } from '../ir/layer-tile.js';

export interface MemoMapper {
  readonly mapper: LayerTileMapper;
  /** Distinct problems solved, questions answered from memory, and what the searches did in all. */
  readonly counts: () => SearchWork & { readonly solved: number; readonly shared: number };
}

export function memoised(mapper: LayerTileMapper, keyOf: (problem: LayerTileProblem) => string): MemoMapper {
  const results = new Map<string, MapResult>();
  const work = { states: 0, nodes: 0, scored: 0 };
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
      if (result.kind === 'mapped')
        for (const part of ['states', 'nodes', 'scored'] as const) work[part] += result.work[part];
      return result;
    },
    counts: () => ({ solved: results.size, shared, ...work }),
  };
}
