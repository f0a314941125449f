/** Shapes and MACs of real models against an independent tool (facts.json of the reference data). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inferTensors } from '../../src/onnx/infer.js';
import { lowerGraph } from '../../src/onnx/lower.js';
import { verifyWorkload } from '../../src/ir/verify/layers.js';
import { verifyShapes } from '../../src/ir/verify/shapes.js';
import { normalized } from '../support/import-model.js';
import { describeWithReference } from '../support/reference.js';

interface Facts {
  readonly macs: number;
  readonly macLayers: number;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

const PRECISION = { W: 8, I: 8, O: 8, psum: 16 };

describeWithReference('models with known facts', (folder) => {
  const facts = JSON.parse(readFileSync(join(folder, 'models/facts.json'), 'utf8')) as Record<string, Facts>;

  test.each(Object.keys(facts))('%s', async (file) => {
    const expected = facts[file]!;
    const { graph } = await normalized(readFileSync(join(folder, 'models', file)));
    const shapes = inferTensors(graph, {}, () => undefined);
    const workload = lowerGraph(
      graph,
      shapes,
      { precision: PRECISION, override: {}, ofLayer: () => ({}), countParameters: true },
      () => undefined,
    );

    const outputs = shapes.tensors.filter(({ name }) => Object.hasOwn(expected.outputs, name));
    expect(Object.fromEntries(outputs.map(({ name, shape }) => [name, shape]))).toEqual(expected.outputs);
    expect(workload.macs).toBe(expected.macs);
    expect(workload.layers.filter((layer) => layer.kind === 'mac')).toHaveLength(expected.macLayers);
    expect(workload.layers.filter((layer) => layer.coverage === 'generic')).toEqual([]);
    expect(verifyShapes(graph, shapes)).toEqual([]);
    expect(verifyWorkload(workload)).toEqual([]);
  });
});
