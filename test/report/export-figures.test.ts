import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExportedFigure, exportPng, exportSvg } from '../../src/report/export-figures.ts';
import type { Report } from '../../src/report/report.ts';
import { ReportedRuns } from './reported-runs.ts';

const runs = new ReportedRuns();
afterAll(() => runs.remove());

describe('exported figures', () => {
  let report: Report;
  let documents: ExportedFigure[];
  beforeAll(async () => {
    report = await runs.report();
    documents = await exportSvg(report.figures);
  });

  it('are SVG documents in colours of their own, the same to the byte', async () => {
    expect(documents.map(({ file }) => file)).toEqual(report.figures.map(({ name }) => `${name}.svg`));
    for (const { content } of documents) {
      expect(content).toMatch(
        /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/,
      );
      expect(content).not.toMatch(/var\(|class="plot/);
    }
    expect(await exportSvg(report.figures)).toEqual(documents);
  });

  it('have their title, their legend and every panel', () => {
    const { document } = parseHTML(String(documents[0]!.content));
    const { title, legend, panels } = report.figures[0]!;
    const texts = [...document.querySelectorAll('text')].map(({ textContent }) => textContent);
    expect(texts).toContain(title);
    for (const { label } of legend) expect(texts).toContain(label);
    expect(document.querySelectorAll('svg > svg').length).toBe(panels.length);
  });

  it('keep text text', async () => {
    const figure = { ...report.figures[0]!, title: '</title><script>&"' };
    const [{ content }] = (await exportSvg([figure])) as [ExportedFigure];
    expect(content).toContain('&lt;/title&gt;&lt;script&gt;&amp;&quot;');
    expect(content).not.toContain('<script');
  });

  it('become pictures of twice the size', async () => {
    const [picture] = await exportPng(report.figures.slice(3, 4));
    expect(picture!.file).toBe('outages.png');
    const bytes = Buffer.from(picture!.content as Uint8Array);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    const width = Number(/<svg [^>]* width="(\d+)"/.exec(String(documents[3]!.content))![1]);
    expect(bytes.readUInt32BE(16)).toBe(2 * width);
  });
});
