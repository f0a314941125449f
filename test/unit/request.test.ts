/** What a program may hand to `compile` and what not: bad input is an answer, and the caller's objects stay its own. */
import { PROFILES, type Profile } from '../../src/base/profile.js';
import { compile, type Accelerator, type CompileRequest } from '../../src/index.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import { TINY_2CONV } from './ir/tiny-2conv.js';

const { accelerator: hw } = loadAccelerator('meta-proto-df');
const source = { file: 'tiny.onnx', bytes: TINY_2CONV };
const request: CompileRequest = { source, hw, pipeline: 'import-onnx,normalize-graph' };

/** Codes, messages and places of what is said. */
async function said(given: unknown): Promise<string> {
  const { ok, finished, diagnostics } = await compile(given as CompileRequest);
  expect([ok, finished]).toEqual([false, false]);
  return diagnostics
    .map(({ code, message, at, help }) =>
      [code, message, ...at.map((place) => (place.kind === 'ir' ? `in ${place.id}` : place.kind)), help].join(
        ' | ',
      ),
    )
    .join('\n');
}

const buffer = new ArrayBuffer(8);
const of = (more: object): object => ({ ...request, ...more });

test.each<[string, unknown, readonly string[]]>([
  ['nothing', undefined, ['DF8016 | the request cannot be undefined']],
  ['no object', 7, ['the request cannot be 7']],
  [
    'the key of another library',
    { model: TINY_2CONV, hw },
    ['a request has no "model"', 'a request needs "source"'],
  ],
  ['a misspelt key', of({ stopafter: 'x' }), ['a request has no "stopafter"', 'did you mean "stopAfter"?']],
  ['no accelerator', { source }, ['a request needs "hw"', 'loadAccelerator']],
  ['the name of an accelerator', of({ hw: 'depfin' }), ['hw cannot be "depfin"', 'loadAccelerator']],
  ['a path', of({ source: 'net.onnx' }), ['source cannot be "net.onnx"', '{ file, bytes }']],
  ['no bytes', of({ source: { file: 'a' } }), ['source cannot be { file: "a" }']],
  [
    'a buffer',
    of({ source: { file: 'a', bytes: buffer } }),
    ['source cannot be this object', 'new Uint8Array(buffer)'],
  ],
  ['words of another kind', of({ source: { file: 'a', bytes: new Uint16Array(4) } }), ['source cannot be']],
  ['the name of a profile', of({ profile: 'default' }), ['profile cannot be "default"', 'PROFILES.default']],
  ['a choice that is none', of({ profile: { ...PROFILES.default, padding: 'some' } }), ['profile cannot be']],
  ['a limit of 0', of({ lpfLimit: 0 }), ['lpfLimit cannot be 0', 'null for no limit']],
  ['a negative limit', of({ lpfLimit: -1 }), ['lpfLimit cannot be -1']],
  ['half a factor', of({ lpfLimit: 2.5 }), ['lpfLimit cannot be 2.5']],
  ['a limit as text', of({ lpfLimit: '6' }), ['lpfLimit cannot be "6"']],
  ['an operand that is none', of({ precision: { Q: 8 } }), ['precision cannot be { Q: 8 }']],
  ['bits below 1', of({ precision: { W: -8 } }), ['precision cannot be { W: -8 }']],
  ['a size that is no number', of({ dims: { batch: NaN } }), ['dims cannot be { batch: NaN }']],
  ['a time that is none', of({ verify: 'sometimes' }), ['verify cannot be "sometimes"', 'each, end or off']],
  ['one plugin', of({ plugins: { name: 'a' } }), ['plugins cannot be { name: "a" }', 'a list of plugins']],
  ['a pipeline as a list of names', of({ pipeline: ['import-onnx'] }), ['pipeline cannot be a list']],
  ['a callback that is none', of({ progress: true }), ['progress cannot be true', 'a function']],
  ['several', of({ verify: 1, lpfLimit: 0 }), ['verify cannot be 1', 'lpfLimit cannot be 0']],
])('%s', async (_, given, mentions) => {
  const text = await said(given);
  for (const mention of mentions) expect(text).toContain(mention);
});

type Memory = Accelerator['memories'][number];
const with1 = (change: (memory: Memory) => object): object => ({
  ...hw,
  memories: hw.memories.map((memory, i) => (i === 1 ? { ...memory, ...change(memory) } : memory)),
});

