/**
 * What the page does beyond being read: values under the pointer or the arrow keys, and fabrics that can be hidden. It
 * reads what stands in the page, brings no data of its own, and the page is whole without it.
 */
export const PAGE_SCRIPT = `
(() => {
  'use strict';
  const tip = document.getElementById('tip');
  const hide = () => { tip.hidden = true; for (const at of document.querySelectorAll('.at')) at.classList.remove('at'); for (const line of document.querySelectorAll('.cursor')) line.remove(); };
  const show = (text, x, y) => {
    if (tip.textContent !== text) tip.textContent = text;
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = Math.max(6, Math.min(x + 14, innerWidth - width - 6)) + 'px';
    tip.style.top = (y + 18 + height > innerHeight ? Math.max(6, y - height - 14) : y + 18) + 'px';
  };

  for (const button of document.querySelectorAll('button[data-fabric]')) {
    button.addEventListener('click', () => {
      const isHidden = document.documentElement.classList.toggle('hide-' + button.dataset.fabric);
      for (const other of document.querySelectorAll('button[data-fabric="' + button.dataset.fabric + '"]')) other.setAttribute('aria-pressed', String(!isHidden));
      hide();
    });
  }

  // curves over time: what stands in the row of the table at this time
  const overTime = (drawing) => {
    const svg = drawing.querySelector('svg');
    const [from, to] = svg.dataset.domain.split(' ').map(Number);
    const [left, right] = svg.dataset.range.split(' ').map(Number);
    const table = document.getElementById(drawing.dataset.table);
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows];
    const times = rows.map((row) => Number(row.dataset.time));
    const columns = drawing.dataset.columns.split(' ').map(Number);
    let current = -1;
    const at = (index, event) => {
      hide();
      current = index;
      const x = left + ((times[index] - from) / (to - from)) * (right - left);
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
      const height = svg.viewBox.baseVal.height;
      for (const [name, value] of Object.entries({ x1: x, x2: x, y1: 22, y2: height - 38, class: 'cursor' })) line.setAttribute(name, value);
      svg.append(line);
      const box = svg.getBoundingClientRect();
      const cells = rows[index].cells;
      const text = [cells[0].textContent, ...columns.map((column) => names[column] + ': ' + cells[column].textContent)].join('\\n');
      show(text, event ? event.clientX : box.left + (x / svg.viewBox.baseVal.width) * box.width, event ? event.clientY : box.top + 40);
    };
    drawing.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
      const time = from + ((x - left) / (right - left)) * (to - from);
      const index = times.findIndex((one) => one >= time);
      if (x < left - 8 || x > right + 8) hide(); else at(index < 0 ? times.length - 1 : index, event);
    });
    return { count: () => times.length, current: () => current, at };
  };

  // marks that each have their own words
  const ofMarks = (drawing) => {
    const marks = [...drawing.querySelectorAll('.marks > *')].filter((mark) => mark.querySelector('title'));
    const words = new Map();
    for (const mark of marks) { const title = mark.querySelector('title'); words.set(mark, title.textContent); title.remove(); }
    let current = -1;
    const at = (index, event) => {
      hide();
      current = index;
      const mark = marks[index];
      mark.classList.add('at');
      const box = mark.getBoundingClientRect();
      show(words.get(mark), event ? event.clientX : box.left + box.width / 2, event ? event.clientY : box.bottom - 12);
    };
    drawing.addEventListener('pointermove', (event) => {
      const index = marks.indexOf(event.target);
      if (index < 0) hide(); else at(index, event);
    });
    return { count: () => marks.length, current: () => current, at };
  };

  for (const drawing of document.querySelectorAll('.drawing')) {
    const reader = drawing.dataset.columns ? overTime(drawing) : ofMarks(drawing);
    if (reader.count() === 0) continue;
    drawing.addEventListener('pointerleave', hide);
    drawing.addEventListener('blur', hide);
    drawing.addEventListener('keydown', (event) => {
      const last = reader.count() - 1;
      const current = reader.current();
      const next = { ArrowRight: Math.min(last, current + 1), ArrowLeft: Math.max(0, current - 1), Home: 0, End: last }[event.key];
      if (event.key === 'Escape') hide();
      if (next === undefined) return;
      event.preventDefault();
      reader.at(next, null);
    });
  }
})();
`;
