/**
 * Exchanges the built-ins that could keep a turn from being stopped; see `bounds.ts`. Imported for its effect, before SES:
 * what SES takes hold of when it is loaded, and gives to code in the world later (`RegExp`, `harden`), is bounded as well.
 */

import { boundArrays } from './bounded-arrays.ts';
import { boundCallbacks } from './bounded-callbacks.ts';
import { boundJson } from './bounded-json.ts';
import { boundObjects } from './bounded-objects.ts';
import { boundPatterns } from './bounded-patterns.ts';
import { boundStrings } from './bounded-strings.ts';

// A second copy of the compiled files finds the built-ins exchanged, and frozen.
if (!Object.isFrozen(Object.prototype)) {
  boundArrays();
  boundCallbacks();
  boundStrings();
  boundPatterns();
  boundObjects();
  boundJson();
}
