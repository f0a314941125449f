/** Transformer layers on tpu-like-df: every layer by itself, layer-by-layer in stacks, and fused by rows of tokens. */
import { readFileSync } from 'node:fs';
import { known } from '../../src/base/assert.js';
import { bareName } from '../../src/base/ids.js';
import { grouped } from '../../src/base/units.js';
import { compile } from '../../src/compile.js';
import { builtinNetworkFile, loadAccelerator } from '../../src/node/builtin.js';
import { left, right, table } from '../corrections/table.js';

/** Of the temporal mapper: matrix products have many factors, and the table compares schedules. */
const LPF_LIMIT = 6;

const NETWORKS = ['vit-tiny-block', 'bert-base-layer', 'llama-prefill', 'llama-decode'];
const ACCELERATOR = 'tpu-like-df';
/** Rows of tokens per tile that are tried. */
const ROWS = [4, 8, 16, 32, 64, 128];

interface Schedule {
  readonly by: 'single-layer' | 'auto';
  readonly tile: string;
}

async function costs(network: string, { by, tile }: Schedule): Promise<Costs> {
  const file = known(builtinNetworkFile(network), `network ${network}`);
  const { ir, diagnostics } = await compile({
    lpfLimit: LPF_LIMIT,
    source: { file, bytes: readFileSync(file) },
    hw: loadAccelerator(ACCELERATOR).accelerator,
    pipeline: `import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=${by}},choose-tiles{tile=${tile}},tile-stacks,allocate-memory,annotate-cost`,
    verify: 'off',
  });
  if (!ir.costs || !ir.stacks)
    throw new Error(`${network}: ${diagnostics.map(({ message }) => message).join('; ')}`);
  const attention = ir.stacks.stacks.findIndex(({ layers }) =>
    layers.some((layer) => bareName(layer) === 'attn.scores'),
  );
  return { tile, stacks: ir.costs.stacks.map(({ totals }) => totals), attention };
}

interface Cost {
  readonly energyPj: number;
  readonly latencyCycles: number;
}

interface Costs {
  readonly tile: string;
  readonly stacks: readonly Cost[];
  /** Position of the stack with the scores. */
  readonly attention: number;
}

const sum = (stacks: readonly Cost[]): Cost => ({
  energyPj: stacks.reduce((total, { energyPj }) => total + energyPj, 0),
  latencyCycles: stacks.reduce((total, { latencyCycles }) => total + latencyCycles, 0),
});

/** What the stacks hand over is the same whatever their tiles, so that each takes the one with the least energy. */
function bestTiles(tried: readonly Costs[]): {
  readonly stacks: readonly Cost[];
  readonly attention: string;
} {
  const first = known(tried[0], 'schedule');
  const best = first.stacks.map((_, at) =>
    tried.reduce((least, next) =>
      known(next.stacks[at], 'stack').energyPj < known(least.stacks[at], 'stack').energyPj ? next : least,
    ),
  );
  return {
    stacks: best.map(({ stacks }, at) => known(stacks[at], 'stack')),
    attention: known(best[first.attention], 'attention').tile,
  };
}

const micro = (picojoules: number): string => grouped(Math.round(picojoules / 1e6));
const kilo = (cycles: number): string => grouped(Math.round(cycles / 1e3));
const both = ({ energyPj, latencyCycles }: Cost): string => `${micro(energyPj)} / ${kilo(latencyCycles)}`;
const ratio = (from: number, to: number): string => `${(from / to).toFixed(2)}x`;

async function row(network: string): Promise<readonly string[]> {
  const single = sum((await costs(network, { by: 'single-layer', tile: 'full' })).stacks);
  const full = await costs(network, { by: 'auto', tile: 'full' });
  const tried = [full];
  for (const rows of network.endsWith('decode') ? [] : ROWS)
    tried.push(await costs(network, { by: 'auto', tile: `fullx${rows}` }));
  const { stacks, attention } = bestTiles(tried);
  const fused = sum(stacks);
  const [before, after] = [full.stacks, stacks].map((list) => known(list[full.attention], 'attention'));
  return [
    network,
    both(single),
    both(sum(full.stacks)),
    both(fused),
    `${ratio(single.energyPj, fused.energyPj)} / ${ratio(single.latencyCycles, fused.latencyCycles)}`,
    attention,
    `${both(known(before, 'cost'))} -> ${both(known(after, 'cost'))}`,
  ];
}

export async function transformerTable(networks: readonly string[] = NETWORKS): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const network of networks) rows.push(await row(network));
  return table(
    [
      left('network'),
      right('single layers'),
      right('layer-by-layer'),
      right('fused'),
      right('gain'),
      right('attention: tile'),
      right('layer-by-layer -> fused'),
    ],
    rows,
  );
}
