import { type Camera, type Projection, panned, projectionOf, type Room, zoomed } from './camera.ts';
import { boxOf, drawFabric, isLineDrawn, lineOf, type Paper, pointOn, type Scene } from './draw-fabric.ts';
import type { Palette } from './palette.ts';

/** What a view tells. */
export interface ViewEvents {
  /** Somebody moved or enlarged the drawing. */
  moved(camera: Camera): void;
  /** Somebody chose a node by its index, or with -1 nothing. */
  chose(node: number): void;
  /** What is under the pointer, or null. */
  pointedAt(thing: { readonly node: number } | { readonly link: number } | null, x: number, y: number): void;
}

/** How much of the room is drawn beyond each of its edges, for when it is moved. */
const MARGIN_SHARE = 0.25;
/** A drawing that is being moved is drawn anew when it has been still for so long. */
const SETTLE_MS = 120;

/** A scene as it was drawn, with a margin. */
interface Drawn {
  readonly scene: Scene;
  readonly palette: Palette;
  readonly ratio: number;
  readonly room: Room;
  readonly projection: Projection;
}

/** A scene on a canvas that can be moved, enlarged and chosen from, by pointer, wheel, fingers and keys. */
export class FabricView {
  readonly canvas: HTMLCanvasElement;
  readonly #events: ViewEvents;
  readonly #context: CanvasRenderingContext2D;
  /** Draws over the scene, on every frame. */
  overlay: ((paper: Paper, scene: Scene) => void) | null = null;
  #scene: Scene | null = null;
  #camera: Camera = { zoom: 1, x: 0.5, y: 0.5 };
  #palette: Palette;
  #room: Room = { width: 1, height: 1 };
  #frame = 0;
  // the scene without what is drawn over it: while it is moved, its picture is
  readonly #picture = document.createElement('canvas');
  readonly #pictureContext = this.#picture.getContext('2d', { alpha: false })!;
  #drawn: Drawn | null = null;
  #isMoving = false;
  #settleTimer = 0;
  // fingers and buttons that are down, by pointer
  readonly #pointers = new Map<number, { x: number; y: number }>();
  #travelled = 0;

  constructor(canvas: HTMLCanvasElement, palette: Palette, events: ViewEvents) {
    this.canvas = canvas;
    this.#palette = palette;
    this.#events = events;
    this.#context = canvas.getContext('2d', { alpha: false })!;
    this.#listen();
  }

  /** Width by height of the room for the drawing. */
  get aspect(): number {
    const { clientWidth, clientHeight } = this.canvas;
    return Math.max(1, clientWidth) / Math.max(1, clientHeight);
  }

  show(scene: Scene): void {
    this.#scene = scene;
    this.draw();
  }

  setCamera(camera: Camera): void {
    this.#camera = camera;
    // of a drawing that fits, a finger moves the page up and down
    this.canvas.style.touchAction = camera.zoom > 1 ? 'none' : 'pan-y';
    this.draw();
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.draw();
  }

  /** Draws with the next frame. */
  draw(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#drawNow());
  }

