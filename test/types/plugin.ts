/** Checked by the type checker, never run: plugins in which something must not compile. */
import { compile, type Plugin } from '../../src/index.js';
import type { Accelerator } from '../../src/hw/accelerator.js';

declare const hw: Accelerator;

const plugin: Plugin = {
  apiVersion: 1,
  name: 'acme',
  setup({ kit, registerPass, registerPipeline }) {
    registerPass(
      kit.definePass({
        name: 'acme/typed-options',
        summary: 'options have the types of their schemas',
        needs: ['layers'],
        makes: 'stacks',
        options: {
          depth: { type: 'integer', default: 1, description: 'a number' },
          goal: { type: 'string', enum: ['energy', 'latency'], default: 'energy', description: 'one of two' },
          names: { type: 'array', default: [], description: 'texts' },
          sizes: { type: 'array', items: { type: 'integer' }, default: [1], description: 'numbers' },
        },
        run(ir, options, ctx) {
          options.depth satisfies number;
          options.goal satisfies 'energy' | 'latency';
          options.names satisfies readonly string[];
          options.sizes satisfies readonly number[];
          // @ts-expect-error -- an option that is not declared
          options.width satisfies unknown;
          // @ts-expect-error -- a value that the option never has
          if (options.goal === 'area') ctx.stat('area', 1);
          // @ts-expect-error -- the accelerator is read-only
          ctx.hw.name = 'mine';
          return kit.cutWhere(ir, ctx, ({ before }) => before.macs > options.depth);
        },
      }),
    );
    registerPass({
      name: 'acme/undeclared-facet',
      summary: 'reads what it did not declare',
      needs: ['layers'],
      makes: 'stacks',
      options: {},
      run(ir, _options, ctx) {
        // @ts-expect-error -- undeclared facet: tiles are not among needs
        ir.tiles satisfies object;
        return kit.cutWhere(ir, ctx, () => true);
      },
    });
    registerPass({
      name: 'acme/stale-facet',
      summary: 'asks for what it makes stale itself',
      needs: ['layers', 'tiles'],
      makes: 'stacks',
      options: {},
      // @ts-expect-error -- tiles are no stacks
      run: (ir) => ir.tiles,
    });
    registerPass({
      name: 'acme/no-such-facet',
      summary: 'needs what there is not',
      // @ts-expect-error -- no facet is called layer
      needs: ['layer'],
      makes: 'stacks',
      options: {},
      run: (ir, _options, ctx) => kit.cutWhere(ir, ctx, () => true),
    });
    // @ts-expect-error -- a pipeline is a string
    registerPipeline('acme/fast', 'a pipeline', ['import-onnx']);
  },
};

void compile({ hw, plugins: [plugin] });

// @ts-expect-error -- written for an API that this is not
({ apiVersion: 2, name: 'acme', setup: () => undefined }) satisfies Plugin;
