/** Reports of whole networks: valid, readable, and with sums that are sums. */
import { readFileSync } from 'node:fs';
import { compile } from '../../../src/compile.js';
import { builtinNetworkFile, loadAccelerator } from '../../../src/node/builtin.js';
import { WIDTH } from '../../../src/report/text-table.js';
import { renderText } from '../../../src/report/text.js';
import { schemaErrors } from './schema.js';

const DEPTH_FIRST =
  'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,choose-tiles{tile=60x72},tile-stacks,allocate-memory,annotate-cost';
const LAYER_BY_LAYER = DEPTH_FIRST.replace('tile=60x72', 'tile=fullxfull');

const reportOf = async (network: string, accelerator: string, pipeline: string) => {
  const file = builtinNetworkFile(network) ?? '';
  const source = { file: `${network}.onnx`, bytes: readFileSync(file) };
  const { report } = await compile({ source, hw: loadAccelerator(accelerator).accelerator, pipeline });
  if (report === undefined) throw new Error('no report');
  return report;
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe.each([
  ['fsrcnn', 'meta-proto-df', DEPTH_FIRST],
  ['resnet18', 'ascend-like-df', LAYER_BY_LAYER],
  ['resnet18', 'depfin', DEPTH_FIRST], // some of its stacks are infeasible
])('%s on %s', (network, accelerator, pipeline) => {
  const pending = reportOf(network, accelerator, pipeline);

  test('is valid against the schema', async () => {
    expect(schemaErrors(await pending)).toEqual([]);
  });

  test('stacks add up to totals, tile types and parts to stacks', async () => {
    const report = await pending;
    const stacks = report.stacks.filter((stack) => stack.feasible);
    expect(report.totals.complete).toBe(stacks.length === report.stacks.length);
    for (const key of ['energyPj', 'latencyCycles'] as const) {
      const near = (value: number, expected: number): void =>
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-12 * expected);
      near(sum(stacks.map((stack) => stack[key])), report.totals[key]);
      for (const stack of stacks) {
        near(sum(stack.parts.map((part) => part[key])), stack[key]);
        near(sum(stack.tileTypes.map((type) => type.count * type[key])), stack[key]);
      }
    }
    for (const { grid, tileTypes } of stacks)
      expect(sum(tileTypes.map(({ count }) => count))).toBe(grid.x * grid.y);
  });

  test('the text fits its width and names every layer', async () => {
    const report = await pending;
    const text = renderText(report);
    expect(text.split('\n').filter((line) => line.length > WIDTH || line !== line.trimEnd())).toEqual([]);
    for (const { layer } of report.model.layers) expect(text).toContain(layer);
  });
});