  /** Enlarges around the middle. */
  zoom(factor: number): void {
    if (this.#scene === null) return;
    const { width, height } = this.#room;
    this.#move(zoomed(this.#scene.layout, this.#room, this.#camera, factor, width / 2, height / 2));
  }

  /** Moves what is seen by so many pixels. */
  pan(dx: number, dy: number): void {
    if (this.#scene !== null) this.#move(panned(this.#scene.layout, this.#room, this.#camera, dx, dy));
  }

  /** Shows all of it. */
  fit(): void {
    this.#move({ zoom: 1, x: 0.5, y: 0.5 });
  }

  #drawNow(): void {
    this.#frame = 0;
    if (this.#scene === null) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    // it has left the page, or has no room yet
    if (width === 0 || height === 0) return;
    this.#room = { width, height };
    const [pixelWidth, pixelHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) {
      this.canvas.width = pixelWidth;
      this.canvas.height = pixelHeight;
    }
    const projection = this.#projection(this.#scene);
    if (!this.#canMovePicture(ratio, projection)) this.#drawPicture(this.#scene, ratio, projection);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#showPicture(projection);
    const paper: Paper = { context: this.#context, room: this.#room, projection, palette: this.#palette };
    this.overlay?.(paper, this.#scene);
  }

  /** Whether the picture still shows what is wanted, though from another place while the drawing is moved. */
  #canMovePicture(ratio: number, { scale, offsetX, offsetY }: Projection): boolean {
    const drawn = this.#drawn;
    if (drawn === null || drawn.scene !== this.#scene || drawn.palette !== this.#palette || drawn.ratio !== ratio)
      return false;
    const { width, height } = this.#room;
    if (drawn.room.width !== width || drawn.room.height !== height) return false;
    const { projection } = drawn;
    const isStill = projection.scale === scale && projection.offsetX === offsetX && projection.offsetY === offsetY;
    if (isStill || !this.#isMoving) return isStill;
    const growth = scale / projection.scale;
    const left = offsetX - (projection.offsetX + width * MARGIN_SHARE) * growth;
    const top = offsetY - (projection.offsetY + height * MARGIN_SHARE) * growth;
    const [pictureWidth, pictureHeight] = [width, height].map((length) => length * (1 + 2 * MARGIN_SHARE) * growth);
    // beyond the picture's edges there is nothing if it shows all of the fabric
    const showsAll = this.#camera.zoom <= 1;
    const covers = left <= 0 && top <= 0 && left + pictureWidth! >= width && top + pictureHeight! >= height;
    return growth < 2 && growth > 0.5 && (covers || showsAll);
  }

  #drawPicture(scene: Scene, ratio: number, projection: Projection): void {
    const { width, height } = this.#room;
    const [marginX, marginY] = [width * MARGIN_SHARE, height * MARGIN_SHARE];
    const room = { width: width + 2 * marginX, height: height + 2 * marginY };
    this.#picture.width = Math.round(room.width * ratio);
    this.#picture.height = Math.round(room.height * ratio);
    this.#pictureContext.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { scale, offsetX, offsetY } = projection;
    const shifted = { scale, offsetX: offsetX + marginX, offsetY: offsetY + marginY };
    drawFabric({ context: this.#pictureContext, room, projection: shifted, palette: this.#palette }, scene);
    this.#drawn = { scene, palette: this.#palette, ratio, room: this.#room, projection };
  }

  #showPicture({ scale, offsetX, offsetY }: Projection): void {
    const { projection, room } = this.#drawn!;
    const growth = scale / projection.scale;
    const [width, height] = [
      room.width * (1 + 2 * MARGIN_SHARE) * growth,
      room.height * (1 + 2 * MARGIN_SHARE) * growth,
    ];
    const left = offsetX - (projection.offsetX + room.width * MARGIN_SHARE) * growth;
    const top = offsetY - (projection.offsetY + room.height * MARGIN_SHARE) * growth;
    this.#context.fillStyle = this.#palette.paper;
    this.#context.fillRect(0, 0, this.#room.width, this.#room.height);
    this.#context.drawImage(this.#picture, left, top, width, height);
  }

  #projection({ layout }: Scene): Projection {
    return projectionOf(layout, this.#room, this.#camera);
  }

  #move(camera: Camera): void {
    this.moveTo(camera);
    this.#events.moved(camera);
  }

  /** Shows another place, as one of many on a way: with the picture that there is, as long as that will do. */
  moveTo(camera: Camera): void {
    this.#isMoving = true;
    globalThis.clearTimeout(this.#settleTimer);
    this.#settleTimer = globalThis.setTimeout(() => {
      this.#isMoving = false;
      this.draw();
    }, SETTLE_MS);
    this.setCamera(camera);
  }

  #listen(): void {
    const { canvas } = this;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#moved(event));
    canvas.addEventListener('pointerup', (event) => this.#up(event));
    canvas.addEventListener('pointercancel', (event) => this.#pointers.delete(event.pointerId));
    canvas.addEventListener('pointerleave', () => this.#events.pointedAt(null, 0, 0));
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  #down(event: PointerEvent): void {
    this.canvas.setPointerCapture(event.pointerId);
    if (this.#pointers.size === 0) this.#travelled = 0;
    this.#pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  }

  #moved(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    const [x, y] = [event.offsetX, event.offsetY];
    if (this.#scene === null) return;
    if (before === undefined) {
      this.#events.pointedAt(this.#thingAt(x, y), x, y);
      return;
    }
    const [dx, dy] = [x - before.x, y - before.y];
    this.#travelled += Math.abs(dx) + Math.abs(dy);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other !== undefined) {
      const distance = (from: { x: number; y: number }) => Math.hypot(from.x - other.x, from.y - other.y);
      const factor = Math.max(1, distance({ x, y })) / Math.max(1, distance(before));
      const [px, py] = [(x + other.x) / 2, (y + other.y) / 2];
      this.#move(zoomed(this.#scene.layout, this.#room, this.#camera, factor, px, py));
      this.#move(panned(this.#scene.layout, this.#room, this.#camera, dx / 2, dy / 2));
    } else if (this.#travelled > 4) {
      this.#move(panned(this.#scene.layout, this.#room, this.#camera, dx, dy));
    }
    this.#pointers.set(event.pointerId, { x, y });
  }

  #up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    if (this.#travelled > 4 || this.#scene === null) return;
    const thing = this.#thingAt(event.offsetX, event.offsetY);
    this.#events.chose(thing !== null && 'node' in thing ? thing.node : -1);
  }

  #wheel(event: WheelEvent): void {
    if (this.#scene === null) return;
    event.preventDefault();
    const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015));
    this.#move(zoomed(this.#scene.layout, this.#room, this.#camera, factor, event.offsetX, event.offsetY));
  }

  #key(event: KeyboardEvent): void {
    const step = event.shiftKey ? 200 : 50;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => this.pan(step, 0),
      ArrowRight: () => this.pan(-step, 0),
      ArrowUp: () => this.pan(0, step),
      ArrowDown: () => this.pan(0, -step),
      '+': () => this.zoom(1.3),
      '=': () => this.zoom(1.3),
      '-': () => this.zoom(1 / 1.3),
      '0': () => this.fit(),
      n: () => this.#chooseNext(1),
      p: () => this.#chooseNext(-1),
      Escape: () => this.#events.chose(-1),
    };
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }

  /** The next switch, or the one before, in the order of the table. */
  #chooseNext(step: number): void {
    if (this.#scene === null) return;
    const { nodeTiers } = this.#scene.graph;
    const count = nodeTiers.length;
    let node = this.#scene.selected;
    for (let tries = 0; tries < count; tries++) {
      node = node < 0 ? (step > 0 ? 0 : count - 1) : (node + step + count) % count;
      if (nodeTiers[node] !== 'server') break;
    }
    this.#events.chose(node);
  }

  #thingAt(x: number, y: number): { node: number } | { link: number } | null {
    const scene = this.#scene!;
    const projection = this.#projection(scene);
    let best: { node: number; distance: number } | null = null;
    for (let node = 0; node < scene.graph.nodeNames.length; node++) {
      const { left, top, width, height } = boxOf(scene.layout, projection, node);
      const dx = Math.max(left - x, 0, x - left - width);
      const dy = Math.max(top - y, 0, y - top - height);
      // a box of a pixel can be hit all the same
      const distance = Math.hypot(dx, dy);
      if (distance < 5 && (best === null || distance < best.distance)) best = { node, distance };
    }
    if (best !== null) return { node: best.node };
    const link = nearestLink(scene, projection, x, y);
    return link < 0 ? null : { link };
  }
}

/** The link whose line is nearest, if it is within a few pixels; -1 if none is. */
function nearestLink(scene: Scene, projection: Projection, x: number, y: number): number {
  let nearest = -1;
  let least = 5;
  for (let link = 0; link < scene.graph.linkNames.length; link++) {
    if (!isLineDrawn(scene, projection, link)) continue;
    const line = lineOf(scene, projection, link);
    const [lengthX, lengthY] = [line.x2 - line.x1, line.y2 - line.y1];
    const length = lengthX ** 2 + lengthY ** 2;
    if (length === 0) continue;
    const share = Math.min(1, Math.max(0, ((x - line.x1) * lengthX + (y - line.y1) * lengthY) / length));
    const at = pointOn(line, share);
    const distance = Math.hypot(x - at.x, y - at.y);
    if (distance < least) {
      least = distance;
      nearest = link;
    }
  }
  return nearest;
}
