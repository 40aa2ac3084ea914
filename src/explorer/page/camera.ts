import type { Layout } from './layout.ts';
import { ZOOM_MAX } from './view-state.ts';

/** What of a layout is in the middle of the room, and how large: shares of its size, and times as large as to fit. */
export interface Camera {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}

/** From places of a layout to pixels: `place * scale + offset`. */
export interface Projection {
  readonly scale: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** Pixels that stay free around a drawing that fits. */
const MARGIN = 14;

/** How a camera shows a layout in a room. */
export function projectionOf({ width, height }: Layout, room: Room, { zoom, x, y }: Camera): Projection {
  const scale = fitScale(width, height, room) * zoom;
  return { scale, offsetX: room.width / 2 - x * width * scale, offsetY: room.height / 2 - y * height * scale };
}

function fitScale(width: number, height: number, room: Room): number {
  const inner = (length: number) => Math.max(1, length - 2 * MARGIN);
  return Math.min(inner(room.width) / width, inner(room.height) / height);
}

/** The camera moved so that what was at one pixel is `dx`, `dy` pixels on. */
export function panned(layout: Layout, room: Room, camera: Camera, dx: number, dy: number): Camera {
  const { scale } = projectionOf(layout, room, camera);
  return {
    zoom: camera.zoom,
    x: clampShare(camera.x - dx / (layout.width * scale)),
    y: clampShare(camera.y - dy / (layout.height * scale)),
  };
}

/** Enlarged by a factor around a pixel, which goes on showing what it shows. */
export function zoomed(layout: Layout, room: Room, camera: Camera, factor: number, px: number, py: number): Camera {
  const zoom = Math.min(ZOOM_MAX, Math.max(0.5, camera.zoom * factor));
  const before = projectionOf(layout, room, camera);
  const after = fitScale(layout.width, layout.height, room) * zoom;
  const x = (px - before.offsetX) / before.scale - (px - room.width / 2) / after;
  const y = (py - before.offsetY) / before.scale - (py - room.height / 2) / after;
  return { zoom, x: clampShare(x / layout.width), y: clampShare(y / layout.height) };
}

function clampShare(share: number): number {
  return Math.min(1, Math.max(0, share));
}
