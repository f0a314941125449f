import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrayUnits, instancesOf, levelsOf } from '../../../src/hw/accelerator.js';
import { builtinAccelerators, loadAccelerator } from '../../../src/node/builtin.js';
import { describeWithReference, projectFolder } from '../../support/reference.js';
import { builtinName, readReferenceAccelerator } from '../../support/reference-hw.js';

test('eleven accelerators are built in', () => {
  const plain = ['ascend-like', 'edge-tpu-like', 'meta-proto', 'tesla-npu-like', 'tpu-like'];
  expect(builtinAccelerators()).toEqual([...plain.flatMap((name) => [name, `${name}-df`]), 'depfin'].sort());
});

describe.each(builtinAccelerators())('%s', (name) => {
  const { accelerator, diagnostics } = loadAccelerator(name);

  test('has its own name, a source, a licence and no warnings', () => {
    expect(accelerator.name).toBe(name);
    expect(accelerator.source).toMatch(/20\d\d, (BSD-3|MIT)\)$/);
    expect(diagnostics).toEqual([]);
  });

  test('is frozen through and through', () => {
    expect(Object.isFrozen(accelerator)).toBe(true);
    expect(Object.isFrozen(accelerator.memories[0]?.ports[0]?.transfers)).toBe(true);
  });

  test('every constant stands beside a comment or in a file that states its origin', () => {
    const text = readFileSync(join(projectFolder(), `models/accelerators/${name}.yaml`), 'utf8');
    expect(text).toMatch(/^# /);
    expect(text).toMatch(/pJ per access of full width/);
  });
});

test.each([
  [/^(meta-proto|edge-tpu-like|ascend-like)/, 'D1:K,G D2:C D3:OX D4:OY'],
  [/^tpu-like/, 'D1:K,G D2:C'],
  [/^tesla-npu-like/, 'D1:K,G D2:OX D3:OY'],
  [/^depfin/, 'D1:OX D2:K,G'],
])('loop dims that %s may unroll', (names, expected) => {
  const found = builtinAccelerators().filter((name) => names.test(name));
  expect(found).not.toEqual([]);
  for (const name of found) {
    const { spatial } = loadAccelerator(name).accelerator;
    expect(spatial.map(({ array, dims }) => `${array}:${dims.join(',')}`).join(' ')).toBe(expected);
  }
});

describe('depfin', () => {
  const { accelerator } = loadAccelerator('depfin');
  test('has 128 x 16 units, an output register each, and 1 MB + 512 KB on chip', () => {
    expect(arrayUnits(accelerator)).toBe(2048);
    const sizes = Object.fromEntries(
      accelerator.memories.map((m) => [m.name, [instancesOf(accelerator, m), m.sizeBits]]),
    );
    expect(sizes).toEqual({
      rf_1B_I: [128, 8], // one per column: it serves the 16 output channels
      rf_1B_W: [16, 8],
      rf_4B: [2048, 16],
      l1_w: [1, 512 * 1024 * 8],
      l1_act: [1, 1024 * 1024 * 8],
      dram: [1, 1e12],
    });
    expect(levelsOf(accelerator, 'I').map((i) => accelerator.memories[i]?.name)).toEqual([
      'rf_1B_I',
      'l1_act',
      'dram',
    ]);
  });
});

describeWithReference('published descriptions', (folder) => {
  const files = readdirSync(join(folder, 'reference/accelerators')).map((file) => file.replace('.json', ''));

  test('all ten are there', () => expect(files).toHaveLength(10));

  test.each(files)('%s: the built-in one equals it field by field', (file) => {
    const reference = readReferenceAccelerator(folder, file);
    const { accelerator } = loadAccelerator(builtinName(file));
    expect(accelerator.array).toEqual(reference.array);
    expect(accelerator.memories).toEqual(reference.memories);
    expect(accelerator.memories.map((memory) => instancesOf(accelerator, memory))).toEqual(
      reference.instances,
    );
    expect(accelerator.precision).toEqual({ W: 8, I: 8, O: 8, psum: 16 });
    expect(accelerator.source).toContain(`inputs/HW/${file}.py`);
  });
});
