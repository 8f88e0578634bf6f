'use strict';

// Runs peers on behalf of a test: one JSON object per line on stdin is a command, one per line on stdout is its result.
// The process ends with its stdin, so that it never outlives the test.

const readline = require('node:readline');
const { EventPeer, argumentsOf } = require('./event-peer.js');
const { FlicBridgePeer, FlicNodePeer } = require('./flic-peer.js');
const { LinkPeer } = require('./link-peer.js');
const { MeshPeer } = require('./mesh-peer.js');
const { MessagePackCommands } = require('./msgpack-peer.js');
const { PlainPeer } = require('./plain-peer.js');
const { codesOf, makeRule } = require('./rules.js');

const RecordLimit = 1000;
const peers = new Map();

// What a peer received, and who waits for more of it.
class Records {
  constructor() {
    this.items = [];
    this.waiting = [];
  }

  add(item) {
    if (this.items.length < RecordLimit) {
      this.items.push(item);
    }
    this.waiting = this.waiting.filter((isDone) => !isDone());
  }

  atLeast(count, isWanted = () => true) {
    return new Promise((resolve) => {
      const isDone = () => {
        const items = this.items.filter(isWanted);
        return items.length >= count && (resolve(items), true);
      };
      if (!isDone()) {
        this.waiting.push(isDone);
      }
    });
  }
}

async function outcomeOf(promise) {
  try {
    return { resolved: true, value: await promise };
  } catch (reason) {
    return { resolved: false, value: reason instanceof Error ? `${reason.name}: ${reason.message}` : reason };
  }
}

async function sendMany(peer, to, count) {
  const outcomes = await Promise.all(Array.from({ length: count }, (_, n) => outcomeOf(peer.send(to, { n }))));
  const right = outcomes.filter(({ resolved, value }, n) => resolved && value.success === true && value.echo.n === n).length;
  return { right, firstWrong: outcomes.find(({ resolved, value }, n) => !resolved || value.echo?.n !== n) };
}

function describe(error) {
  return { code: error?.code, message: error?.message };
}

function add(name, make) {
  const records = { received: new Records(), errors: new Records(), endings: new Records() };
  const peer = make(records);
  peer.records = records;
  peers.set(name, peer);
}

const Commands = {
  ...MessagePackCommands,

  ping: () => 'pong',

  link({ peer, rule, ...options }) {
    const react = makeRule(rule);
    add(peer, ({ received, errors }) => new LinkPeer({
      ...options,
      onRequest(request) {
        received.add({ id: request.id, sentBy: request.sentBy, data: request.data });
        react(request);
      },
      onError: (error) => errors.add(describe(error)),
    }));
  },

  plain({ peer, ...options }) {
    add(peer, ({ received, errors, endings }) => new PlainPeer({
      ...options,
      onMessage: (data) => received.add(data),
      onError: (error) => errors.add(describe(error)),
      onEnd: (server) => endings.add(server),
    }));
  },

  events({ peer, ...options }) {
    add(peer, ({ received }) => new EventPeer({ ...options, onEvent: (event) => received.add(event) }));
  },

  flicBridge({ peer }) {
    add(peer, () => new FlicBridgePeer());
    return peers.get(peer).start();
  },

  flicNode({ peer, early, ...options }) {
    add(peer, ({ received }) => new FlicNodePeer({ ...options, onEvent: (event) => received.add(event) }));
    return peers.get(peer).connect(early);
  },

  meshNode({ peer, ...options }) {
    add(peer, ({ received }) => new MeshPeer({ ...options, onEvent: (event) => received.add(event) }));
    return peers.get(peer).start();
  },

  mesh: ({ peer, method, args }) => peers.get(peer)[method](...args),
  flic: ({ peer, method, args }) => peers.get(peer)[method](...args),
  serve: ({ peer, answers }) => peers.get(peer).serve(answers),
  stop: ({ peer }) => peers.get(peer).stop(),
  connect: ({ peer, to }) => peers.get(peer).connect(to),
  disconnect: ({ peer, to }) => peers.get(peer).disconnect(to),
  write: ({ peer, to, frames }) => peers.get(peer).write(to, frames),
  emit: ({ peer, to, messages }) => messages.forEach((message) => peers.get(peer).emit(to, ...argumentsOf(message))),
  broadcast: ({ peer, type, data }) => peers.get(peer).broadcast(type, data),
  happened: ({ peer, event, atLeast }) => peers.get(peer).records.received.atLeast(atLeast, (item) => item.event === event),
  received: ({ peer, atLeast }) => peers.get(peer).records.received.atLeast(atLeast),
  errors: ({ peer, atLeast }) => peers.get(peer).records.errors.atLeast(atLeast),
  endings: ({ peer, atLeast }) => peers.get(peer).records.endings.atLeast(atLeast),
  send: ({ peer, to, data }) => outcomeOf(peers.get(peer).send(to, data)),
  sendMany: ({ peer, to, count }) => sendMany(peers.get(peer), to, count),
  sendTogether: ({ peer, to, items }) => Promise.all(items.map((data) => outcomeOf(peers.get(peer).send(to, data)))),

  // What JavaScript code sees of the text that came back, as UTF-16 code units.
  async sendForCodes({ peer, to, data }) {
    const reply = await peers.get(peer).send(to, data);
    return codesOf(reply.text);
  },

  // What a program that catches a rejection reads of it.
  async sendForError({ peer, to, data }) {
    try {
      return { answer: await peers.get(peer).send(to, data) };
    } catch (e) {
      return { code: e.code, message: e.message, success: e.success, hasId: 'id' in e, members: Object.keys(e) };
    }
  },
};

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const lines = readline.createInterface({ input: process.stdin });
lines.on('close', () => process.exit(0));
lines.on('line', async (line) => {
  const { seq, command, ...details } = JSON.parse(line);
  try {
    print({ seq, value: await Commands[command](details) });
  } catch (error) {
    print({ seq, error: error instanceof Error ? error.stack : String(error) });
  }
});
print({ ready: true });