test.each<[string, object, readonly string[]]>([
  ['no memories', { ...hw, memories: [] }, ['DF8016', 'in hw.memories']],
  [
    'a size that is no number',
    with1(() => ({ sizeBits: NaN })),
    ['NaN is not of type', 'in hw.memories[1].sizeBits'],
  ],
  [
    'an energy below 0',
    with1(({ read }) => ({ read: { ...read, energyPj: -5 } })),
    ['in hw.memories[1].read.energyPj'],
  ],
  ['no ports', with1(() => ({ ports: [] })), ['in hw.memories[1].ports']],
  ['no id', with1(() => ({ id: undefined })), ['key "id" is missing']],
  [
    "another's id",
    with1(() => ({ id: 'mem:dram' })),
    ['"mem:dram" does not go with the rest', 'follows "mem:'],
  ],
  [
    'a name twice',
    with1(() => ({ name: 'dram', id: 'mem:dram' })),
    ['DF8103 | two memories are named "dram"', 'in hw.memories'],
  ],
  [
    'a port of another kind',
    with1(({ ports }) => ({ ports: ports.map((port) => ({ ...port, kind: 'read-write' })) })),
    ['"read-write" does not go with the rest'],
  ],
  [
    'a port twice',
    with1(({ ports }) => ({ ports: [...ports, ports[0]] })),
    ['does not go with the rest', 'in hw.memories'],
  ],
  [
    'inputs that go up',
    with1(() => ({
      operands: ['I'],
      ports: [{ name: 'r1', kind: 'read', transfers: [{ operand: 'I', direction: 'toHigh' }] }],
    })),
    ['"toHigh" is not allowed here'],
  ],
  ['a missing port', with1(({ ports }) => ({ ports: ports.slice(1) })), ['DF8106', 'has no port for']],
  ['nothing to unroll', { ...hw, spatial: [] }, ['DF8016', 'in hw.spatial']],
  [
    'half a unit',
    { ...hw, array: { ...hw.array, dims: hw.array.dims.map((dim) => ({ ...dim, size: 2.5 })) } },
    ['2.5 is not of type integer', 'in hw.array.dims[0].size'],
  ],
  [
    'a granularity beyond the width',
    with1(({ read }) => ({ read: { ...read, granularityBits: 1024 } })),
    ['DF8104', 'in hw.memories[1].read.granularityBits'],
  ],
  ['the top at the bottom', { ...hw, memories: [...hw.memories].reverse() }, ['DF810']],
])('an accelerator with %s', async (_, given, mentions) => {
  const text = await said(of({ hw: given }));
  for (const mention of mentions) expect(text).toContain(mention);
});

test('what the checks of profiles rely on: every choice has two values', () => {
  const [one, other] = Object.values(PROFILES) as [Profile, Profile];
  const equal = Object.keys(one).filter((key) => one[key as keyof Profile] === other[key as keyof Profile]);
  expect(equal).toEqual([]);
});

test("the caller's objects can be changed for the next run, and may have keys of their own", async () => {
  const own = structuredClone({ ...hw, note: 'mine' }) as unknown as { memories: { sizeBits: number }[] };
  const [dims, precision, profile] = [{ batch: 1 }, { W: 8 }, { ...PROFILES.default }];
  const given = { ...request, hw: own as unknown as Accelerator, dims, precision, profile };
  delete (given as { pipeline?: unknown }).pipeline;
  const first = await compile(given);
  own.memories[4]!.sizeBits *= 2;
  dims.batch = 2;
  precision.W = 4;
  profile.offloadCounted = false;
  const second = await compile(given);
  expect([first.ok, second.ok]).toEqual([true, true]);
  const sizeOf = ({ report }: typeof first): number | undefined => report?.accelerator.memories[4]?.sizeBits;
  expect(sizeOf(second)).toBe(2 * sizeOf(first)!);
});

test('bytes may be read by position', async () => {
  const read = (start: number, length: number): Uint8Array => TINY_2CONV.subarray(start, start + length);
  const { ok } = await compile(
    of({ source: { file: 'a', bytes: { size: TINY_2CONV.length, read } } }) as CompileRequest,
  );
  expect(ok).toBe(true);
});
