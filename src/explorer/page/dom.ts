/** The element of the page with this id. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** Fills a choice with names. Text is only ever text. */
export function fillSelect(select: HTMLSelectElement, choices: readonly { value: string; text: string }[]): void {
  select.replaceChildren(
    ...choices.map(({ value, text }) => {
      const option = document.createElement('option');
      option.value = value;
      option.textContent = text;
      return option;
    }),
  );
}

/** A cell of a table: text, a number that is aligned as one, or a button that does something. */
export type CellContent = string | number | { readonly text: string; readonly click: () => void };

/** What a table shows. */
export interface DataTable {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly cells: readonly CellContent[]; readonly isCurrent?: boolean }[];
}

/** Replaces what is in `place` by a table that can be scrolled, by keys too. */
export function showTable(place: HTMLElement, { caption, columns, rows }: DataTable): void {
  const before = place.querySelector('.scroll');
  const [left, top] = [before?.scrollLeft ?? 0, before?.scrollTop ?? 0];
  const focused = place.contains(document.activeElement) ? document.activeElement?.textContent : undefined;
  const table = document.createElement('table');
  table.className = 'data';
  table.createCaption().textContent = caption;
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = column;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { cells, isCurrent = false } of rows) {
    const row = body.insertRow();
    if (isCurrent) row.className = 'current';
    for (const content of cells) fillCell(row.insertCell(), content);
  }
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  scroll.tabIndex = 0;
  scroll.role = 'region';
  scroll.ariaLabel = caption;
  scroll.append(table);
  place.replaceChildren(scroll);
  scroll.scrollTo(left, top);
  if (focused === undefined) return;
  const buttons = [...scroll.querySelectorAll('button')];
  (buttons.find(({ textContent }) => textContent === focused) ?? scroll).focus({ preventScroll: true });
}

function fillCell(cell: HTMLTableCellElement, content: CellContent): void {
  if (typeof content === 'object') {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'name';
    button.textContent = content.text;
    button.addEventListener('click', content.click);
    cell.append(button);
    return;
  }
  if (typeof content === 'number') {
    cell.className = 'number';
    cell.textContent = content.toLocaleString('en-US', { maximumFractionDigits: 20 });
    return;
  }
  cell.textContent = content;
}
