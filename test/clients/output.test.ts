import { Writable } from 'node:stream';
import { outputTo } from '../../clients/cli/output.ts';

/** A stream that takes one line, and the next when it is told to. */
function slow(): { readonly stream: Writable; readonly taken: string[]; take: (error?: Error) => void } {
  const slowly = {
    taken: [] as string[],
    take: (() => {}) as (error?: Error) => void,
    stream: new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _, done) => {
        slowly.taken.push(chunk.toString());
        slowly.take = (error) => done(error);
      },
    }),
  };
  return slowly;
}

test('a line is written when the one before has been taken', async () => {
  const slowly = slow();
  const output = outputTo(slowly.stream);
  const log: string[] = [];
  const written = output.line('one').then((on) => log.push(`one ${on}`));
  expect([slowly.taken, log]).toEqual([['one\n'], []]);
  slowly.take();
  await written;
  expect(log).toEqual(['one true']);
});

test('who closes the pipe has seen enough, and is no failure', async () => {
  const slowly = slow();
  const output = outputTo(slowly.stream);
  const first = output.line('one');
  slowly.take(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  expect(await first).toBe(false);
  expect(await output.line('two')).toBe(false);
  expect(slowly.taken).toEqual(['one\n']);
});

test('another error of the stream is one', async () => {
  const slowly = slow();
  const first = outputTo(slowly.stream).line('one');
  slowly.take(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  await expect(first).rejects.toMatchObject({ code: 'ENOSPC' });
});
