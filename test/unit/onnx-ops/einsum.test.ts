/** Einsum as the matrix product it mostly is: against MatMul, against counting, and generic where it is none. */
import fc from 'fast-check';
import { lowered } from '../../support/lowered.js';
import type { ModelSpec } from '../../support/onnx-model.js';

const einsum = (
  equation: string,
  left: readonly number[],
  right: readonly number[],
  constant?: 'a' | 'b',
): ModelSpec => ({
  inputs: {
    ...(constant === 'a' ? {} : { a: left }),
    ...(constant === 'b' ? {} : { b: right }),
  },
  initializers: constant === undefined ? {} : { [constant]: { shape: constant === 'a' ? left : right } },
  outputs: ['y'],
  nodes: [{ op: 'Einsum', in: ['a', 'b'], out: ['y'], attrs: { equation } }],
});

const loopsOf = async (spec: ModelSpec): Promise<string> =>
  (await lowered(spec)).only.loops.map(({ dim, size }) => `${dim}${size}`).join(' ');

test('scores of attention are those of a product with transposed keys', async () => {
  const product: ModelSpec = {
    inputs: { a: [2, 4, 7, 8], b: [2, 4, 8, 9] },
    outputs: ['y'],
    nodes: [{ op: 'MatMul', in: ['a', 'b'], out: ['y'] }],
  };
  const [one, other] = [
    await lowered(einsum('bhid,bhjd->bhij', [2, 4, 7, 8], [2, 4, 9, 8])),
    await lowered(product),
  ];
  expect(one.only.loops).toEqual(other.only.loops);
  expect(one.only.inputs).toEqual(
    other.only.inputs.map((input) => ({ ...input, sources: input.sources.map((s) => ({ ...s })) })),
  );
  expect([one.only.macs, one.only.coverage, one.codes]).toEqual([2 * 4 * 7 * 8 * 9, 'exact', other.codes]);
});

test.each([
  // Rows of all items share the weights, on whichever side these stand.
  ['bld,de->ble', [2, 5, 8], [8, 3], 'b', 'B1 K3 C8 OY10'],
  ['de,bld->ble', [8, 3], [2, 5, 8], 'a', 'B1 K3 C8 OY10'],
  ['bld,hde->bhle', [2, 5, 8], [4, 8, 3], 'b', 'B1 K12 C8 OY10'],
  ['...ij,...jk->...ik', [2, 3, 4, 5], [2, 3, 5, 6], undefined, 'B1 G6 K6 C5 OY4'],
  ['bij,bjk', [2, 3, 4], [2, 4, 5], undefined, 'B1 K5 C8 OY3'],
] as const)('%s', async (equation, left, right, constant, loops) => {
  expect(await loopsOf(einsum(equation, left, right, constant))).toBe(loops);
});

test.each([
  ['bij,bkj->bi', [2, 3, 4], [2, 5, 4]],
  ['ii,ij->j', [3, 3], [3, 4]],
  ['bij,bjk->bik', [1, 3, 4], [2, 4, 5]],
] as const)('%s is no product', async (equation, left, right) => {
  const { only, codes } = await lowered(einsum(equation, left, right));
  expect([only.coverage, only.macs, codes.includes('DF2100')]).toEqual(['generic', 0, true]);
});

/** Every label has a role: a group, summed, a row or a column; operands and result list theirs in any order. */
const equationArb = fc
  .record({
    roles: fc.array(fc.constantFrom('group', 'sum', 'row', 'column'), { minLength: 1, maxLength: 5 }),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 5 }),
    keys: fc.array(fc.array(fc.double({ noNaN: true }), { minLength: 5, maxLength: 5 }), {
      minLength: 3,
      maxLength: 3,
    }),
  })
  .map(({ roles, sizes, keys }) => {
    const labels = roles.map((role, i) => ({ role, name: 'pqrst'[i]!, size: sizes[i]!, i }));
    const listed = (without: string, order: readonly number[]) =>
      labels.filter(({ role }) => role !== without).sort((a, b) => order[a.i]! - order[b.i]!);
    const [left, right, result] = [
      listed('column', keys[0]!),
      listed('row', keys[1]!),
      listed('sum', keys[2]!),
    ];
    const text = (list: typeof labels): string => list.map(({ name }) => name).join('');
    return {
      equation: `${text(left)},${text(right)}->${text(result)}`,
      left: left.map(({ size }) => size),
      right: right.map(({ size }) => size),
      terms: labels.reduce((product, { size }) => product * size, 1),
    };
  });

test('as many multiplications as there are terms', async () => {
  let products = 0;
  await fc.assert(
    fc.asyncProperty(equationArb, async ({ equation, left, right, terms }) => {
      const { only } = await lowered(einsum(equation, left, right));
      products++;
      expect([only.coverage, only.macs]).toEqual(['exact', terms]);
    }),
    { numRuns: 60, seed: 20230223 },
  );
  expect(products).toBe(60);
});
