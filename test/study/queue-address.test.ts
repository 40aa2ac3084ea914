import { describe, expect, it } from 'vitest';
import { parseQueueAddress } from '../../src/study/queue-address.ts';

describe('the address of a queue', () => {
  it('has a port, a database, TLS, a name and a password', () => {
    expect(parseQueueAddress('rediss://ann:s%2Fcret@redis.example:6380/2', {})).toEqual({
      place: 'rediss://redis.example:6380/2',
      options: { host: 'redis.example', port: 6380, db: 2, username: 'ann', password: 's/cret', tls: {} },
    });
    expect(parseQueueAddress('redis://[::1]', {})).toEqual({
      place: 'redis://[::1]:6379/0',
      options: { host: '::1', port: 6379, db: 0 },
    });
  });

  it('leaves the password to the environment', () => {
    const env = { DCFABRIC_QUEUE_PASSWORD: 'fromEnv' };
    expect(parseQueueAddress('redis://host', env).options.password).toBe('fromEnv');
    expect(parseQueueAddress('redis://:own@host', env).options.password).toBe('own');
  });

  it('is refused if an escape in it is none, without repeating it', () => {
    expect(() => parseQueueAddress('redis://ann:s3cr%zz@host', {})).toThrow(
      '--queue: name and password have a % that begins no escape, expected %25 for the sign itself',
    );
  });

  it('is refused where it is none, without repeating it', () => {
    for (const text of [
      '',
      'host',
      'http://:s3cret@host',
      'redis://:s3cret@host/name',
      'redis://:s3cret@host:x',
      'redis:',
    ]) {
      expect(() => parseQueueAddress(text, {})).toThrow(
        /^--queue: this is no address of a queue, expected redis:\/\/\[user/,
      );
      expect(() => parseQueueAddress(text, {})).not.toThrow(/s3cret/);
    }
  });
});
