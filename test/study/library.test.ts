import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readStudy } from '../../src/study/read-study.ts';

describe('the studies of the library', () => {
  const files = readdirSync('scenarios/studies').filter((name) => name.endsWith('.yaml'));

  it.each(files)(
    '%s is valid at every point, asks a question and, if it has axes, is listed with its answer',
    (name) => {
      const study = readStudy(`scenarios/studies/${name}`);
      expect([...study.points()].length).toBeGreaterThan(0);
      expect(study.question).toMatch(/\?$/);
      if (study.paths.length > 0) expect(readFileSync('scenarios/README.md', 'utf8')).toContain(`(studies/${name})`);
    },
  );
});
