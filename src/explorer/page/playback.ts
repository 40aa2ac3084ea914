/** What a playback moves. */
export interface Played {
  /** Seconds that the whole takes. */
  spanS(): number;
  /** Where it ends, and where it is, from 0. */
  length(): number;
  position(): number;
  goTo(position: number): void;
}

/** A button that lets time pass, and stops it. */
export class Playback {
  readonly #button: HTMLButtonElement;
  readonly #played: Played;
  readonly #name: string;
  #frame = 0;
  #beforeMs = 0;

  constructor(button: HTMLButtonElement, played: Played) {
    this.#button = button;
    this.#name = button.textContent ?? '';
    this.#played = played;
    button.addEventListener('click', () => this.toggle());
  }

  toggle(): void {
    if (this.#frame !== 0) this.stop();
    else this.#start();
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#button.textContent = this.#name;
  }

  #start(): void {
    // from the end, once more
    if (this.#played.position() >= this.#played.length()) this.#played.goTo(0);
    this.#button.textContent = 'Pause';
    this.#beforeMs = -1;
    this.#next();
  }

  #next(): void {
    this.#frame = requestAnimationFrame((nowMs) => {
      const passedMs = this.#beforeMs < 0 ? 0 : nowMs - this.#beforeMs;
      this.#beforeMs = nowMs;
      const length = this.#played.length();
      const position = this.#played.position() + (length * passedMs) / 1000 / this.#played.spanS();
      this.#played.goTo(Math.min(length, position));
      if (position >= length) this.stop();
      else this.#next();
    });
  }
}
