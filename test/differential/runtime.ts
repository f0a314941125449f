/**
 * The other runtime: executes models with onnxruntime-web (WebAssembly, on the CPU of this process) and tells type
 * and shape of every output.
 */
import * as ort from 'onnxruntime-web/wasm';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

export interface Produced {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

export interface Feed {
  readonly shape: readonly number[];
  /** ONNX element type. */
  readonly type: number;
}

const ARRAYS: Readonly<Record<number, readonly [ort.Tensor.Type, (count: number) => ort.Tensor.DataType]>> = {
  1: ['float32', (count) => new Float32Array(count)],
  2: ['uint8', (count) => new Uint8Array(count)],
  3: ['int8', (count) => new Int8Array(count)],
  6: ['int32', (count) => new Int32Array(count)],
  7: ['int64', (count) => new BigInt64Array(count)],
  9: ['bool', (count) => new Uint8Array(count)],
  12: ['uint32', (count) => new Uint32Array(count)],
};

/** Names as this project writes them. */
const DTYPES: Readonly<Record<string, string>> = { float32: 'float', float64: 'double' };

/** Outputs by name; throws where the runtime refuses the model. */
export async function execute(
  model: Uint8Array,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Readonly<Record<string, Produced>>> {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 4,
  });
  try {
    const inputs = Object.entries(feeds).map(([name, { shape, type }]): [string, ort.Tensor] => {
      const [dtype, make] = ARRAYS[type]!;
      const count = shape.reduce((a, b) => a * b, 1);
      return [name, new ort.Tensor(dtype, make(count), shape)];
    });
    const results = await session.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, dims, data }]) => [
        name,
        { dtype: DTYPES[type] ?? type, shape: dims, values: Array.from(data as ArrayLike<number>, Number) },
      ]),
    );
  } finally {
    await session.release();
  }
}
