/**
 * The built-in convolutional networks, layer by layer, as calls on a builder. FSRCNN, MC-CNN and DMCNN-VD are the unpadded
 * convolution chains of the DeFiNES case studies (HPCA 2023): no bias, no activation, input sizes such that the last
 * layer has the published output. MobileNetV1 and ResNet18 are the classification networks as published, padded.
 * Shapes are batch, channels, rows, columns.
 */
export interface NetworkBuilder {
  /** An input of the network; gives its tensor. */
  input(shape: readonly number[], name?: string): string;
  /** A constant tensor filled with one number; gives its tensor. */
  constant(name: string, shape: readonly number[], fill: number): string;
  /** A single number, and whole numbers such as a shape; both give their tensor. */
  number(name: string, value: number): string;
  integers(name: string, values: readonly number[]): string;
  /** A node with one output; gives that tensor. */
  node(op: string, name: string, inputs: readonly string[], attributes?: Attributes): string;
  /** Declares an output of the network; gives the tensor under its new name. */
  output(tensor: string, shape: readonly number[], name?: string): string;
}

export type Attributes = Readonly<Record<string, number | readonly number[]>>;

export interface Topology {
  readonly description: string;
  readonly build: (net: NetworkBuilder) => void;
}

/** Any number does: only shapes matter. Not 0, so that no tool folds the network away. */
const WEIGHT = 0.01;

interface ConvShape {
  readonly kernel: number;
  readonly from: number;
  readonly to: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
}

function conv(net: NetworkBuilder, name: string, x: string, shape: ConvShape): string {
  const { kernel, from, to, stride = 1, pad = 0, groups = 1 } = shape;
  const weight = net.constant(`${name}.weight`, [to, from / groups, kernel, kernel], WEIGHT);
  return net.node('Conv', name, [x, weight], {
    dilations: [1, 1],
    group: groups,
    kernel_shape: [kernel, kernel],
    pads: [pad, pad, pad, pad],
    strides: [stride, stride],
  });
}

function batchNorm(net: NetworkBuilder, name: string, x: string, channels: number): string {
  const parameter = (kind: string, fill: number): string => net.constant(`${name}.${kind}`, [channels], fill);
  const parameters = [parameter('scale', 1), parameter('bias', 0), parameter('mean', 0), parameter('var', 1)];
  return net.node('BatchNormalization', name, [x, ...parameters]);
}

function fullyConnected(net: NetworkBuilder, name: string, x: string, from: number, to: number): string {
  const weight = net.constant(`${name}.weight`, [to, from], WEIGHT);
  return net.node('Gemm', name, [x, weight, net.constant(`${name}.bias`, [to], 0)], { transB: 1 });
}

/** Convolutions without padding or stride: each takes kernel - 1 rows and columns off its input. */
function unpaddedChain(
  size: { readonly rows: number; readonly columns: number; readonly channels: number },
  layers: readonly { readonly kernel: number; readonly to: number }[],
): (net: NetworkBuilder) => void {
  return (net) => {
    let { rows, columns, channels } = size;
    let x = net.input([1, channels, rows, columns]);
    layers.forEach(({ kernel, to }, k) => {
      x = conv(net, `conv${k + 1}`, x, { kernel, from: channels, to });
      [rows, columns, channels] = [rows - kernel + 1, columns - kernel + 1, to];
    });
    net.output(x, [1, channels, rows, columns]);
  };
}

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

