/**
 * Whatever a plugin does, through the spawned command line: one screen that names the plugin, the right exit code,
 * nothing on stdout, no stack trace.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cli, temporaryFolder } from '../support/cli.js';
import { FINE, pluginText, type PluginText } from '../support/plugins.js';

const at = temporaryFolder();
let written = 0;

function write(text: string, name = `p${++written}.mjs`): string {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
  return at(name);
}
const plugin = (text: PluginText): string => write(pluginText(text));

const NET = ['compile', 'fsrcnn', '-a', 'meta-proto-df'];
const DEFAULT =
  'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,choose-tiles{tile=60x72},tile-stacks,allocate-memory,annotate-cost';
const run = (file: string, ...more: string[]): readonly string[] => [
  ...NET,
  '--plugin',
  file,
  '--stacks',
  'acme/cut-all',
  '--stop-after',
  'acme/cut-all',
  ...more,
];

interface Case {
  readonly what: string;
  readonly args: readonly string[];
  readonly exit: 1 | 2;
  readonly codes: readonly string[];
  readonly mentions: readonly string[];
}

const LOADING: readonly Case[] = [
  {
    what: 'a missing file',
    args: run(at('no.mjs')),
    exit: 2,
    codes: ['DF8300'],
    mentions: ['no.mjs does not exist', '--plugin'],
  },
  {
    what: 'a folder',
    args: run(dirname(at('x'))),
    exit: 2,
    codes: ['DF8300'],
    mentions: ['is a directory'],
  },
  {
    what: 'a package that is not installed',
    args: run('defines-plugin-nowhere'),
    exit: 2,
    codes: ['DF8300'],
    mentions: ['defines-plugin-nowhere is not an installed package', 'npm install'],
  },
  {
    what: 'a syntax error',
    args: run(write('export default {\n  apiVersion: 1,\n  name = 3,\n};\n')),
    exit: 1,
    codes: ['DF8301'],
    mentions: ['Invalid shorthand property initializer', '.mjs:3'],
  },
  {
    what: 'a CommonJS file with module syntax',
    args: run(write('export default 1;\n', 'script.cjs')),
    exit: 1,
    codes: ['DF8301'],
    mentions: ["Unexpected token 'export'", 'call the file .mjs'],
  },
  {
    what: 'TypeScript that is not built',
    args: run(write('const x: number = 1;\nexport default x;\n', 'my-fusion.ts')),
    exit: 1,
    codes: process.versions.node.startsWith('20.') ? ['DF8301'] : ['DF8302'],
    mentions: ['my-fusion.ts'],
  },
  {
    what: 'an import that does not resolve',
    args: run(write("import x from 'nowhere';\nexport default x;\n")),
    exit: 1,
    codes: ['DF8301'],
    mentions: ["Cannot find package 'nowhere'"],
  },
  {
    what: 'code that throws while it is loaded',
    args: run(write("export default {};\n\n  throw new Error('not today');\n")),
    exit: 1,
    codes: ['DF8301'],
    mentions: ['not today', '.mjs:3:9'],
  },
  {
    what: 'no default export',
    args: run(write('export const plugin = 1;\n')),
    exit: 1,
    codes: ['DF8302'],
    mentions: ['no default export', 'export default { apiVersion: 1'],
  },
  {
    what: 'no setup',
    args: run(write("export default { apiVersion: 1, name: 'acme' };\n")),
    exit: 1,
    codes: ['DF8302'],
    mentions: ['no function setup'],
  },
  {
    what: 'another API version',
    args: run(plugin({ apiVersion: '2' })),
    exit: 1,
    codes: ['DF8303'],
    mentions: ['is written for plugin API 2, this program has 1'],
  },
  {
    what: 'a setup that throws',
    args: run(plugin({ setup: "throw new Error('no licence');" })),
    exit: 1,
    codes: ['DF8304'],
    mentions: ['acme', 'no licence', '.mjs:5:11'],
  },
  {
    what: 'a setup that never ends',
    args: run(plugin({ setup: 'return new Promise(() => {});' })),
    exit: 1,
    codes: ['DF8312'],
    mentions: ['waits for a promise that nothing settles'],
  },
  {
    what: 'a pass without a vendor',
    args: run(plugin({ pass: 'cutEverything' })),
    exit: 1,
    codes: ['DF8305'],
    mentions: ['"cutEverything" of acme', 'call it acme/cut-everything'],
  },
  {
    what: 'the name of a built-in pass',
    args: run(plugin({ pass: 'partition-stacks' })),
    exit: 1,
    codes: ['DF8305'],
    mentions: ['"partition-stacks" of acme', 'call it acme/partition-stacks'],
  },
  {
    what: "another plugin's name",
    args: run(plugin({}), '--plugin', plugin({})),
    exit: 1,
    codes: ['DF8306'],
    mentions: ['two plugins are called "acme": ', '.mjs, and ', 'rename one'],
  },
  {
    what: 'a name registered twice',
    args: run(
      plugin({
        setup: `for (const summary of ['a', 'b']) registerPass({ name: 'acme/cut-all', summary, needs: ['layers'],
          makes: 'stacks', options: {}, run: () => 1 });`,
      }),
    ),
    exit: 1,
    codes: ['DF8306'],
    mentions: ['registers the pass "acme/cut-all" twice'],
  },
  {
    what: 'a facet that does not exist',
    args: run(plugin({ needs: "['layer']" })),
    exit: 1,
    codes: ['DF8307'],
    mentions: ['needs names "layer"', 'did you mean "layers"?'],
  },
  {
    what: 'a default that breaks its schema',
    args: run(plugin({ options: "{ depth: { type: 'integer', default: 'deep', description: 'layers' } }" })),
    exit: 1,
    codes: ['DF8307'],
    mentions: ['the default of option depth must be integer'],
  },
  {
    what: 'a list of elements without a type',
    args: run(
      plugin({ options: "{ tiles: { type: 'array', items: {}, default: [], description: 'tiles' } }" }),
    ),
    exit: 1,
    codes: ['DF8307'],
    mentions: ['the items of option tiles have no type (string, number, integer, boolean)'],
  },
  {
    what: 'a pipeline of passes that do not exist',
    args: run(plugin({ setup: "registerPipeline('acme/fast', 'quick', 'import-onnx,lower-layer');" })),
    exit: 1,
    codes: ['DF8307'],
    mentions: ['pipeline acme/fast: unknown pass "lower-layer"', 'did you mean "lower-layers"?'],
  },
];

const RUNNING: readonly Case[] = [
  {
    what: 'an unknown pass',
    args: [...NET, '--plugin', plugin({}), '--stacks', 'acme/cut-al'],
    exit: 2,
    codes: ['DF8004'],
    mentions: ['unknown pass "acme/cut-al"', 'did you mean "acme/cut-all"?'],
  },
  {
    what: 'an option of the wrong type',
    args: [
      ...NET,
      '--plugin',
      plugin({ options: "{ depth: { type: 'integer', default: 1, description: 'layers per stack' } }" }),
      '--passes',
      'import-onnx,normalize-graph,infer-shapes,lower-layers,acme/cut-all{depth=deep}',
    ],
    exit: 2,
    codes: ['DF8005'],
    mentions: [
      'option "depth" of acme/cut-all cannot be "deep"',
      // Spaces up to the word, and a tilde for every letter behind the caret.
      `\n${' '.repeat('  at     '.length + '--passes import-onnx,normalize-graph,infer-shapes,lower-layers,acme/cut-all{depth='.length)}^~~~\n`,
      'depth: layers per stack',
    ],
  },
  {
    what: 'a pass that throws',
    args: run(plugin({ run: 'return ir.layers.nothing.length;' })),
    exit: 1,
    codes: ['DF8308'],
    mentions: ['acme/cut-all', 'of plugin acme', 'Cannot read properties of undefined', '.mjs:8:34'],
  },
  {
    what: 'a pass that throws where nobody listens',
    args: run(
      plugin({ run: "setTimeout(() => { throw new Error('late'); }); return new Promise(() => {});" }),
    ),
    exit: 1,
    codes: ['DF8308'],
    mentions: ['of plugin acme', 'late'],
  },
  {
    what: 'a pass that never settles',
    args: run(plugin({ run: 'return new Promise(() => {});' })),
    exit: 1,
    codes: ['DF8312'],
    mentions: ['acme/cut-all', 'of plugin acme'],
  },
  {
    what: 'a pass that loops for ever',
    args: run(plugin({ run: 'for (;;);' }), '--pass-timeout', '1s'),
    exit: 1,
    codes: ['DF8311'],
    mentions: ['acme/cut-all', 'of plugin acme', 'longer than 1s'],
  },
  {
    what: 'a promise that a pass leaves rejected',
    args: run(plugin({ run: `Promise.reject(new Error('nobody heard')); ${FINE}` })),
    exit: 1,
    codes: ['DF8308'],
    mentions: ['acme/cut-all', 'of plugin acme', 'nobody heard', '.mjs:8:'],
  },
  ...[[], ['--pass-timeout', '10s']].map((limit) => ({
    what: `a pass that ends the program ${limit.join(' ')}`,
    args: run(plugin({ run: 'process.exit(0);' }), ...limit),
    exit: 1 as const,
    codes: ['DF8308'],
    mentions: ['acme/cut-all', 'of plugin acme', 'process.exit(0) is not for plugins', '.mjs:8:'],
  })),
  {
    what: 'a pass that ends its thread',
    args: run(plugin({ run: 'process.reallyExit(0);' }), '--pass-timeout', '10s'),
    exit: 1,
    codes: ['DF8308'],
    mentions: ['acme/cut-all', 'of plugin acme', 'it ended the process with code 0'],
  },
  {
    what: 'a plugin that loops while it is loaded',
    args: run(write('for (;;);\n'), '--pass-timeout', '1s'),
    exit: 1,
    codes: ['DF8311'],
    mentions: ['plugin', 'longer than 1s'],
  },
  ...(
    [
      ['nothing', 'return;', '/ is undefined'],
      ['a number', 'return 3;', '/ must be object'],
      ['a promise inside', 'return { by: "x", stacks: [Promise.resolve()] };', '/stacks/0 is a promise'],
      ['a class', 'return { by: "x", stacks: new Map() };', '/stacks is of the class Map'],
      ['a cycle', 'const s = []; s.push(s); return { by: "x", stacks: s };', '/stacks/0 is part of itself'],
      ['not a number', 'return { by: "x", stacks: [NaN] };', '/stacks/0 is NaN'],
      ['half a plan', 'return { by: "x" };', "must have required property 'stacks'"],
      [
        'an unknown mode',
        `const plan = kit.cutWhere(ir, ctx, () => true);
        return { ...plan, stacks: plan.stacks.map((stack) => ({ ...stack, mode: 'cached' })) };`,
        'fully-recompute',
      ],
    ] as const
  ).map(([what, body, mention]): Case => ({
    what: `garbage: ${what}`,
    args: run(plugin({ run: body }), '--verify', 'off'),
    exit: 1,
    codes: ['DF8309'],
    mentions: ['acme/cut-all is no stacks facet', 'of plugin acme', mention],
  })),
  ...(
    [
      ['the IR', 'ir.layers.layers[0].macs = 0;'],
      ['a list of the IR', 'ir.layers.layers.pop();'],
      ['the view of the IR', 'ir.layers = {};'],
      ['the accelerator', 'ctx.hw.memories[0].sizeBits = 1e12;'],
      ['the profile', "ctx.profile.padding = 'ignored';"],
      ['the context', 'ctx.stat = () => {};'],
      [
        'an answer of the oracle',
        'ctx.costOf(kit.stackOf(ctx, [ir.layers.layers[0]])).cost.totals.energyPj = 0;',
      ],
      [
        'a temporal mapping of the oracle',
        'ctx.costOf(kit.stackOf(ctx, [ir.layers.layers[0]])).cost.types[0].layers[0].temporal.pop();',
      ],
    ] as const
  ).map(([what, body]): Case => ({
    what: `writing into ${what}`,
    args: run(plugin({ run: `${body} ${FINE}` }), '--verify', 'off'),
    exit: 1,
    codes: ['DF8310'],
    mentions: ['acme/cut-all writes into what it was given', 'of plugin acme', '.mjs:8:'],
  })),
  {
    what: 'a facet that was not declared',
    args: run(plugin({ run: 'return ir.graph.nodes.length;' })),
    exit: 1,
    codes: ['DF8313'],
    mentions: ['acme/cut-all reads the facet graph', "add 'graph' to its needs", 'of plugin acme'],
  },
  {
    what: 'a facet that is stale',
    args: [
      ...NET,
      '--plugin',
      plugin({ needs: "['layers', 'tiles']" }),
      '--passes',
      'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks,tile-stacks,choose-tiles,acme/cut-all',
    ],
    exit: 2,
    codes: ['DF8003'],
    mentions: ['acme/cut-all needs the facet tiles, which choose-tiles has made stale'],
  },
  {
    what: 'the cost of what is no stack',
    args: run(
      plugin({ run: 'return ctx.costOf(kit.stackOf(ctx, [ir.layers.layers[0], ir.layers.layers[2]]));' }),
    ),
    exit: 1,
    codes: ['DF8320'],
    mentions: ['@conv1 @conv3', 'of plugin acme'],
  },
  ...(
    [
      ['an unknown mode', "mode: 'cached'", 'mode cached'],
      ['no mode', 'mode: undefined', 'mode undefined'],
      ['an unknown memory', "handOver: 'mem:nowhere'", 'hand-over in mem:nowhere'],
      ['a memory of weights', "handOver: 'mem:lb_w'", 'hand-over in mem:lb_w'],
      ['half a column', 'tile: { x: 1.5, y: 3 }', 'tile 1.5x3'],
      ['a number as a text', "tile: { x: '14', y: 14 }", 'tile "14"x14'],
      ['no number', 'tile: { x: NaN, y: 1 }', 'tile NaNx1'],
      ['no column', 'tile: { x: 0, y: 1 }', 'tile 0x1'],
      ['fewer than no row', "tile: { x: 'full', y: -1 }", 'tile fullx-1'],
      ['no tile', 'tile: undefined', 'tile undefinedxundefined'],
      ['no head', 'tile: { x: 1, y: 1, heads: 0 }', 'tile 1x1xh0'],
    ] as const
  ).map(([what, change, mention]): Case => ({
    what: `the cost of a stack with ${what}`,
    args: run(
      plugin({
        // Asked for the right one first: an answer from memory would be as wrong.
        run: `const stack = kit.stackOf(ctx, [ir.layers.layers[0]], { tile: { x: 14, y: 14 } });
        ctx.costOf(stack); ctx.costOf({ ...stack, ${change} }); ${FINE}`,
      }),
      '--lpf-limit',
      '3',
    ),
    exit: 1,
    codes: ['DF8322'],
    mentions: [`[@conv1] cannot be executed with ${mention}`, 'of plugin acme', 'mode: fully-recompute, '],
  })),
  {
    what: 'a plan that forgets a layer',
    args: run(plugin({ run: "return kit.planOf('x', [kit.stackOf(ctx, ir.layers.layers.slice(1))]);" })),
    exit: 1,
    codes: ['DF9002', 'DF3090'],
    mentions: ['verifier rejected the output of acme/cut-all', 'of plugin acme'],
  },
  ...(
    [
      ['no text', "ctx.diag('DF8332', { a: 1 });", 'the message of DF8332 is no text'],
      ['a code that is none', "ctx.diag('DF99999', 'hi');", 'there is no diagnostic DF99999; DF8330'],
      ['a code that is none, thrown', "kit.fail('toString', 'hi');", 'there is no diagnostic toString'],
      ['no text, thrown', "kit.fail('DF8330', { a: 1 });", 'DF8330: [object Object]'],
      ['a place that is none', "ctx.diag('DF8332', 'x', '@conv1');", 'the places of DF8332'],
      ['a place without its id', "ctx.diag('DF8332', 'x', [{ kind: 'ir' }]);", 'the places of DF8332'],
      ['terms that are none', "ctx.diag('DF8332', 'x', [], { terms: 'a' });", 'the terms of DF8332'],
      ['help that is none', "ctx.diag('DF8332', 'x', [], { help: 3 });", 'the help of DF8332'],
      ['a severity that is none', "ctx.diag('DF8332', 'x', [], { severity: 'fatal' });", 'the severity of'],
    ] as const
  ).map(([what, body, mention]): Case => ({
    what: `a diagnostic with ${what}`,
    args: run(plugin({ run: `${body} ${FINE}` })),
    exit: 1,
    codes: ['DF8308'],
    mentions: ['pass acme/cut-all threw', 'of plugin acme', mention, '.mjs:8:'],
  })),
  {
    what: 'costs that are rejected, behind those of annotate-cost',
    args: [
      ...NET,
      '--plugin',
      plugin({
        setup: `registerPass({ name: 'acme/cut-all', summary: 'Cheapen.', needs: ['costs'], makes: 'costs', options: {},
          run: ({ costs }) => ({ ...costs, totals: { ...costs.totals, energyPj: 1 } }) });`,
      }),
      '--passes',
      `${DEFAULT},acme/cut-all`,
      '--lpf-limit',
      '3',
    ],
    exit: 1,
    codes: ['DF9002', 'DF6090', 'DF6091'],
    mentions: ['verifier rejected the output of acme/cut-all', 'of plugin acme'],
  },
  {
    what: 'a diagnostic of its own',
    args: run(plugin({ run: "ctx.diag('DF8330', 'no pools here'); " + FINE })),
    exit: 1,
    codes: ['DF8330'],
    mentions: ['error[DF8330]: no pools here', 'acme/cut-all of plugin acme'],
  },
];

test.each([...LOADING, ...RUNNING])('$what', ({ args, exit, codes, mentions }) => {
  const { code, stdout, stderr } = cli(args);
  expect(stderr.match(/^error\[(DF\d+)\]/gm)?.map((head) => head.slice(6, 12))).toEqual(codes);
  for (const mention of mentions) expect(stderr).toContain(mention);
  expect(code).toBe(exit);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stderr.split('\n').length).toBeLessThan(24);
});

test('what goes off when the report is out is told as well', () => {
  const late = plugin({ run: `setTimeout(() => { throw new Error('too late'); }, 50); ${FINE}` });
  const { code, stdout, stderr } = cli(run(late));
  expect(stderr).toMatch(/^error\[DF8308\]: pass acme\/cut-all threw: too late$/m);
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(code).toBe(1);
  expect(stdout).toBe(cli(run(plugin({ run: FINE }))).stdout);
});

describe('a good one', () => {
  const file = plugin({
    run: `console.log('layers:', ir.layers.layers.length); process.stdout.write('raw\\n'); ${FINE}`,
  });

  test('logs to stderr, and the rest is as without it', () => {
    const { code, stdout, stderr } = cli(run(file));
    expect(code).toBe(0);
    expect(stderr).toContain('layers: 8\nraw\n');
    expect(stdout).toMatch(/^stacks {2}by cuts$/m);
  });

  test('gives the same in a thread of its own, prints and times included', () => {
    const flags = ['--print-ir-after', 'acme/cut-all', '--format', 'json'];
    const inside = cli(run(file, ...flags));
    const outside = cli(run(file, ...flags, '--pass-timeout', '10min'));
    expect(outside).toEqual(inside);
    expect(inside.stderr).toMatch(/^;; after 5 acme\/cut-all$/m);
    expect(cli(run(file, '--time-passes', '--pass-timeout', '10min')).stderr).toMatch(/^# {2}pass +ms$/m);
  });

  test('bad input is the same in a thread of its own', () => {
    const bad = ['compile', at('none.onnx'), '-a', 'meta-proto-df'];
    expect(cli([...bad, '--pass-timeout', '1min'])).toEqual(cli(bad));
  });

  test.each(['10', '0s', '-1s', '1 day', '100h0', '30d', '700h'])('--pass-timeout %p is refused', (time) => {
    const { code, stderr } = cli(run(file, `--pass-timeout=${time}`));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error\[DF8008\]: --pass-timeout cannot be/);
  });

  test('comes as an installed package, by its name', () => {
    const project = at('project');
    for (const [name, entry] of [
      ['plugin-main', '"main": "./entry.mjs"'],
      ['@acme/plugin-import', '"exports": { "import": "./entry.mjs" }'],
    ]) {
      const folder = `project/node_modules/${name ?? ''}`;
      write(`{ "name": "${name ?? ''}", ${entry ?? ''} }`, `${folder}/package.json`);
      write(pluginText(), `${folder}/entry.mjs`);
      const { stdout, stderr } = cli(['passes', '--plugin', name ?? ''], {}, project);
      expect(stderr).toBe('');
      expect(stdout).toContain(`acme/cut-all: Cut wherever it is legal.   [plugin acme (${name ?? ''})]`);
    }
  });

  test('lists its options as they are written', () => {
    const listed = plugin({
      options: `{
        depth: { type: 'integer', default: 4, description: 'layers.' },
        sizes: { type: 'array', items: { type: 'integer' }, default: [1, 2], description: 'sizes.' },
        rules: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, default: [], description: 'rules.' },
        tiles: { type: 'array', default: ['full', '14x14'], description: 'tiles.' },
      }`,
    });
    const { stdout } = cli(['passes', '--plugin', listed]);
    for (const line of [
      'depth=[4]  layers.',
      'sizes=integer,... (default 1,2)  sizes.',
      'rules=a|b,... (default none)  rules.',
      'tiles=text,... (default full,14x14)  tiles.',
    ])
      expect(stdout).toContain(`\n    ${line}\n`);
  });

  test('registers pipelines too', () => {
    const named = plugin({
      setup: `registerPipeline('acme/graph-only', 'The graph.', 'import-onnx,normalize-graph');`,
    });
    expect(cli(['passes', '--plugin', named]).stdout).toMatch(
      /^ {2}acme\/graph-only: The graph\. .*\n {4}import-onnx,normalize-graph$/m,
    );
    const { code, stdout } = cli([...NET, '--plugin', named, '--pipeline', 'acme/graph-only']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ir v1 {2}module fsrcnn .* has graph$/m);
  });
});
