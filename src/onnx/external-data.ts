/**
 * External data is never opened: shapes suffice. A path that leads out of the model's folder is reported all the same:
 * other programs would follow it.
 */
import type { onnx as Onnx } from 'onnx-proto';

/** Where the numbers of a tensor are said to lie, if that is outside the folder of the model. */
export function outsideLocation(tensor: Onnx.ITensorProto): string | undefined {
  const location = tensor.externalData?.find(({ key }) => key === 'location')?.value ?? '';
  return climbsOut(location) ? location : undefined;
}

/** Absolute, on a drive, or above the folder at any point of the way. */
function climbsOut(location: string): boolean {
  if (/^([/\\]|[A-Za-z]:)/.test(location)) return true;
  let depth = 0;
  for (const step of location.split(/[/\\]/)) {
    if (step === '..') depth--;
    else if (step !== '' && step !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}
