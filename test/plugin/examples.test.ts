/** The worked examples, run as a program runs them: what they decide, and that the oracle told the truth. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import cutAtPools from '../../examples/plugins/cut-at-pools.js';
import mergeGreedily from '../../examples/plugins/merge-greedily.js';
import wholeBlocks from '../../examples/plugins/whole-blocks.js';
import { generatedPart } from '../../scripts/corrections/document.js';
import { compile, type Compilation, type Plugin } from '../../src/index.js';
import { builtinNetworkFile, loadAccelerator } from '../../src/node/builtin.js';
import { projectFolder } from '../support/reference.js';

const plugins = [cutAtPools, wholeBlocks, mergeGreedily];
const { accelerator: hw } = loadAccelerator('meta-proto-df');

const run = (network: string, decisions: string, more: readonly Plugin[] = []): Promise<Compilation> =>
  compile({
    source: { file: network, bytes: readFileSync(builtinNetworkFile(network) ?? '') },
    hw,
    plugins: [...plugins, ...more],
    pipeline: `import-onnx,normalize-graph,infer-shapes,lower-layers,${decisions}`,
  });
const COSTS = 'tile-stacks,allocate-memory,annotate-cost';
const layersOf = ({ ir }: Compilation): readonly (readonly string[])[] =>
  ir.stacks?.stacks.map(({ layers }) => layers) ?? [];

test('every pool ends a stack', async () => {
  const result = await run('resnet18', 'acme/cut-at-pools');
  expect(result.ok).toBe(true);
  expect(layersOf(result).map((layers) => layers.at(-1))).toEqual(
    // The last block ends one too: the global pool needs its whole map.
    ['@maxpool', '@layer4.1.add', '@avgpool', '@fc'],
  );
});

test('a residual block stays whole, and says where its weights do not fit', async () => {
  const result = await run('resnet18', 'blocks/keep-whole');
  const blocks = layersOf(result).filter((layers) => layers.some((id) => id.endsWith('.add')));
  expect(blocks).toHaveLength(8);
  for (const block of blocks) {
    const names = block.map((id) => id.split('.').slice(0, 2).join('.'));
    expect(new Set(names).size).toBe(1);
    expect(block.length).toBeGreaterThanOrEqual(3);
  }
  // 1 MB for weights: from layer3.1 on, two 3x3 convolutions of 256 channels and more are larger.
  expect(result.diagnostics.filter(({ code }) => code === 'DF8332')).toHaveLength(3);
  expect(result.diagnostics.find(({ code }) => code === 'DF8332')?.plugin).toBe('blocks');
  const pairs = await run('resnet18', 'blocks/keep-whole{together=2}');
  expect(layersOf(pairs).filter((layers) => layers.some((id) => id.endsWith('.add')))).toHaveLength(4);
});

test('the oracle gives what the pipeline comes to', async () => {
  const told: number[] = [];
  const asking: Plugin = {
    apiVersion: 1,
    name: 'asking',
    setup: ({ kit, registerPass }) =>
      registerPass({
        name: 'asking/cost-of-stacks',
        summary: 'Ask for the cost of every stack, and leave the plan as it is.',
        needs: ['layers', 'stacks'],
        makes: 'stacks',
        options: {},
        run({ stacks }, _options, ctx) {
          for (const stack of stacks.stacks) {
            const answer = ctx.costOf(stack);
            if (answer.kind === 'costed') told.push(answer.cost.totals.energyPj);
            expect(ctx.costOf({ ...stack })).toBe(answer);
          }
          return kit.planOf(stacks.by, stacks.stacks);
        },
      }),
  };
  const tiles = 'choose-tiles{tile=14x14 mode=h-cached-v-recompute}';
  const result = await run('resnet18', `partition-stacks,${tiles},asking/cost-of-stacks,${COSTS}`, [asking]);
  expect(result.ir.costs?.stacks.map(({ totals }) => totals.energyPj)).toEqual(told);
  expect(told.length).toBeGreaterThan(3);
  expect(result.report?.plugins).toEqual([{ name: 'asking', file: null }]);
  const counted = result.statistics.filter(({ pass }) => pass === 'costOf');
  expect(counted.map(({ count }) => count)).toEqual([told.length, told.length]);
});

test('merging never costs more than what it began with, and stops where no pair gains', async () => {
  const energyOf = ({ report }: Compilation): number => report?.totals.energyPj ?? NaN;
  const greedy = await run('mobilenetv1', `greedy/merge-stacks{tile=14x14},${COSTS}`);
  const units = await run(
    'mobilenetv1',
    `partition-stacks{by=single-layer},choose-tiles{tile=14x14},${COSTS}`,
  );
  expect(energyOf(greedy)).toBeLessThan(energyOf(units));
  const stacks = layersOf(greedy);
  for (let i = 0; i + 1 < stacks.length; i++) {
    // Any further pair joined, by cutting after the other stacks' last layers.
    const cuts = stacks.flatMap((layers, s) =>
      s === i || s === stacks.length - 1 ? [] : [layers.at(-1)?.slice(1)],
    );
    const by = cuts.length === 0 ? 'by=one' : `cuts=${cuts.join(',')}`;
    const joined = await run('mobilenetv1', `partition-stacks{${by}},choose-tiles{tile=14x14},${COSTS}`);
    expect(energyOf(joined)).toBeGreaterThanOrEqual(energyOf(greedy));
  }
});

test.each(['foo', '0x5', '-3x5'])('a tile that is none, %s, is refused by its option', async (tile) => {
  const { diagnostics } = await run('fsrcnn', `greedy/merge-stacks{tile=${tile}}`);
  expect(diagnostics).toMatchObject([
    { code: 'DF8005', message: `option "tile" of greedy/merge-stacks cannot be "${tile}"` },
  ]);
});

/** In a process of its own: in Jest's sandbox the same takes six times as long. */
function builtRulesTable(): string {
  const built = pathToFileURL(join(projectFolder(), 'dist/scripts/plugins/rules.js')).href;
  const script = `import { rulesTable } from '${built}'; process.stdout.write(await rulesTable());`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
}

test('the table of rules in docs/adding-a-pass.md (npm run docs:plugins)', () => {
  const page = readFileSync(join(projectFolder(), 'docs/adding-a-pass.md'), 'utf8');
  expect(generatedPart(page, 'rules')).toBe(builtRulesTable());
});
