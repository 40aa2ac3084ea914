import { oneLine } from './one-line.ts';

const ITEMS_SHOWN_MAX = 8;

/** What could not be carried over, each kind of loss once, with the names that it concerns. */
export class Notes {
  readonly #items = new Map<string, string[]>();

  /** Things that share a sentence are listed behind it. */
  add(sentence: string, item?: string): void {
    const items = this.#items.get(sentence) ?? [];
    this.#items.set(sentence, items);
    if (item !== undefined && !items.includes(item)) items.push(item);
  }

  /** One line for each sentence, in the order in which they were first said. */
  lines(): string[] {
    return [...this.#items].map(([sentence, items]) => {
      if (items.length === 0) return sentence;
      const shown = items.slice(0, ITEMS_SHOWN_MAX).map(oneLine);
      const hidden = items.length - ITEMS_SHOWN_MAX;
      return `${sentence}: ${shown.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
    });
  }
}
