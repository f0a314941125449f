/** Why layers are no stack, in words: what follows after "no stack: ". */
import type { StackFault } from './legal-stacks.js';

export function faultText(fault: StackFault): string {
  switch (fault.kind) {
    case 'used-outside':
      return `the map of ${fault.layer} is used outside it (by ${fault.by})`;
    case 'second-sink':
      return `${fault.layer} is a second sink`;
    case 'barrier':
      return `${fault.layer} needs the whole of ${fault.needsWhole}`;
  }
}
