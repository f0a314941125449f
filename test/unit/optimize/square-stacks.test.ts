/** In a stack in which nothing tells columns from rows, mirror images share a bound: the one that each has alone. */
import { known } from '../../../src/base/assert.js';
import { PROFILES } from '../../../src/base/profile.js';
import { compile } from '../../../src/compile.js';
import type { Workload } from '../../../src/ir/layer.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { readModelFile } from '../../../src/node/files.js';
import { boundsOf } from '../../../src/optimize/bounds.js';
import type { Known } from '../../../src/optimize/lazy-edge.js';
import { searchSpace } from '../../../src/optimize/space.js';
import { legalStretches, type Stretch } from '../../../src/optimize/stretches.js';
import type { CandidateSettings } from '../../../src/optimize/tile-candidates.js';
import { unrollingsOf } from '../../../src/schedule/layer-problem.js';
import { runMappers } from '../../../src/schedule/run-mappers.js';

const { default: profile } = PROFILES;
const { accelerator: hw } = loadAccelerator('meta-proto-df');

async function layersOf(name: string): Promise<Workload> {
  const pipeline = 'import-onnx,normalize-graph,infer-shapes,lower-layers';
  const { ir } = await compile({ source: readModelFile(name), hw, profile, pipeline });
  return known(ir.layers, 'layers');
}

function candidatesOf(workload: Workload, stretch: Stretch, settings: CandidateSettings): readonly Known[] {
  const { edges } = searchSpace({
    workload,
    hw,
    profile,
    mappers: runMappers({ hw, profile, lpfLimit: 4, given: [], budgeted: false }).mappers,
    bounds: boundsOf(workload, hw, profile, (layer) => unrollingsOf(layer, hw), 'both'),
    // Nodes are reached from the first one on.
    stretches: [
      ...legalStretches(workload, profile.barriers, []).filter(({ to }) => to <= stretch.from),
      stretch,
    ],
    cuts: [],
    settings,
    unroll: { x: 4, y: 4 },
    listed: () => undefined,
    evaluated: () => undefined,
  });
  const edge = edges.find((one) => one.stretch === stretch);
  return known(edge, 'edge').lazy.all();
}

test('each candidate of a square stack has the bound that it has alone', async () => {
  const workload = await layersOf('mobilenetv1');
  const stretches = legalStretches(workload, profile.barriers, []);
  let images = 0;
  for (const [from, length] of [
    [0, 2],
    [0, 5],
    [3, 6],
  ]) {
    const stretch = known(
      stretches.find((one) => one.from === from && one.layers.length === length),
      'stretch',
    );
    for (const { candidate, open } of candidatesOf(workload, stretch, {})) {
      const { tile, mode } = candidate;
      const [alone] = candidatesOf(workload, stretch, { tile, mode });
      expect(open!.energyPj / alone!.open!.energyPj).toBeCloseTo(1, 10);
      expect(open!.latencyCycles / alone!.open!.latencyCycles).toBeCloseTo(1, 10);
      if (tile.x !== tile.y) images++;
    }
  }
  expect(images).toBeGreaterThan(10);
});
