'use strict';

// A program that uses node-ipc as its documents show: messages by type, both ways. It tells of everything that happens to it, and reacts to
// events as its table of reactions says.

const { Station } = require('./station.js');

// What JSON cannot tell a test to send, by name.
const Values = {
  undefined,
  NaN,
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
    return this.station.serve(this.handlers((event, args) => ServerReactions[this.reactions[event]]?.(this.station.ipc.server, ...args)));
  }

  connect(peer) {
    return this.station.connect(peer, this.handlers((event) => ClientReactions[this.reactions[event]]?.(this.station.ipc.of[peer])));
  }

  handlers(react) {
    return Object.fromEntries([...LocalEvents, ...Types].map((event) => [event, (...args) => {
      this.tell(event, args);
      react(event, args);
    }]));
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

  // The arguments are data, bytes, an error or a connection, of which only the first three can be told.
  tell(event, [first, second]) {
    if (event === 'error') {
      this.onEvent({ event, code: first?.code, message: first?.message });
    } else if (event === 'socket.disconnected') {
      this.onEvent({ event, id: second });
    } else if (LocalEvents.includes(event) && !Buffer.isBuffer(first)) {
      this.onEvent({ event });
    } else {
      this.onEvent(Buffer.isBuffer(first) ? { event, bytes: first.toString('hex') } : { event, data: first });
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
