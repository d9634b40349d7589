/**
 * The world process, as another user: it is started by root, loads its code, which that user may have no way to, and
 * becomes that user before it does anything with its folder.
 */

const NOBODY = 65_534;

const proto = process as { on: (event: string, listener: () => void) => unknown };
const { on } = proto;

// The first thing that a world does when all its code is loaded is to listen for this.
proto.on = function becoming(event, listener) {
  if (event === 'SIGTERM') {
    proto.on = on;
    process.setgroups?.([]);
    process.setgid?.(NOBODY);
    process.setuid?.(NOBODY);
    if (process.getuid?.() !== NOBODY) throw new Error('this process cannot become another user');
  }
  return on.call(process, event, listener);
};

await import('../../clients/world-process.ts');
