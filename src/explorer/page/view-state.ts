import type { Traffic } from './link-loads.ts';

/** What the address of a page holds: all that is needed to see the same again. */
export interface ViewState {
  /** Keys of the runs that are shown; the second may be none. */
  readonly a: string | null;
  readonly b: string | null;
  readonly timeNs: number;
  readonly traffic: Traffic;
  /** The node that is looked at. */
  readonly node: string | null;
  /** Of the drawing: how many times as large as to fit, and what is in the middle, as shares of width and height. */
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
  /** The trace that is followed, and how far, in nanoseconds from its start. */
  readonly trace: number | null;
  readonly waveNs: number;
}

export const START: ViewState = {
  a: null,
  b: null,
  timeNs: 0,
  traffic: 'all',
  node: null,
  zoom: 1,
  x: 0.5,
  y: 0.5,
  trace: null,
  waveNs: 0,
};

export const ZOOM_MAX = 400;

/** The part of an address behind `#`, without it. Only what differs from the start is named. */
export function toHash(view: ViewState): string {
  const parameters = new URLSearchParams();
  const add = (name: string, value: string | number | null, start: string | number | null) => {
    if (value !== null && value !== start) parameters.set(name, String(value));
  };
  add('a', view.a, START.a);
  add('b', view.b, START.b);
  add('t', view.timeNs, START.timeNs);
  add('traffic', view.traffic, START.traffic);
  add('node', view.node, START.node);
  add('zoom', rounded(view.zoom), START.zoom);
  add('x', rounded(view.x), START.x);
  add('y', rounded(view.y), START.y);
  add('trace', view.trace, START.trace);
  add('wave', view.waveNs, START.waveNs);
  return parameters.toString();
}

/** What an address says; whatever it does not say, or says wrongly, is as at the start. */
export function fromHash(hash: string): ViewState {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const number = (name: string, start: number, least: number, most: number) => {
    const text = parameters.get(name);
    const value = Number(text);
    return text === null || text === '' || !Number.isFinite(value) ? start : Math.min(most, Math.max(least, value));
  };
  const trace = number('trace', -1, -1, Number.MAX_SAFE_INTEGER);
  return {
    a: parameters.get('a'),
    b: parameters.get('b'),
    timeNs: number('t', START.timeNs, 0, Number.MAX_SAFE_INTEGER),
    traffic: parameters.get('traffic') === 'flooded' ? 'flooded' : 'all',
    node: parameters.get('node'),
    zoom: number('zoom', START.zoom, 0.5, ZOOM_MAX),
    x: number('x', START.x, 0, 1),
    y: number('y', START.y, 0, 1),
    trace: trace < 0 ? null : Math.floor(trace),
    waveNs: number('wave', START.waveNs, 0, Number.MAX_SAFE_INTEGER),
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
