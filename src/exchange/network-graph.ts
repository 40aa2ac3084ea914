import type { Notes } from './notes.ts';

/** A network as a drawing tool or a lab sees it: things and the links between them. */
export interface NetworkGraph {
  /** What the file calls it; may be empty. */
  readonly name: string;
  readonly nodes: readonly NetworkNode[];
  readonly links: readonly NetworkLink[];
}

export interface NetworkNode {
  /** Unique in the file; links name it. */
  readonly id: string;
  /** What people call it; the id where the file has no other name. */
  readonly name: string;
  /** What the file says that it is, the most telling word first: a role, a group, a function. */
  readonly hints: readonly string[];
  /** What its kind says, where that tells hosts from switches. */
  readonly isHost?: boolean;
  /** Degrees. */
  readonly place?: { readonly latitude: number; readonly longitude: number };
  /** IEEE 802.1D-2004, 9.2.5. */
  readonly stpPriority?: number;
  readonly mac?: string;
}

/** A cable. Undirected; what the file does not say is absent. */
export interface NetworkLink {
  readonly a: string;
  readonly b: string;
  readonly rateBitsPerSec?: number;
  /** Propagation, one way. */
  readonly delayNs?: number;
  /** Spanning-tree port path cost of both ends. */
  readonly cost?: number;
}

/** A text in some format. */
export interface Source {
  readonly text: string;
  /** What messages call it. */
  readonly file: string;
  readonly notes: Notes;
}
