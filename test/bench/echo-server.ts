/**
 * A process of its own: the raw limit for commands over WebSocket. Argument: how many players share a room.
 * 1: what comes goes back. More: it goes to everybody in the room of the sender (rooms fill up in the order of
 * connecting), to each in one frame with whatever else came for him in the same round of the event loop.
 */
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

const perRoom = Number(process.argv[2] ?? '1');
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });

interface Listener {
  readonly socket: WebSocket;
  text: string;
}

let room: Listener[] = [];
let waiting: Listener[] = [];

function tell(listener: Listener, text: string): void {
  if (listener.text !== '') {
    listener.text += `\n${text}`;
    return;
  }
  if (waiting.length === 0) setImmediate(flush);
  waiting.push(listener);
  listener.text = text;
}

function flush(): void {
  const now = waiting;
  waiting = [];
  for (const listener of now) {
    listener.socket.send(listener.text);
    listener.text = '';
  }
}

server.on('connection', (socket) => {
  if (perRoom === 1) {
    socket.on('message', (data: Buffer) => {
      socket.send(data.toString());
    });
    return;
  }
  if (room.length === perRoom) room = [];
  const me: Listener = { socket, text: '' };
  const mine = room;
  mine.push(me);
  socket.on('message', (data: Buffer) => {
    const said = data.toString();
    for (const each of mine) tell(each, each === me ? `You ${said}` : `She ${said}`);
  });
});

server.on('listening', () => {
  process.stdout.write(`listening http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
