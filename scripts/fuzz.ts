/**
 * `npm run fuzz -- [--seed n] [--count n] [--kind onnx|accelerator|layers|mapping|ir]`: a longer run than CI makes.
 * `--keep <folder>` writes every input that fails into it, as test/fuzz/regressions has them.
 * `npm run fuzz -- --kind onnx --seed 7 --index 123 > input.onnx` writes one input, to be looked at.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBatch } from './fuzz/batch.js';
import { KINDS, makeInput, type Kind } from './fuzz/targets.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '20000' },
    kind: { type: 'string' },
    index: { type: 'string' },
    keep: { type: 'string' },
  },
});
const seed = Number(values.seed);
const kinds: readonly Kind[] = KINDS.filter((kind) => values.kind === undefined || kind === values.kind);

const EXTENSIONS: Readonly<Record<Kind, string>> = {
  onnx: 'onnx',
  accelerator: 'yaml',
  layers: 'yaml',
  mapping: 'yaml',
  ir: 'json',
};

/** Once it is mended, the name says how it ends in place of `fails`. */
async function keep(folder: string, kind: Kind, index: number): Promise<void> {
  mkdirSync(join(folder, kind), { recursive: true });
  const name = `seed-${seed}-${index}.fails.${EXTENSIONS[kind]}`;
  writeFileSync(join(folder, kind, name), await makeInput(kind, seed, index));
}

if (values.index !== undefined) {
  for (const kind of kinds.slice(0, 1))
    process.stdout.write(await makeInput(kind, seed, Number(values.index)));
} else {
  for (const kind of kinds) {
    const began = performance.now();
    const result = await runBatch({ kind, seed, from: 0, count: Number(values.count) });
    const seconds = (performance.now() - began) / 1000;
    const { failures, ...rest } = result;
    process.stdout.write(
      `${kind} seed ${seed}: ${JSON.stringify({ ...rest, failures: failures.length, seconds })}\n`,
    );
    const seen = new Set<string>();
    for (const { index, what } of failures) {
      if (!seen.has(what)) process.stdout.write(`  ${kind} --seed ${seed} --index ${index}: ${what}\n`);
      seen.add(what);
      if (values.keep !== undefined) await keep(values.keep, kind, index);
    }
    if (failures.length > 0) process.exitCode = 1;
  }
}
