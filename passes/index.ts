/** The built-in passes in the order they run, and the pipelines that have names. A wrong order does not compile. */
import { Pipeline, type AnyPass, type NamedPipeline } from '../src/kit.js';
import { allocateMemory } from './allocate-memory.js';
import { annotateCost } from './annotate-cost.js';
import { chooseTiles } from './choose-tiles.js';
import { importLayers } from './import-layers.js';
import { importOnnx } from './import-onnx.js';
import { inferShapes } from './infer-shapes.js';
import { listUnrollings } from './list-unrollings.js';
import { lowerLayers } from './lower-layers.js';
import { normalizeGraph } from './normalize-graph.js';
import { optimizePass } from './optimize-schedule.js';
import { partitionStacks } from './partition-stacks.js';
import { tileStacks } from './tile-stacks.js';

export const PASSES: readonly AnyPass[] = [
  importOnnx,
  importLayers,
  normalizeGraph,
  inferShapes,
  lowerLayers,
  listUnrollings,
  partitionStacks,
  chooseTiles,
  optimizePass,
  tileStacks,
  allocateMemory,
  annotateCost,
];

const layers = Pipeline.start().step(importOnnx).step(normalizeGraph).step(inferShapes).step(lowerLayers);

/** One tile per stack: layer by layer. */
const wholeMaps = (by: 'auto' | 'single-layer'): string =>
  layers
    .step(partitionStacks, { by })
    .step(chooseTiles, { tile: 'full', mode: 'fully-cached' })
    .step(tileStacks)
    .step(allocateMemory)
    .step(annotateCost)
    .toString();

export const PIPELINES: readonly NamedPipeline[] = [
  {
    name: 'default',
    summary: 'Stacks whose weights fit on chip; what -t, -m and --stacks change.',
    spec: wholeMaps('auto'),
  },
  {
    name: 'layer-by-layer',
    summary: 'One tile per stack: maps between its layers stay in the lowest memory that holds them.',
    spec: wholeMaps('auto'),
  },
  {
    name: 'single-layer',
    summary: 'Each layer its own stack: all maps between layers through the top memory.',
    spec: wholeMaps('single-layer'),
  },
  {
    name: 'optimize',
    summary: 'The best cuts, and per stack the best tile, mode and hand-over memory: what --optimize runs.',
    spec: layers
      .step(partitionStacks, { by: 'auto' })
      .step(optimizePass, { for: 'energy' })
      .step(tileStacks)
      .step(allocateMemory)
      .step(annotateCost)
      .toString(),
  },
  {
    name: 'layers',
    summary: 'What the model is: operators, shapes and layers, no schedule.',
    spec: layers.toString(),
  },
];