/** Output channels and stride of the 13 depthwise-separable blocks (Howard et al. 2017, table 1). */
const MOBILENET_BLOCKS: readonly (readonly [to: number, stride: number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  ...times(5, [512, 1] as const),
  [1024, 2],
  [1024, 1],
];

function mobilenetV1(net: NetworkBuilder): void {
  const layer = (name: string, x: string, shape: ConvShape): string => {
    const y = batchNorm(net, `${name}.bn`, conv(net, name, x, shape), shape.to);
    return net.node('Relu', `${name}.relu`, [y]);
  };
  let x = layer('conv1', net.input([1, 3, 224, 224]), { kernel: 3, from: 3, to: 32, stride: 2, pad: 1 });
  let from = 32;
  MOBILENET_BLOCKS.forEach(([to, stride], k) => {
    const depthwise: ConvShape = { kernel: 3, from, to: from, stride, pad: 1, groups: from };
    x = layer(`block${k + 1}.depthwise`, x, depthwise);
    x = layer(`block${k + 1}.pointwise`, x, { kernel: 1, from, to });
    from = to;
  });
  x = net.node('GlobalAveragePool', 'avgpool', [x]);
  x = net.node('Flatten', 'flatten', [x], { axis: 1 });
  x = fullyConnected(net, 'fc', x, from, 1000);
  net.output(net.node('Softmax', 'softmax', [x], { axis: 1 }), [1, 1000]);
}

/** Two 3x3 convolutions and a shortcut, which a strided 1x1 convolution fits to the new shape (He et al. 2016). */
function basicBlock(
  net: NetworkBuilder,
  name: string,
  x: string,
  from: number,
  to: number,
  stride: number,
): string {
  const step = (part: string, at: string, shape: ConvShape): string =>
    batchNorm(net, `${name}.bn${part}`, conv(net, `${name}.conv${part}`, at, shape), shape.to);
  const inner = net.node('Relu', `${name}.relu1`, [step('1', x, { kernel: 3, from, to, stride, pad: 1 })]);
  const main = step('2', inner, { kernel: 3, from: to, to, pad: 1 });
  const shortcut = stride === 1 ? x : step('_downsample', x, { kernel: 1, from, to, stride });
  return net.node('Relu', `${name}.relu2`, [net.node('Add', `${name}.add`, [main, shortcut])]);
}

function resnet18(net: NetworkBuilder): void {
  let x = conv(net, 'conv1', net.input([1, 3, 224, 224]), { kernel: 7, from: 3, to: 64, stride: 2, pad: 3 });
  x = net.node('Relu', 'relu1', [batchNorm(net, 'bn1', x, 64)]);
  x = net.node('MaxPool', 'maxpool', [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] });
  let from = 64;
  [64, 128, 256, 512].forEach((to, k) => {
    x = basicBlock(net, `layer${k + 1}.0`, x, from, to, k === 0 ? 1 : 2);
    x = basicBlock(net, `layer${k + 1}.1`, x, to, to, 1);
    from = to;
  });
  x = net.node('GlobalAveragePool', 'avgpool', [x]);
  x = net.node('Flatten', 'flatten', [x], { axis: 1 });
  net.output(fullyConnected(net, 'fc', x, from, 1000), [1, 1000]);
}

export const CONVOLUTIONAL: Readonly<Record<string, Topology>> = {
  fsrcnn: {
    description: 'FSRCNN, super-resolution; output 960x540, 8.363 GMAC, unpadded (DeFiNES, HPCA 2023)',
    build: unpaddedChain({ rows: 554, columns: 974, channels: 1 }, [
      { kernel: 5, to: 56 },
      { kernel: 1, to: 12 },
      ...times(4, { kernel: 3, to: 12 }),
      { kernel: 1, to: 56 },
      { kernel: 3, to: 16 },
    ]),
  },
  mccnn: {
    description: 'MC-CNN, stereo matching; output 376x1242, 52.279 GMAC, unpadded (DeFiNES, HPCA 2023)',
    build: unpaddedChain({ rows: 1250, columns: 384, channels: 1 }, times(4, { kernel: 3, to: 64 })),
  },
  dmcnnvd: {
    description: 'DMCNN-VD, demosaicing; output 768x512, 278.813 GMAC, unpadded (DeFiNES, HPCA 2023)',
    build: unpaddedChain({ rows: 552, columns: 808, channels: 3 }, [
      ...times(19, { kernel: 3, to: 64 }),
      { kernel: 3, to: 3 },
    ]),
  },
  mobilenetv1: {
    description: 'MobileNetV1 1.0, 224x224, ImageNet classification (Howard et al. 2017)',
    build: mobilenetV1,
  },
  resnet18: {
    description: 'ResNet18, 224x224, ImageNet classification (He et al. 2016)',
    build: resnet18,
  },
};
