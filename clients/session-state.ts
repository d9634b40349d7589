import type { Client } from './client.ts';
import type { Conversation } from './conversation.ts';
import type { Login, Out, Resume, SessionId } from './wire.ts';

/** Where a session is in its life; each state has only what belongs to it. */
export type SessionState =
  /** At the login prompt. */
  | { readonly at: 'prompt'; readonly client: Client }
  /** The world is checking. `early`: lines typed ahead; `outs`: output that came before the answer. */
  | {
      readonly at: 'logging in';
      readonly client: Client;
      readonly login: Login;
      readonly key: string;
      readonly early: string[];
      readonly outs: Out[];
    }
  /** The client asked for a session that it had before; the world is checking. */
  | { readonly at: 'resuming'; readonly client: Client; readonly request: Resume }
  | { readonly at: 'live'; readonly client: Client; readonly talk: Conversation }
  /** The client is gone and may come back. `talk` is gone once the world has been a new process since. */
  | { readonly at: 'detached'; readonly sid: SessionId; readonly talk: Conversation | undefined }
  /** Over. `owed`: a login from an address that the world has not answered, and that is to be ended when it has. */
  | { readonly at: 'closing'; readonly owed?: { readonly login: Login; readonly address: string } };
