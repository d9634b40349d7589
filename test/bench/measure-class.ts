import type { BenchRun } from './bench-run.ts';
import { runScript } from './children.ts';
import type { SaveCosts, UseCosts } from './class-cost.ts';
import { figure, type Figure } from './figure.ts';

/** What it costs to save a class, and to use it for the first time after a restart. */
export async function measureClass(run: BenchRun): Promise<readonly Figure[]> {
  const folder = run.folder('classes');
  const save = await runScript<SaveCosts>('./class-cost.js', [folder, 'save']);
  const { built, saved, savedAgain } = await runScript<UseCosts>('./class-cost.js', [folder, 'use']);
  const ms = (milliseconds: number) => `${milliseconds.toFixed(2)} ms`;
  return [
    figure('save', {
      measured: save.save,
      raw: save.evaluate,
      rawWhat: 'a Compartment that evaluates the same text',
      notes: [
        `${save.lines} lines, built on Thing; nothing else runs meanwhile. Until it is durable, and everything in ` +
          `memory let go of: ${ms(save.durable)}`,
      ],
    }),
    figure('first-use', {
      measured: saved.others,
      raw: built.others,
      rawWhat: 'the first call to an object of a built-in class',
      notes: [
        `the source is checked and compiled again; another object of the class: ${ms(savedAgain.others)}`,
        `the very first after the start: ${ms(saved.first)}, of a built-in class ${ms(built.first)}`,
      ],
    }),
  ];
}
