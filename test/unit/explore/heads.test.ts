/** Heads as the third axis of a grid: every combination, and each point costs what compiling it costs. */
import { compile } from '../../../src/compile.js';
import { PROFILES } from '../../../src/base/profile.js';
import { tilesOf } from '../../../src/cli/explore-options.js';
import { evaluatePoint } from '../../../src/explore/evaluate.js';
import { pointsOf } from '../../../src/explore/grid.js';
import { sizesText } from '../../../src/ir/stack.js';
import { mapperOf } from '../../../src/explore/mapper.js';
import { createStudy } from '../../../src/explore/study.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import { model } from '../../support/onnx-model.js';

const hw = loadAccelerator('tpu-like-df').accelerator;
const setting = { hw, profile: PROFILES.default, lpfLimit: 4 };
const LAYERS = 'import-onnx,normalize-graph,infer-shapes,lower-layers';

/** Attention with 4 heads, alone and with the projection that mixes them. */
const bytesOf = (projected: boolean): Uint8Array =>
  model({
    opset: 23,
    inputs: { q: [1, 32, 64], k: [1, 32, 64], v: [1, 32, 64] },
    outputs: [projected ? 'z' : 'y'],
    initializers: { w: { shape: [64, 8] } },
    nodes: [
      { op: 'Attention', in: ['q', 'k', 'v'], out: ['y'], attrs: { q_num_heads: 4, kv_num_heads: 4 } },
      ...(projected ? [{ op: 'MatMul', name: 'proj', in: ['y', 'w'], out: ['z'] }] : []),
    ],
  });

async function linesOf(projected: boolean) {
  const source = { file: 'attention.onnx', bytes: bytesOf(projected) };
  const { ir } = await compile({ source, hw, pipeline: LAYERS });
  const head = {
    ...{ schema: 'defines-explore/1' as const, key: '0'.repeat(32), model: 'attention' },
    ...{ accelerator: hw.name, profile: 'default', lpfLimit: 4, dims: {}, precision: {} },
  };
  const { study } = createStudy(head, ir.layers!, setting, ['one']);
  const tiles = tilesOf(['fullx8,16xh1,2,full']);
  const mapper = mapperOf(setting);
  return pointsOf({ stacks: ['one'], modes: ['fully-cached'], tiles }).map((point) => ({
    line: evaluatePoint(study, point, mapper),
    compiled: () =>
      compile({
        source,
        ...setting,
        pipeline: `${LAYERS},partition-stacks{by=one},choose-tiles{tile=${sizesText(point.tile)}},tile-stacks,allocate-memory,annotate-cost`,
      }),
  }));
}

test('every height by every number of heads, at the cost of compiling it', async () => {
  const lines = await linesOf(false);
  expect(lines.map(({ line }) => sizesText(line.tile))).toEqual([
    'fullx8xh1',
    'fullx8xh2',
    'fullx8',
    'fullx16xh1',
    'fullx16xh2',
    'fullx16',
  ]);
  for (const { line, compiled } of lines) {
    const { energyPj, latencyCycles, macs } = (await compiled()).ir.costs!.totals;
    expect(line).toMatchObject({ status: 'evaluated', energyPj, latencyCycles, macs });
  }
});

test('a stack that mixes heads has no answer for some of them', async () => {
  const lines = (await linesOf(true)).map(({ line }) => line);
  expect(lines.map(({ tile, status }) => `${tile.heads ?? 'all'} ${status}`)).toEqual([
    ...['1 failed', '2 failed', 'all evaluated'],
    ...['1 failed', '2 failed', 'all evaluated'],
  ]);
  expect(lines[0]).toMatchObject({ diagnostics: [{ code: 'DF4002' }] });
});
