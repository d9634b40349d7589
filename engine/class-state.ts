import type { AnyCap } from './authoring.ts';

/** A class that a version needs the capability of: to create objects of it. */
export interface UsedClass {
  readonly name: string;
  readonly class: AnyCap;
}

/** One version of a class that was written in the world. It never changes; versions are numbered from 1. */
export interface ClassVersion {
  /** Names the code: its own source and that of the classes written in the world that it is built on. */
  readonly hash: string;
  /** The hash of its own source text, under which that is stored. */
  readonly source: string;
  /** Why there is this version, for people. */
  readonly note: string;
  /** Milliseconds since the epoch. */
  readonly when: number;
  /** The class that it is built on, and if that was written in the world too, its capability and the version meant. */
  readonly base: string | null;
  readonly baseClass: AnyCap | null;
  readonly baseVersion: number;
  readonly uses: readonly UsedClass[];
  /** The version of each class that it is built on, and its own, by name. */
  readonly lineage: Readonly<Record<string, number>>;
}

/** What a class object keeps, also in its record. */
export interface ClassState {
  readonly name: string;
  readonly author: string;
  /** Everybody may build on it and create from it. */
  readonly open: boolean;
  readonly current: number;
  readonly versions: readonly ClassVersion[];
}
