/** The text form is fixed by example (docs/architecture.md, diagnostics); the rest is what keeps a terminal safe. */
import { diagnostic, type Diagnostic } from '../../../src/diag/diagnostic.js';
import { diagnosticJson, renderDiagnostic, renderDiagnostics, PLAIN } from '../../../src/diag/render.js';

const full: Diagnostic = {
  ...diagnostic(
    'DF5001',
    '@conv2 fits no choice of levels: rf_1B holds 8 bit, one weight needs 16 bit (8 bit short)',
    [
      { kind: 'ir', id: '$0' },
      { kind: 'ir', id: 'tile type origin' },
      { kind: 'ir', id: 'layer @conv2' },
      { kind: 'onnx', file: 'fsrcnn.onnx', node: 7, name: 'Conv_7', op: 'Conv', opset: 17 },
      { kind: 'file', file: 'meta-proto-df.yaml', line: 12, column: 5, pointer: '/memories/0/size' },
    ],
    { terms: ['@conv2.W 1 element x 16 bit'], help: 'give weights 8 bit (--precision W=8), or rf_1B 2 B' },
  ),
  pass: 'allocate-memory',
};

describe('renderDiagnostic', () => {
  test('prints one labelled line per fact', () => {
    expect(renderDiagnostic(full)).toBe(
      `error[DF5001]: @conv2 fits no choice of levels: rf_1B holds 8 bit, one weight needs 16 bit (8 bit short)
  in     allocate-memory, $0, tile type origin, layer @conv2
  model  fsrcnn.onnx graph.node[7] "Conv_7" (Conv, opset 17)
  file   meta-proto-df.yaml:12:5 /memories/0/size
  terms  @conv2.W 1 element x 16 bit
  help   give weights 8 bit (--precision W=8), or rf_1B 2 B
`,
    );
  });

  test('leaves out what is not known', () => {
    expect(
      renderDiagnostic(
        diagnostic('DF1016', 'tensor "x" is defined by nothing', [{ kind: 'onnx', tensor: 'x' }]),
      ),
    ).toBe('error[DF1016]: tensor "x" is defined by nothing\n  model  tensor "x"\n');
    expect(renderDiagnostic(diagnostic('DF9001', 'oops'))).toBe('error[DF9001]: oops\n');
  });

  test('puts the caret under the word', () => {
    const at = { kind: 'spec', text: '--tile 0x5', offset: 7, length: 3 } as const;
    const [, where, caret] = renderDiagnostic(diagnostic('DF8005', 'no', [at])).split('\n');
    expect(where).toBe('  at     --tile 0x5');
    expect(caret).toBe('                ^~~');
    expect(where?.slice(caret?.indexOf('^'))).toBe('0x5');
  });

  test('keeps the caret under the word in a text too long for a line', () => {
    const text = `${'import-onnx,'.repeat(30)}oops,${'tile-stacks,'.repeat(30)}`;
    const at = { kind: 'spec', text, offset: text.indexOf('oops'), length: 4 } as const;
    const [, where = '', caret = ''] = renderDiagnostic(diagnostic('DF8004', 'no', [at])).split('\n');
    expect(where.length).toBeLessThan(120);
    expect(where.slice(caret.indexOf('^'), caret.lastIndexOf('~') + 1)).toBe('oops');
  });

  test('shows control characters and sends none', () => {
    const nasty = renderDiagnostic(
      diagnostic('DF1016', 'tensor \u001b[31m"a\nb"', [
        { kind: 'onnx', file: 'x\u0007.onnx' },
        { kind: 'spec', text: 'a\tb', offset: 2 },
      ]),
    );
    expect(nasty.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f]/);
    expect(nasty).toContain('\\x1b[31m"a\\x0ab"');
  });

  test('clips a text of thousands of names', () => {
    const message = Array.from({ length: 5000 }, (_, i) => `node${i}`).join(' -> ');
    const [head = ''] = renderDiagnostic(diagnostic('DF1018', message)).split('\n');
    expect(head.length).toBeLessThan(700);
    expect(head).toContain('node0');
    expect(head).toContain('node4999');
  });
});

describe('renderDiagnostics', () => {
  test('shows a screenful and counts the rest per code', () => {
    const many = Array.from({ length: 12 }, (_, i) => diagnostic('DF1016', `tensor ${i}`));
    const text = renderDiagnostics([...many, diagnostic('DF1018', 'a cycle')]);
    expect(text.match(/^error/gm)).toHaveLength(6); // 5 of DF1016, 1 of DF1018
    expect(text).toContain('... and 7 more of DF1016: tensor is defined by nothing');
  });

  test('takes its colours from the palette', () => {
    const palette = { ...PLAIN, warning: (text: string) => `<w>${text}</w>` };
    expect(renderDiagnostics([diagnostic('DF1008', 'old')], palette)).toBe('<w>warning[DF1008]</w>: old\n');
  });
});

test('the JSON form is one line with kind and title', () => {
  const line = diagnosticJson(full);
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    ...full,
    kind: 'infeasible',
    title: 'a layer fits no choice of memory levels',
  });
});
