/** Shares mapping results between layers, tile types, modes, stacks and passes: equal problems, equal answers. */
import { BoundedMap } from '../base/bounded-map.js';
import type { LayerTileMapper, LayerTileProblem, MapResult, SearchWork } from '../ir/layer-tile.js';
import { asAsked, type Pose } from '../mapping/mirror.js';

export interface MemoMapper {
  readonly mapper: LayerTileMapper;
  /** Whether a problem has been solved, and the answer is still there. */
  readonly knows: (problem: LayerTileProblem) => boolean;
  /** Problems solved, questions answered from memory, and what the searches did in all. */
  readonly counts: () => SearchWork & { readonly solved: number; readonly shared: number };
}

/** Results kept at most: some 3 KB each. */
const MOST_RESULTS = 40_000;

/** `mapper` is asked problems as they are posed. */
export function memoised(mapper: LayerTileMapper, pose: Pose = asAsked): MemoMapper {
  const results = new BoundedMap<string, MapResult>(MOST_RESULTS);
  const counts = { solved: 0, shared: 0, states: 0, nodes: 0, scored: 0 };
  return {
    mapper: (asked) => {
      const { key, problem, answer } = pose(asked);
      const found = results.get(key);
      if (found) {
        counts.shared++;
        return answer(found);
      }
      const result = mapper(problem);
      results.set(key, result);
      counts.solved++;
      if (result.kind === 'mapped')
        for (const part of ['states', 'nodes', 'scored'] as const) counts[part] += result.work[part];
      return answer(result);
    },
    knows: (problem) => results.get(pose(problem).key) !== undefined,
    counts: () => ({ ...counts }),
  };
}
