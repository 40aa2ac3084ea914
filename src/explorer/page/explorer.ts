import { formatDuration } from '../../units.ts';
import type { Camera } from './camera.ts';
import type { Catalogue, CatalogueRun } from './catalogue.ts';
import type { DataSource } from './data-source.ts';
import { element, fillSelect } from './dom.ts';
import { drawWave } from './draw-wave.ts';
import { showLegend } from './legend.ts';
import { TRAFFIC, type Traffic } from './link-loads.ts';
import { currentPalette } from './palette.ts';
import { Pane, type PaneEvents } from './pane.ts';
import { ChosenNode, isOpen, showLinks, showMigrations, showSwitches } from './panels.ts';
import { Playback } from './playback.ts';
import { RunData } from './run-data.ts';
import { clockTime } from './text.ts';
import { lastNotAfter, unionOfTimes } from './time-blocks.ts';
import { fromHash, toHash, type ViewState } from './view-state.ts';
import { nameOf, showHops, showTraces } from './wave-panel.ts';
import { counterpart, stepAt, timeOfStep, type Wave } from './waves.ts';

/** How long a frame that is followed takes to play: so long for each step, within bounds. */
const WAVE_STEP_S = 0.4;
const WAVE_MIN_S = 3;
const WAVE_MAX_S = 12;

/** While a run plays, tables are filled this often. */
const TABLES_EVERY_MS = 250;

/** The whole page: which runs are shown, at which time, and what is chosen. */
export class Explorer {
  readonly #source: DataSource;
  readonly #catalogue: Catalogue;
  #view: ViewState;
  #panes: Pane[] = [];
  #timesNs: Float64Array = new Float64Array([0]);
  #palette = currentPalette();
  readonly #chosen = new ChosenNode();
  readonly #playback: Playback;
  readonly #wavePlayback: Playback;
  // when something happens to the frame that is followed, in any of the fabrics; and the frame, by pane
  #waveSteps: Float64Array = new Float64Array([0]);
  #waves: (Wave | null)[] = [];
  #legend = '';
  // counts choices of runs: what was asked for an earlier one is dropped when it comes
  #choice = 0;
  #tablesAtMs = Number.NEGATIVE_INFINITY;
  #tablesTimer = 0;
  #hashTimer = 0;

