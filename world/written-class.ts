import type { AnyCap, BankCap } from '../engine/authoring.ts';

/** What is told of a class, written in the world or built in. */
export interface ClassReport {
  readonly name: string;
  /** Empty for a built-in one. */
  readonly author: string;
  readonly version: number;
  readonly hash: string;
  /** Built in, or approved by an admin at this very hash. */
  readonly safe: boolean;
  readonly saved: boolean;
  /** Why it does not load, or ''. */
  readonly broken: string;
}

/** Class capabilities by the names that a source uses. */
export type Imports = Readonly<Record<string, AnyCap>>;

/** The list of all classes, as everybody may read it. */
export interface ClassList {
  names(): readonly string[];
  /** The public capability of a class that was written in the world. */
  find(name: string): WrittenClass | null;
  /** `known`: whether it loads is told as far as that is known. */
  describe(name: string, known?: boolean): ClassReport;
  source(name: string, version?: number): string;
}

/** The same for whoever may write new ones. */
export interface ClassShelf extends ClassList {
  define(bank: BankCap, author: string, name: string, source: string, imports: Imports): OwnClass;
}

interface VersionReport {
  readonly version: number;
  readonly hash: string;
  readonly note: string;
  readonly when: number;
}

/** What a class that was written in the world offers the public. */
export interface WrittenClass {
  name(): string;
  author(): string;
  current(): number;
  versions(): readonly VersionReport[];
  source(version?: number): string;
  isOpen(): boolean;
}

/** One that everybody may make objects of. */
export interface OpenClass extends WrittenClass {
  opened(): MakingClass;
}

/** What makes objects of it. */
interface MakingClass extends WrittenClass {
  make(bank: BankCap, ...args: readonly unknown[]): AnyCap;
}

/** What its author holds. */
export interface OwnClass extends MakingClass {
  base(): string;
  front(): WrittenClass;
  save(source: string, imports: Imports): number;
  rollback(version: number): number;
  upgrade(to: AnyCap, method: string): void;
  open(open: boolean): void;
}
