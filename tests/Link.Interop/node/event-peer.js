'use strict';

// A program that uses node-ipc as its documents show: messages by type, both ways. It tells of everything that happens to it, and reacts to
// events as its table of reactions says.

const { Station } = require('./station.js');

// What JSON cannot tell a test to send, by name.
const Values = {
  undefined,
  NaN: NaN,
  function: () => {},
  emitter: { _maxListeners: 10, kept: 1 },
};

const ServerReactions = {
  world: (server, data, socket) => server.emit(socket, 'message', `${data} world!`),
  'world by name': (server, data, socket) => server.emit(socket, 'message', { from: 'world', message: `${data.message} world!` }),
  echo: (server, data, socket) => server.emit(socket, 'echo', data),
  broadcast: (server, data) => server.broadcast('news', data),
  'echo bytes': (server, bytes, socket) => server.emit(socket, bytes),
};

const ClientReactions = {
  hello: (client) => client.emit('message', 'hello'),
};

// The catch-all of node-ipc fails on current Node versions: what is told of is listed here.
const LocalEvents = ['start', 'connect', 'disconnect', 'destroy', 'error', 'data', 'close', 'socket.disconnected'];
const Types = ['message', 'tell', 'echo', 'news', 'undefined', 'events.broadcasting', 'events.listening'];

class EventPeer {
  constructor({ reactions, onEvent, config, ...place }) {
    this.reactions = reactions ?? {};
    this.onEvent = onEvent;
    this.station = new Station({ config: { retry: 50, ...config }, ...place });
  }

  serve() {
    return this.station.serve(this.handlers('server', (event, args) => ServerReactions[this.reactions[event]]?.(this.station.ipc.server, ...args)));
  }

  connect(peer) {
    return this.station.connect(peer, this.handlers(peer, (event) => ClientReactions[this.reactions[event]]?.(this.station.ipc.of[peer])));
  }

  handlers(from, react) {
    return Object.fromEntries([...LocalEvents, ...Types].map((event) => [event, (...args) => {
      this.tell(from, event, args);
      react(event, args);
    }]));
  }

  stop() {
    this.station.ipc.server.stop();
  }

  // Closes every connection, and serves no more.
  close() {
    const { server } = this.station.ipc;
    server.stop();
    [...server.sockets].forEach((socket) => socket.destroy());
  }

  disconnect(peer) {
    this.station.disconnect(peer);
  }

  emit(peer, type, data) {
    this.station.emit(peer, type, data);
  }

  broadcast(type, data) {
    this.station.ipc.server.broadcast(type, data);
  }

  tell(from, event, args) {
    const isServer = from === 'server';
    const [first, second] = args;
    if (event === 'error') {
      this.onEvent({ from, event, code: first?.code, message: first?.message });
    } else if (event === 'socket.disconnected') {
      this.onEvent({ from, event, id: second });
    } else if (['connect', 'start', 'close'].includes(event) && isServer) {
      this.onEvent({ from, event });
    } else if (Buffer.isBuffer(first)) {
      this.onEvent({ from, event, bytes: first.toString('hex') });
    } else {
      this.onEvent({ from, event, data: first, kind: typeof first, id: isServer ? second?.id : undefined });
    }
  }
}

// A message as a test describes it: {type, data}, {type, value: one of the names above}, or for raw mode {hex} or {text}.
function argumentsOf({ type, data, value, hex, text }) {
  if (hex !== undefined) {
    return [Buffer.from(hex, 'hex')];
  }
  return text !== undefined ? [text] : [type, value === undefined ? data : Values[value]];
}

module.exports = { EventPeer, argumentsOf };