  constructor(source: DataSource, catalogue: Catalogue) {
    this.#source = source;
    this.#catalogue = catalogue;
    this.#view = withRuns(fromHash(location.hash), catalogue);
    this.#playback = new Playback(element<HTMLButtonElement>('play'), {
      spanS: () => Number(element<HTMLSelectElement>('speed').value),
      length: () => this.#timesNs.at(-1)!,
      position: () => this.#view.timeNs,
      goTo: (timeNs) => this.#set({ timeNs: Math.round(timeNs) }),
    });
    this.#wavePlayback = new Playback(element<HTMLButtonElement>('wave-play'), {
      spanS: () => Math.min(WAVE_MAX_S, Math.max(WAVE_MIN_S, this.#waveSteps.length * WAVE_STEP_S)),
      length: () => this.#waveSteps.length - 1,
      position: () => stepAt(this.#waveSteps, this.#view.waveNs),
      goTo: (position) => this.#set({ waveNs: timeOfStep(this.#waveSteps, position) }),
    });
    this.#listen();
  }

  /** Opens the runs that the address names. */
  async start(): Promise<void> {
    const names = (run: CatalogueRun) => ({ value: run.key, text: nameOfRun(run) });
    const { runs } = this.#catalogue;
    fillSelect(element('run-a'), runs.map(names));
    fillSelect(element('run-b'), [{ value: '', text: 'none' }, ...runs.map(names)]);
    fillSelect(
      element('traffic'),
      Object.entries(TRAFFIC).map(([value, text]) => ({ value, text })),
    );
    await this.#openRuns();
  }

  async #openRuns(): Promise<void> {
    const choice = ++this.#choice;
    const keys = [this.#view.a, this.#view.b].filter((key) => key !== null);
    const indices = keys.map((key) => this.#catalogue.runs.findIndex((run) => run.key === key));
    const runs = await Promise.all(
      indices.map((index) => RunData.open(this.#source, this.#catalogue.runs[index]!, index)),
    );
    if (choice !== this.#choice) return;
    this.#panes = runs.map((run) => new Pane(run, this.#palette, this.#paneEvents()));
    element('panes').replaceChildren(...this.#panes.map(({ figure }) => figure));
    element('title').textContent = this.#panes[0]!.data.run.title || 'dcfabric explorer';
    document.title = `${this.#panes[0]!.data.run.title} – dcfabric explorer`;
    fillSelect(
      element('table-run'),
      runs.map(({ run }, index) => ({ value: String(index), text: run.fabric })),
    );
    element<HTMLSelectElement>('run-a').value = this.#view.a!;
    element<HTMLSelectElement>('run-b').value = this.#view.b ?? '';
    for (const { view } of this.#panes) view.setCamera(this.#camera);
    this.#render();
    requestAnimationFrame(() => performance.mark('fabric drawn'));
    await Promise.all(runs.map((run) => run.readRest(() => choice === this.#choice && this.#dataCame())));
    if (choice !== this.#choice) return;
    // an address may name a time that the run did not reach
    if (this.#view.timeNs > this.#timesNs.at(-1)!) {
      this.#set({ timeNs: this.#timesNs.at(-1)! });
      this.#renderTables();
    }
    document.body.dataset.ready = 'true';
  }

  #dataCame(): void {
    this.#timesNs = unionOfTimes(this.#panes.map(({ data }) => data.timesNs));
    const slider = element<HTMLInputElement>('time');
    slider.max = String(this.#timesNs.length - 1);
    this.#tablesAtMs = Number.NEGATIVE_INFINITY;
    this.#render();
  }

  get #camera(): Camera {
    const { zoom, x, y } = this.#view;
    return { zoom, x, y };
  }

  #paneEvents(): PaneEvents {
    return {
      moved: (camera) => {
        this.#view = { ...this.#view, ...camera };
        for (const { view } of this.#panes) view.moveTo(camera);
        this.#keepAddress();
      },
      chose: (node) => this.#set({ node }),
      tip: (text, x, y) => showTip(text, x, y),
    };
  }

  #set(change: Partial<ViewState>): void {
    this.#view = { ...this.#view, ...change };
    this.#render();
    this.#keepAddress();
  }

  #render(): void {
    const { timeNs, traffic, node } = this.#view;
    this.#followWave();
    const mostWithoutLimit = Math.max(0, ...this.#panes.map(({ data }) => data.fills?.mostWithoutLimit ?? 0));
    for (const pane of this.#panes) pane.show({ timeNs, traffic, node, mostWithoutLimit });
    element<HTMLSelectElement>('traffic').value = traffic;
    const slider = element<HTMLInputElement>('time');
    const isWarmingUp = this.#panes.some(({ data }) => timeNs < data.run.warmUpNs);
    const text = `${clockTime(timeNs)}${isWarmingUp ? ' (warm-up)' : ''}`;
    slider.value = String(Math.max(0, lastNotAfter(this.#timesNs, timeNs)));
    slider.setAttribute('aria-valuetext', text);
    element<HTMLOutputElement>('now').value = text;
    this.#renderTablesSoon();
  }

  /** Finds the frame that the address names, and its counterpart in the other fabric; draws them over the fabrics. */
  #followWave(): void {
    const { trace, waveNs } = this.#view;
    const [first, second] = this.#panes.map(({ data }) => data.waves);
    const wave = trace === null ? null : (first?.find((one) => one.trace === trace) ?? null);
    const beside = wave === null || !first || !second ? null : counterpart(wave, first, second);
    this.#waves = [wave, beside];
    this.#waveSteps = unionOfTimes([[0], ...this.#waves.map((one) => one?.stepsNs ?? [])]);
    for (const [index, { view }] of this.#panes.entries()) {
      const shown = this.#waves[index] ?? null;
      view.overlay = shown === null ? null : (paper, scene) => drawWave(paper, scene, shown, waveNs);
    }
    element('wave-transport').hidden = wave === null;
    this.#showLegend();
    if (wave === null) return;
    const slider = element<HTMLInputElement>('wave-time');
    const text = `${nameOf(wave)}: ${formatDuration(waveNs)}`;
    slider.max = String(this.#waveSteps.length - 1);
    slider.value = String(Math.floor(stepAt(this.#waveSteps, waveNs)));
    slider.setAttribute('aria-valuetext', `${formatDuration(waveNs)} after it was sent`);
    element<HTMLOutputElement>('wave-now').value = text;
  }

  /** Anew only if what it is about has changed. */
  #showLegend(): void {
    const isFollowing = (this.#waves[0] ?? null) !== null;
    const key = `${this.#palette.paper} ${isFollowing}`;
    if (key === this.#legend) return;
    this.#legend = key;
    showLegend(element('legend'), this.#palette, isFollowing);
  }

  /** Goes to the next moment at which something happens to the frame that is followed, or to the one before. */
  #hop(by: number): void {
    if (this.#waves[0] === null) return;
    this.#wavePlayback.stop();
    const position = stepAt(this.#waveSteps, this.#view.waveNs);
    const step = by > 0 ? Math.floor(position) + 1 : Math.ceil(position) - 1;
    this.#set({ waveNs: timeOfStep(this.#waveSteps, Math.min(this.#waveSteps.length - 1, Math.max(0, step))) });
  }

  /** Fills the tables now, or if that was done a moment ago, soon. */
  #renderTablesSoon(): void {
    const nowMs = document.timeline.currentTime as number;
    if (nowMs - this.#tablesAtMs >= TABLES_EVERY_MS) {
      this.#renderTables();
    } else if (this.#tablesTimer === 0) {
      this.#tablesTimer = globalThis.setTimeout(() => this.#renderTables(), TABLES_EVERY_MS);
    }
  }

  #renderTables(): void {
    globalThis.clearTimeout(this.#tablesTimer);
    this.#tablesTimer = 0;
    this.#tablesAtMs = document.timeline.currentTime as number;
    const { timeNs, node } = this.#view;
    if (isOpen('selected')) this.#chosen.show(this.#panes, node, timeNs, this.#palette);
    const pane = this.#panes[Number(element<HTMLSelectElement>('table-run').value)] ?? this.#panes[0];
    if (pane === undefined) return;
    if (isOpen('traces') && this.#panes[0] !== undefined) {
      showTraces(this.#panes[0], this.#view.trace, ({ trace, startNs }) =>
        this.#set({ trace, waveNs: 0, timeNs: startNs }),
      );
      const which = this.#panes.indexOf(pane);
      showHops(pane, this.#waves[which] ?? null, this.#view.waveNs);
    }
    if (isOpen('switches')) showSwitches(pane, timeNs, (name) => this.#set({ node: name }));
    if (isOpen('links')) showLinks(pane, timeNs);
    if (isOpen('migrations')) showMigrations(pane, timeNs, (to) => this.#set({ timeNs: to }));
  }

  /** The address follows what is seen, without an entry in the history for each step of it. */
  #keepAddress(): void {
    if (this.#hashTimer !== 0) return;
    this.#hashTimer = globalThis.setTimeout(() => {
      this.#hashTimer = 0;
      history.replaceState(null, '', `#${toHash(this.#view)}`);
    }, 200);
  }

  #step(by: number): void {
    const index = lastNotAfter(this.#timesNs, this.#view.timeNs) + by;
    this.#set({ timeNs: this.#timesNs[Math.min(this.#timesNs.length - 1, Math.max(0, index))]! });
  }

  #listen(): void {
    const onChange = (id: string, act: (value: string) => void) => {
      element(id).addEventListener('change', (event) => act((event.target as HTMLSelectElement).value));
    };
    onChange('run-a', (a) => this.#choose({ a }));
    onChange('run-b', (b) => this.#choose({ b: b === '' ? null : b }));
    onChange('traffic', (traffic) => this.#set({ traffic: traffic as Traffic }));
    onChange('theme', (theme) => this.#setTheme(theme));
    onChange('table-run', () => this.#renderTables());
    element('time').addEventListener('input', (event) => {
      this.#set({ timeNs: this.#timesNs[Number((event.target as HTMLInputElement).value)]! });
    });
    element('wave-time').addEventListener('input', (event) => {
      const position = Number((event.target as HTMLInputElement).value);
      this.#set({ waveNs: timeOfStep(this.#waveSteps, position) });
    });
    element('hop-back').addEventListener('click', () => this.#hop(-1));
    element('hop-on').addEventListener('click', () => this.#hop(1));
    element('wave-end').addEventListener('click', () => {
      this.#wavePlayback.stop();
      this.#set({ trace: null, waveNs: 0 });
    });
    for (const id of ['selected', 'switches', 'links', 'migrations', 'traces']) {
      element(id).addEventListener('toggle', () => this.#renderTables());
    }
    for (const id of ['switches-filter', 'links-filter']) {
      element(id).addEventListener('input', () => this.#renderTables());
    }
    element('keys').addEventListener('click', () => toggle(element('keys'), element('keys-help')));
    document.addEventListener('keydown', (event) => this.#key(event));
    globalThis.addEventListener('hashchange', () => this.#followAddress());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paletteChanged());
    globalThis.addEventListener('resize', () => this.#render());
  }

  #key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, select, textarea')) return;
    if (event.key === ' ' && !target.matches('button, summary')) this.#playback.toggle();
    else if (event.key === ',') this.#step(-1);
    else if (event.key === '.') this.#step(1);
    else if (event.key === '[') this.#hop(-1);
    else if (event.key === ']') this.#hop(1);
    else return;
    event.preventDefault();
  }

  #choose(change: Partial<ViewState>): void {
    this.#view = { ...this.#view, ...change };
    this.#keepAddress();
    this.#openRuns().catch(showProblem);
  }

  #followAddress(): void {
    const before = this.#view;
    this.#view = withRuns(fromHash(location.hash), this.#catalogue);
    for (const { view } of this.#panes) view.setCamera(this.#camera);
    if (before.a !== this.#view.a || before.b !== this.#view.b) this.#openRuns().catch(showProblem);
    else this.#render();
  }

  #setTheme(theme: string): void {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    this.#paletteChanged();
  }

  #paletteChanged(): void {
    this.#palette = currentPalette();
    for (const { view } of this.#panes) view.setPalette(this.#palette);
    this.#showLegend();
    this.#renderTables();
  }
}

/** A run in a list: its folder, and where that does not say it, what it is. */
function nameOfRun({ key, fabric, seed, parameters, isComplete }: CatalogueRun): string {
  const point = parameters === '' ? '' : `${parameters}, `;
  const name = key.endsWith(`${fabric}-seed${seed}`) ? key : `${point}${fabric}, seed ${seed}: ${key}`;
  return isComplete ? name : `${name} (interrupted)`;
}

/** Says on the page what went wrong. */
export function showProblem(problem: unknown): void {
  element('message').textContent = problem instanceof Error ? problem.message : String(problem);
}

/** The view with runs that there are: those it names, else the first, and beside it another fabric at the same point of the same scenario. */
function withRuns(view: ViewState, { runs }: Catalogue): ViewState {
  const named = (key: string | null) => runs.find((run) => run.key === key) ?? null;
  const a = named(view.a) ?? runs[0]!;
  if (view.a !== null) return { ...view, a: a.key, b: named(view.b)?.key ?? null };
  const isLike = (one: CatalogueRun) => one.title === a.title && one.seed === a.seed && one.parameters === a.parameters;
  const b = runs.find((one) => isLike(one) && one.fabric !== a.fabric);
  return { ...view, a: a.key, b: b?.key ?? null };
}

function toggle(button: HTMLElement, shown: HTMLElement): void {
  shown.hidden = !shown.hidden;
  button.setAttribute('aria-expanded', String(!shown.hidden));
}

function showTip(text: string | null, x: number, y: number): void {
  const tip = element('tip');
  tip.hidden = text === null;
  if (text === null) return;
  tip.textContent = text;
  tip.style.left = `${Math.min(x + 12, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${Math.min(y + 12, innerHeight - tip.offsetHeight - 8)}px`;
}
