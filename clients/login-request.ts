import { createHash } from 'node:crypto';
import type { Client } from './client.ts';
import { placeOf } from './login-throttle.ts';
import type { Login, LoginHow, SessionId } from './wire.ts';

/** The message that asks the world for a session. The world learns the hash of the key only. */
export function loginRequest(
  sid: SessionId,
  key: string,
  how: LoginHow,
  { resumes, textOnly, address }: Pick<Client, 'resumes' | 'textOnly' | 'address'>,
  name?: string,
  password?: string,
): Login {
  return {
    t: 'login',
    sid,
    keyHash: createHash('sha256').update(key).digest('base64url'),
    how,
    keep: resumes,
    place: placeOf(address),
    ...(textOnly ? { textOnly } : {}),
    ...(name === undefined ? {} : { name }),
    ...(password === undefined ? {} : { password }),
  };
}
