/** Rules that cut a network, side by side: energy of the same networks, tiles and modes under each of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile, type Plugin } from '../../src/compile.js';
import { builtinNetworkFile, loadAccelerator, packageRoot } from '../../src/node/builtin.js';
import { left, millijoule, right, table } from '../corrections/table.js';

/** What stands between `lower-layers` and `tile-stacks`: all decisions. A rule of yours is one line here. */
const RULES: readonly (readonly [title: string, decisions: (tile: string) => string])[] = [
  ['single-layer', (tile) => `partition-stacks{by=single-layer},choose-tiles{tile=${tile}}`],
  ['one', (tile) => `partition-stacks{by=one},choose-tiles{tile=${tile}}`],
  ['auto', (tile) => `partition-stacks{by=auto},choose-tiles{tile=${tile}}`],
  ['cut at pools', (tile) => `acme/cut-at-pools,choose-tiles{tile=${tile}}`],
  ['whole blocks', (tile) => `blocks/keep-whole,choose-tiles{tile=${tile}}`],
  ['merge greedily', (tile) => `greedy/merge-stacks{tile=${tile}}`],
  ['optimizer', (tile) => `partition-stacks{by=auto},optimize-schedule{tile=${tile}}`],
];

const NETWORKS = [
  ['fsrcnn', '60x72'],
  ['mobilenetv1', '14x14'],
  ['resnet18', '14x14'],
] as const;

const ACCELERATOR = 'meta-proto-df';
const PLUGINS = ['cut-at-pools', 'whole-blocks', 'merge-greedily'];

export async function rulesTable(): Promise<string> {
  const plugins = await Promise.all(PLUGINS.map(examplePlugin));
  const rows: string[][] = [];
  for (const [network, tile] of NETWORKS) {
    const cells: string[] = [network, tile];
    for (const [, decisions] of RULES)
      cells.push(millijoule(await energyPj(network, decisions(tile), plugins)));
    rows.push(cells);
  }
  return table([left('network'), left('tile'), ...RULES.map(([title]) => right(title))], rows);
}

async function examplePlugin(name: string): Promise<Plugin> {
  const file = join(packageRoot(), `examples/plugins/${name}.js`);
  return ((await import(pathToFileURL(file).href)) as { readonly default: Plugin }).default;
}

async function energyPj(network: string, decisions: string, plugins: readonly Plugin[]): Promise<number> {
  const { report, diagnostics } = await compile({
    source: { file: network, bytes: readFileSync(builtinNetworkFile(network) ?? network) },
    hw: loadAccelerator(ACCELERATOR).accelerator,
    pipeline: `import-onnx,normalize-graph,infer-shapes,lower-layers,${decisions},tile-stacks,allocate-memory,annotate-cost`,
    plugins,
  });
  if (report?.totals.complete !== true) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return report.totals.energyPj;
}
