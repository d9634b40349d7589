/** What can go wrong at the edge. The codes are part of the interface; the messages are for people. */
export const PORTAL_ERRORS = {
  // The pipe between portal and world.
  PipeGarbage: 'a line on the pipe is no message of the wire protocol',
  PipeLineTooLong: 'a line on the pipe is longer than the limit',
  // Starting and running.
  PortInUse: 'another process listens on that port',
  CannotListen: 'the address cannot be listened on',
  WorldStarting: 'the world process has been started, and does not take commands yet',
  WorldSilent: 'the world process has said nothing for too long; if it goes on like that it is killed',
  WorldDied: 'the world process died; it is started again, unless it was to end',
  WorldStubborn: 'the world process did not end when asked, and was killed',
  WorldGone: 'there is no world process, and none will be started',
  WorldWillNotStart: 'no world process can be started, or it died too often in too short a time',
  NoWorld: 'no world is running on that data folder',
  NoAnswer:
    'the world went away before it answered: what it was asked has been done wholly, or not at all; a collection of garbage perhaps in part',
  NoLog: 'the data folder has no log of turns',
  NoPlayer: 'no player has that name',
  FolderInUse: 'a world is to be made in a folder that has something in it',
  NotMade: 'a world could not be generated',
  RequestFailed:
    'the running world could not do what it was asked on its control socket, for a reason without a code here',
  NothingThere: 'nothing of that name is in the world to look at',
  ViewLost: 'the running world ended while it was being looked into',
  BadArchive: 'a file that is to be imported is not what an export writes',
  Interrupted: 'the command was stopped before it was done; in files it left nothing half-made behind',
  BadOptions: 'the world process was given options that it cannot read',
  // The handshake.
  OriginRefused:
    'the page that opened the WebSocket comes from another site, or has another name than localhost on a connection of this machine with itself',
  TooManyConnections: 'the portal has as many connections as it allows',
  TooManyFromAddress: 'the address has as many connections as one may have',
  UnknownSubprotocol: 'none of the WebSocket subprotocols asked for is known',
  NotFound: 'there is nothing at that address',
  MethodRefused: 'that HTTP method is not served',
  // At the login prompt.
  UnknownCommand: 'not a command of the login prompt',
  WrongArguments: 'a command of the login prompt with too few or too many words',
  BadName: 'not a possible name',
  BadPassword: 'not a possible password',
  NameTaken: 'another player has that name',
  BadLogin: 'no player has that name and that password',
  TooManyLogins: 'as many log-ins wait for their password to be checked as may wait',
  LoginTooOften: 'too many log-in attempts from that address or for that name',
  LoginTooSlow: 'nobody logged in on the connection in the time given',
  Busy: 'an earlier request of that connection is not answered yet',
  // In a session.
  LineTooLong: 'a command line is longer than the limit',
  TooManyLines: 'too many command lines wait for the world',
  NotText: 'a frame is binary, or is no valid UTF-8',
  BadFrame: 'a frame is no message of the keystead.v1 protocol',
  NotReading: 'the client does not read what it is sent',
  NoSession: 'there is no such session, or the key does not fit it',
  TakenOver: 'the session goes on over another connection',
  Stopping: 'the portal is being stopped',
} as const;

export type PortalErrorCode = keyof typeof PORTAL_ERRORS;

export class PortalError extends Error {
  readonly code: PortalErrorCode;

  constructor(code: PortalErrorCode, message: string) {
    super(message);
    this.name = 'PortalError';
    this.code = code;
  }
}

/** The `code` of an error of ours or of Node's, for logs and for choosing a message. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : 'Unknown';
}
