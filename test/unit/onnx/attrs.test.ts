import type { Attribute, GraphNode } from '../../../src/ir/tensor.js';
import { floatAttr, graphAttr, intAttr, intsAttr, stringAttr, tensorAttr } from '../../../src/onnx/attrs.js';
import { diagnosticsThrown } from '../../support/codes.js';

const node = (attributes: Record<string, Attribute>): GraphNode => ({
  index: 3,
  name: 'conv',
  opType: 'Conv',
  domain: '',
  inputs: [],
  outputs: [],
  attributes,
});

describe('typed attributes', () => {
  const full = node({
    group: { kind: 'int', value: 2 },
    pads: { kind: 'ints', value: [1, 2] },
    alpha: { kind: 'float', value: 0.5 },
    auto_pad: { kind: 'string', value: 'SAME_UPPER' },
    value: { kind: 'tensor', value: { name: '', dtype: 'float', shape: [] } },
  });

  test('present', () => {
    expect(intAttr(full, 'group', 1)).toBe(2);
    expect(intsAttr(full, 'pads')).toEqual([1, 2]);
    expect(floatAttr(full, 'alpha', 1)).toBe(0.5);
    expect(stringAttr(full, 'auto_pad')).toBe('SAME_UPPER');
    expect(tensorAttr(full, 'value')?.dtype).toBe('float');
  });

  test('absent: the fallback, or undefined; names of Object.prototype are absent too', () => {
    expect(intAttr(node({}), 'group', 1)).toBe(1);
    expect(intAttr(node({}), 'group')).toBeUndefined();
    expect(intAttr(node({}), 'constructor', 7)).toBe(7);
    expect(graphAttr(node({}), 'body')).toBeUndefined();
  });

  test('0 is not absent', () =>
    expect(intAttr(node({ axis: { kind: 'int', value: 0 } }), 'axis', 1)).toBe(0));

  test('another type is a diagnostic that names node and attribute', () => {
    const [found] = diagnosticsThrown(() => intAttr(full, 'pads', 1));
    expect(found?.code).toBe('DF1014');
    expect(found?.message).toContain('pads');
    expect(found?.at).toEqual([{ kind: 'onnx', node: 3, name: 'conv', op: 'Conv' }]);
  });
});
