/**
 * The verifiers of all facets as the pass manager wants them. A verifier that reads facets which are not there
 * (a run that starts from a dump of layers has no graph) has nothing to say.
 */
import type { Profile } from './base/profile.js';
import type { Accelerator } from './hw/accelerator.js';
import { verifyAllocs } from './ir/verify/allocs.js';
import { verifyCosts } from './ir/verify/costs.js';
import { verifyGraph } from './ir/verify/graph.js';
import { verifyShapes } from './ir/verify/shapes.js';
import { verifyStacks } from './ir/verify/stacks.js';
import { verifyTiles } from './ir/verify/tiles.js';
import { verifyWorkload } from './ir/verify/layers.js';
import type { Verifiers } from './pass/instrument/verify.js';

/** `resumed`: the run starts from a dump, and nobody knows in which profile that was made. */
export const verifiersFor = (hw: Accelerator, profile: Profile, resumed = false): Verifiers => ({
  graph: ({ graph }) => (graph ? verifyGraph(graph) : []),
  shapes: ({ graph, shapes }) => (graph && shapes ? verifyShapes(graph, shapes) : []),
  layers: ({ layers }) =>
    layers
      ? verifyWorkload(layers, resumed || layers.origin === 'table' || profile.padding === 'ignored')
      : [],
  stacks: ({ layers, stacks }) => (layers && stacks ? verifyStacks(layers, stacks, hw, profile) : []),
  tiles: ({ layers, stacks, tiles }) => (layers && tiles ? verifyTiles(layers, stacks, tiles, profile) : []),
  allocs: ({ layers, stacks, tiles, allocs }) =>
    layers && tiles && allocs ? verifyAllocs(layers, stacks, tiles, allocs, hw, profile) : [],
  costs: ({ stacks, tiles, allocs, costs }) =>
    tiles && costs ? verifyCosts(stacks, tiles, allocs, costs, hw, profile) : [],
});
