import { describe, expect, it } from 'vitest';
import { drawWorstMigrations } from '../../src/report/draw-worst-migrations.ts';
import { createDrawing } from '../../src/report/drawing.ts';
import { seconds } from '../../src/units.ts';

describe('the drawing of the worst migration', () => {
  it.each([358, 508])('of %d pixels has room for what is said of an outage that is not over', async (width) => {
    const migration = {
      ...{ vm: 'vm1', from_server: 'server1', to_server: 'server2' },
      ...{
        start_ns: 0,
        pause_ns: seconds(4),
        resume_ns: seconds(4.1),
        outage_ns: seconds(39.9),
        is_outage_over: false,
      },
      ...{ first_announced_ns: null, last_announced_ns: null, first_delivery_ns: null },
      ...{ half_right_ns: null, all_right_ns: null, still_wrong_tables: 0 },
    };
    const figure = drawWorstMigrations(await createDrawing(), { fabrics: ['tree'], migrations: [[migration]] });
    const texts = [...figure!.panels[0]!.draw(width).querySelectorAll('text')];
    const said = texts.find(({ textContent }) => textContent === '39.9s and more')!;
    const attributes = [...said.attributes].map(({ name, value }) => `${name}=${value}`).join(' ');
    const x = Number(/translate\(([\d.]+),/.exec(attributes)![1]);
    expect(x + 11 + 14 * 6).toBeLessThan(width);
  });
});
