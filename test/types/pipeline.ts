/** Checked by the type checker, never run: pipelines and passes in which something must not compile. */
import { definePass, Pipeline, type IR } from '../../src/kit.js';
import { chooseTiles } from '../../passes/choose-tiles.js';
import { importOnnx } from '../../passes/import-onnx.js';
import { inferShapes } from '../../passes/infer-shapes.js';
import { lowerLayers } from '../../passes/lower-layers.js';
import { normalizeGraph } from '../../passes/normalize-graph.js';
import { partitionStacks } from '../../passes/partition-stacks.js';
import { tileStacks } from '../../passes/tile-stacks.js';

const layers = Pipeline.start().step(importOnnx).step(normalizeGraph).step(inferShapes).step(lowerLayers);
const tiles = layers.step(partitionStacks, { by: 'one' }).step(chooseTiles, { tile: '4x4' }).step(tileStacks);

// Facets accrete, and remaking one drops what comes after it.
tiles satisfies Pipeline<'graph' | 'shapes' | 'layers' | 'stacks' | 'tiles'>;
tiles.step(normalizeGraph) satisfies Pipeline<'graph'>;

// @ts-expect-error -- wrong order: tiles need stacks
layers.step(tileStacks);
// @ts-expect-error -- stale: cutting again drops the tiles, and the shapes are gone after normalize-graph
tiles.step(normalizeGraph).step(lowerLayers);
// @ts-expect-error -- an option the pass does not have
layers.step(partitionStacks, { depth: 3 });
// @ts-expect-error -- a value the option does not take
layers.step(partitionStacks, { by: 'never' });

definePass({
  name: 'acme/undeclared',
  summary: 'reads what it did not declare',
  needs: ['layers'],
  makes: 'stacks',
  options: {},
  run(ir) {
    // @ts-expect-error -- undeclared facet
    const { graph } = ir;
    return { by: typeof graph, stacks: [] };
  },
});

definePass({
  name: 'acme/wrong-facet',
  summary: 'makes something else than it says',
  needs: ['layers'],
  makes: 'stacks',
  options: {},
  // @ts-expect-error -- tiles, not stacks
  run: (_ir: IR<'layers'>) => ({ stacks: [{ stack: '$0', grid: { x: 1, y: 1 } }] }),
});

definePass({
  name: 'acme/mutating',
  summary: 'writes into the IR',
  needs: ['stacks'],
  makes: 'stacks',
  options: {},
  run(ir) {
    // @ts-expect-error -- facets are read-only
    ir.stacks.by = 'me';
    return ir.stacks;
  },
});
