import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { reportError } from '../../src/cli/report-error.ts';

describe('a refusal of the system', () => {
  it('to listen says where, and what would do', async () => {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    const [error] = await once(createServer().listen(port, '127.0.0.1'), 'error');
    first.close();
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const exitCode = reportError(error, { isDebug: false });
    const said = write.mock.calls.map(([text]) => text).join('');
    write.mockRestore();
    expect(exitCode).toBe(2);
    expect(said).toContain(`127.0.0.1:${port}: another program listens there; choose another --port (EADDRINUSE)`);
  });
});
