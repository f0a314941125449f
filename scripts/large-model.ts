/**
 * `npm run large-model -- [gigabytes]`: writes a model of that size (2.2 by default) with its weights inside into a
 * temporary folder, as a sparse file where the file system knows them, compiles it with the built command line, prints
 * time and memory, and removes it.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import onnxProto from 'onnx-proto';

const { onnx } = onnxProto;
const LAYERS = 100;
const MOST_GIGABYTES = 64;
const INTS = onnx.AttributeProto.AttributeType.INTS;

/** Tag and length of a field. */
function header(number: number, length: number): Uint8Array {
  const bytes = [(number << 3) | 2];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | (rest >= 128 ? 128 : 0));
    if (rest < 128) return Uint8Array.from(bytes);
  }
}

/** 100 convolutions of 3x3, with as many channels as make up the size. */
function write(file: string, gigabytes: number): void {
  const channels = Math.round(Math.sqrt((gigabytes * 2 ** 30) / (LAYERS * 9 * 4)));
  const weightBytes = channels * channels * 9 * 4;
  const size = [1, channels, 14, 14];
  const rest = onnx.GraphProto.encode({
    name: 'large',
    node: Array.from({ length: LAYERS }, (_, k) => ({
      opType: 'Conv',
      input: [k === 0 ? 'x' : `t${k - 1}`, `w${k}`],
      output: [`t${k}`],
      attribute: [{ name: 'pads', type: INTS, ints: [1, 1, 1, 1] }],
    })),
    input: [
      {
        name: 'x',
        type: { tensorType: { elemType: 1, shape: { dim: size.map((dimValue) => ({ dimValue })) } } },
      },
    ],
    output: [{ name: `t${LAYERS - 1}` }],
  }).finish();
  const tensors = Array.from({ length: LAYERS }, (_, k) => {
    const dims = [channels, channels, 3, 3];
    const inner = onnx.TensorProto.encode({ name: `w${k}`, dims, dataType: 1 }).finish();
    const raw = header(9, weightBytes);
    return [header(5, inner.length + raw.length + weightBytes), inner, raw];
  });
  const graphBytes = tensors
    .flat()
    .reduce((sum, { length }) => sum + length, rest.length + LAYERS * weightBytes);
  const start = onnx.ModelProto.encode({ irVersion: 8, opsetImport: [{ version: 17 }] }).finish();
  const descriptor = openSync(file, 'w');
  let at = 0;
  const put = (...parts: readonly Uint8Array[]): void => {
    for (const part of parts) at += writeSync(descriptor, part, 0, part.length, at);
  };
  put(start, header(7, graphBytes));
  for (const tensor of tensors) {
    put(...tensor);
    at += weightBytes;
  }
  put(rest);
  ftruncateSync(descriptor, at);
  closeSync(descriptor);
}

/** Peak memory of the child, printed by itself when it ends. */
const PEAK = `data:text/javascript,process.on('exit',()=>console.error('peak '+process.resourceUsage().maxRSS+' KiB'))`;

const gigabytes = Number(process.argv[2] ?? 2.2);
if (!(gigabytes > 0 && gigabytes <= MOST_GIGABYTES)) {
  process.stderr.write(`the size is a number of gigabytes above 0, at most ${MOST_GIGABYTES}\n`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'defines-'));
try {
  const file = join(folder, 'large.onnx');
  write(file, gigabytes);
  process.stdout.write(`model  ${statSync(file).size} B\n`);
  const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
  for (const stop of [['--stop-after', 'import-onnx'], []]) {
    const began = performance.now();
    const args = ['--import', PEAK, main, 'compile', file, '-a', 'tpu-like', '--time-passes', ...stop];
    const { stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stdout.write(
      `\n${stop.at(-1) ?? 'all passes'}: exit code ${status}, ${seconds} s with start-up\n${stderr}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
