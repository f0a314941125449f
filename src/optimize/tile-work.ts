/**
 * A layer in one tile of known size as its lower bound sees it: what units share, what truncation takes and what passes
 * the ports of its memories is then known, and formulas (3) to (5) become what the cost model itself counts.
 */
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { BoundLayer } from './bound-layer.js';
import type { TileWork } from './layer-work.js';
import { realTiles } from './real-tile.js';
import { truncatedTile } from './truncated-tile.js';

export const tileWorkOf = (hw: Accelerator, profile: Profile, bound: BoundLayer): TileWork =>
  bound.isReal ? realTiles(hw, profile, bound) : (out) => truncatedTile(hw, profile, bound, out);
