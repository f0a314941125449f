// onnx-proto's typings use a global `Long` that nobody declares; without this it is silently `any`.
import type LongClass from 'long';
declare global {
  type Long = LongClass;
}
export {};
