/**
 * Freezes the language for this thread: after this module has been imported every intrinsic is
 * hardened and `Compartment` and `harden` are global.
 *
 * Import it before anything else, for its effect only. ES modules are evaluated in the order in
 * which they are imported, so what stands above this import runs in an unfrozen realm (only code
 * that must add to the intrinsics may), and what stands below it runs in the frozen one.
 * Importing it again, also from a second copy of the compiled files, does nothing.
 */

import '../wrappers/natives.ts';
// Exchanges built-ins that could keep a turn from being stopped, before SES takes hold of any.
import './bounded-language.ts';
import 'ses';
// Adds `HandledPromise`, which @endo/marshal and @endo/pass-style look for when they load. It
// changes intrinsics, so it has to come before lockdown().
import '@endo/eventual-send/shim.js';

if (!Object.isFrozen(Object.prototype)) {
  lockdown({
    // `error.stack` is empty: frames would show the world's code the host's files, and who called
    // it. What it gives up: host code, the console and a crash do not see frames there either.
    // Print errors with `stackOf` (stack.ts), which still has them.
    errorTaming: 'safe',
    // Of the inherited properties only those that a great many programs assign to stay assignable.
    // 'moderate' and 'severe' turn more of them into accessors, which makes every call through a
    // closure in our wrappers ten times slower. What it gives up: a library that assigns to an
    // inherited `constructor`, `message`, `push` and the like throws; none that we load does.
    overrideTaming: 'min',
    // The world's code has no console, so nothing is won by replacing the host's. What it gives up:
    // SES's own console, which prints frames and the details that SES's assertions leave out.
    consoleTaming: 'unsafe',
    // Node's `domain` module hangs a property on promises and errors that reaches the host. We never
    // load it, and the world's code cannot import it. What it gives up: SES's refusal to start when
    // some library has loaded it.
    domainTaming: 'unsafe',
    // Crashes are the process's own business: without these the exit code, the stack and
    // Node's handling of an unhandled rejection (the process ends) stay as they are.
    errorTrapping: 'none',
    unhandledRejectionTrapping: 'none',
    // No notes on the console about intrinsics that SES does not know and removes.
    reporting: 'none',
    // evalTaming stays at its default, 'safe-eval': `eval` and `Function` work in a Compartment, in
    // that Compartment's own globals only.
  });
}
