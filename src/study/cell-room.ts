/** What a cell asks for that is to be alone. */
export const ALONE = Number.POSITIVE_INFINITY;

/** Room for cells: so many at a time, which need no more memory together than there is. Who comes first enters first. */
export class CellRoom {
  readonly #jobs: number;
  readonly #memoryBytes: number;
  readonly #waiting: { readonly bytes: number; readonly enter: () => void }[] = [];
  #inside = 0;
  #usedBytes = 0;

  constructor({ jobs, memoryBytes }: { readonly jobs: number; readonly memoryBytes: number }) {
    this.#jobs = jobs;
    this.#memoryBytes = memoryBytes;
  }

  /** Settles when there is room for so many bytes, with what gives it back, once. What is too large for any room is alone. */
  async enter(bytes: number): Promise<() => void> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ bytes, enter });
      this.#admit();
    });
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      this.#inside--;
      // what was alone leaves nothing, and infinity minus itself would be no number
      this.#usedBytes = this.#inside === 0 ? 0 : this.#usedBytes - bytes;
      this.#admit();
    };
  }

  /** Settles when all who came before have left. */
  async emptied(): Promise<void> {
    const leave = await this.enter(ALONE);
    leave();
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inside++;
      this.#usedBytes += next.bytes;
      next.enter();
    }
  }

  #hasRoom(bytes: number): boolean {
    return this.#inside === 0 || (this.#inside < this.#jobs && this.#usedBytes + bytes <= this.#memoryBytes);
  }
}
