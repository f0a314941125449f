/** Every tensor with a type and a fixed shape, and the small constants that shapes are made of. */
import { definePass, inferTensors, type IR, type PassContext, type Shapes } from '../src/kit.js';

export const inferShapes = definePass({
  name: 'infer-shapes',
  summary: 'Infer the shape and type of every tensor, and the constants that shapes are made of.',
  needs: ['graph'],
  makes: 'shapes',
  options: {},
  run({ graph }: IR<'graph'>, _options: object, ctx: PassContext): Shapes {
    const shapes = inferTensors(graph, ctx.dims, ({ code, message, at, ...details }) =>
      ctx.diag(code, message, at, details),
    );
    ctx.stat('tensors', shapes.tensors.length);
    ctx.stat('constants', shapes.tensors.filter((tensor) => tensor.constant).length);
    return shapes;
  },
});
