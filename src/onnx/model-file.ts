/** The bytes of a model. On its own, so that what ships types of it does not ship those of the decoder. */
import type { ByteSource } from '../base/byte-source.js';

export interface ModelFile {
  /** As the user named it. */
  readonly file: string;
  readonly bytes: Uint8Array | ByteSource;
}
