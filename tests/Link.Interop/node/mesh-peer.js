'use strict';

// Programs that use masterless, or its twin with MessagePack, as its documents show: nodes that tell of everything that happens to them and react to
// packets as a test asks for.

const Masterless = require('masterless');
const { MsgpackServer } = require('./mesh-msgpack-peer.js');
const { codesOf } = require('./rules.js');

// What makes a node, its connection with another, and who counts the heartbeats of that.
const Kinds = {
  json: {
    make: (id, options) => new Masterless(id, options),
    connectionOf: (server, id) => server._nodes[id]?.stream,
    onHeartbeat: (server, id, count) => server._nodes[id].stream.stream.on('data', (packet) => packet === true && count()),
  },
  msgpack: {
    make: (id, options) => new MsgpackServer(id, options),
    connectionOf: (server, id) => server.nodes.get(id)?.wire,
    onHeartbeat: (server, id, count) => server.on('heartbeat', (from) => from === id && count()),
  },
};

// What a node does with a packet that comes, by name. Those of requests know nothing of Link but the members of its packets.
const Reactions = {
  tell: (peer, sender, packet) => peer.onEvent({ event: 'message', sender, packet }),
  echo: (peer, sender, packet) => peer.server.send(sender, packet),
  counter: (peer, sender, packet) => {
    peer.count(packet.total);
    peer.server.send(sender, { type: 'counter', total: packet.total + 1 });
  },
  answer: (peer, sender, { id, data }) => peer.server.send(sender, { id, success: true, response: `${data.content} world!`, echo: data }),
  reject: (peer, sender, { id }) => peer.server.send(sender, { id, success: false, why: 'No tea.' }),
  throw: () => {
    throw new Error('the handler of a test');
  },
  codes: (peer, sender, { text }) => peer.onEvent({ event: 'message', sender, packet: codesOf(text) }),
  gather: (peer, sender, packet) => peer.gather(packet),
};

const Values = () => ({
  left: undefined,
  date: new Date(Date.UTC(2020, 1, 2, 3, 4, 5, 6)),
  zero: -0,
  bytes: Buffer.from([1, 2, 255]),
  numbers: [0, 1, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, 4294967295, 4294967296, -2147483649, 2 ** 53 - 1, -(2 ** 53 - 1), 0.1, -1.5, 1e21, 1e-7, 5e-324],
  text: ['', 'é', '日本', '😀', '\u0000\b\f\n\r\t"\\/\u007f\u2028', 'x'.repeat(300)],
  lone: '\ud800',
  names: { 2: 'two', 1: 'one', b: 'b', '01': 'text', '-1': 'negative' },
  others: [true, false, null, [], {}, [[{ deep: [] }]]],
});

const once = (emitter, event, react) => new Promise((resolve) => emitter.once(event, (...args) => resolve(react(...args))));
const nextTurn = () => new Promise(setImmediate);

// masterless comes from a time when Node took process.hrtime([]) for the time since long ago. Since version 8 it throws, and ends the process: at each heartbeat, for
// each node to which nothing has been sent yet.
function takeNeverForLongAgo() {
  const { hrtime } = process;
  process.hrtime = Object.assign((since) => hrtime(since?.length === 0 ? undefined : since), { bigint: hrtime.bigint });
}

class MeshPeer {
  constructor({ kind, id, port = 0, host, isBare = false, greeting = [], reaction = 'tell', onEvent }) {
    this.options = { port, ...(host ? { host } : {}) };
    Object.assign(this, { kind: Kinds[kind], id, greeting, reaction, onEvent });
    this.highest = -1;
    this.gathered = [];
    this.waiting = [];
    if (!isBare && kind === 'json') {
      takeNeverForLongAgo();
    }
  }

  // Gives where it listens.
  start() {
    return new Promise((resolve, reject) => {
      this.server = this.kind.make(this.id, this.options);
      this.server.once('listening', resolve);
      this.server._server.once('error', reject);
      this.server.on('connect', (id, info) => {
        this.greeting.forEach((packet) => this.server.send(id, packet));
        this.onEvent({ event: 'connect', id, info });
        this.onConnect?.(id);
      });
      this.server.on('disconnect', (id) => this.onEvent({ event: 'disconnect', id }));
      this.server.on('message', (sender, packet) => this.take(sender, packet));
    });
  }

  take(sender, packet) {
    if (packet?.success !== undefined && this.asked?.has(packet.id)) {
      this.asked.get(packet.id)(packet);
      this.asked.delete(packet.id);
    } else {
      Reactions[this.reaction](this, sender, packet);
    }
  }

  // Ends, and begins again where it was, perhaps as another.
  restart(id = this.id) {
    this.id = id;
    this.options = { ...this.options, port: this.server._server.address().port };
    this.server.removeAllListeners();
    this.server.close();
    return this.start();
  }

  connections() {
    return this.server.connections();
  }

  isKept(id) {
    return this.server.isKept(id);
  }

  keep(...args) {
    this.server.keep(...args);
  }

  disconnect(id) {
    this.server.disconnect(id);
  }

  // Gives the id, or the text of the error.
  connect(info) {
    return new Promise((resolve) => this.server.connect(info, (error, id) => resolve(error ? String(error) : id)));
  }

  // As soon as it is connected for the first time.
  disconnectOnce(id) {
    this.onConnect = () => {
      this.onConnect = undefined;
      this.server.disconnect(id);
    };
  }

  connectMany(info, count) {
    return Promise.all(Array.from({ length: count }, () => this.connect(info)));
  }

  keepAndConnect(id, info) {
    this.server.keep(id);
    return this.connect(info);
  }

  send(target, packet) {
    return this.server.send(target, packet);
  }

  sendMany(target, count) {
    return Array.from({ length: count }, (_, n) => this.server.send(target, { n })).every(Boolean);
  }

  sendValues(target) {
    return this.server.send(target, Values());
  }

  sendLarge(target, length) {
    return this.server.send(target, { text: 'é'.repeat(length / 2) });
  }

  // Sends as soon as the connection is lost.
  async sendWhenLost(id, packets) {
    while (this.kind.connectionOf(this.server, id)) {
      await nextTurn();
    }
    return packets.map((packet) => this.server.send(id, packet));
  }

  // Tells of the next connection that is opened to it, and does nothing at all for a while before it answers.
  answerSlowly(milliseconds) {
    this.server._server.prependOnceListener('connection', () => {
      this.onEvent({ event: 'opened' });
      this.doNothing(milliseconds);
    });
  }

  doNothing(milliseconds) {
    // Not before what was told has gone out.
    process.stdout.write('', () => setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)));
  }

  heartbeats(id, atLeast) {
    return new Promise((resolve) => {
      let count = 0;
      this.kind.onHeartbeat(this.server, id, () => ++count === atLeast && resolve(count));
    });
  }

  close() {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  // A request as a program would make it: gives the packet that answers it.
  ask(target, id, data) {
    this.asked ??= new Map();
    return new Promise((resolve, reject) => {
      this.asked.set(id, resolve);
      if (!this.server.send(target, { id, data })) {
        reject(new Error('not known'));
      }
    });
  }

  async askMany(target, count) {
    const answers = await Promise.all(Array.from({ length: count }, (_, n) => this.ask(target, `q${n}`, { n })));
    return answers.filter(({ id, success, echo }, n) => id === `q${n}` && success === true && echo.n === n).length;
  }

  // Connects while the other side may do the same, and sends numbered packets as soon as it can, in the connect handler, and afterwards. Ends when as many packets have
  // come, and one connection is left; gives them, and whether that connection is the one that was opened here.
  async meet(id, info, count) {
    const numbered = (phase) => Array.from({ length: count }, (_, n) => ({ phase, n }));
    const greet = () => numbered('connected').forEach((packet) => this.server.send(id, packet));
    const connected = this.kind.connectionOf(this.server, id) ? greet() : once(this.server, 'connect', greet);
    const outcome = this.connect(info);
    for (const packet of numbered('before')) {
      while (!this.server.send(id, packet)) {
        await nextTurn();
      }
    }
    await connected;
    numbered('after').forEach((packet) => this.server.send(id, packet));
    await this.gatheredTo(3 * count);
    await this.socketsAre(1);
    return { won: (await outcome) === id, gathered: this.gathered.splice(0) };
  }

  gather({ phase, n }) {
    this.gathered.push(`${phase} ${n}`);
    this.check();
  }

  gatheredTo(count) {
    return this.until(() => this.gathered.length >= count && this.gathered);
  }

  count(value) {
    this.highest = Math.max(this.highest, value);
    this.check();
  }

  // Waits until it has been counted so far.
  countedTo(value) {
    return this.until(() => this.highest >= value && this.highest);
  }

  highestSoFar() {
    return this.highest;
  }

  check() {
    this.waiting = this.waiting.filter((isDone) => !isDone());
  }

  until(attempt) {
    return new Promise((resolve) => {
      const isDone = () => {
        const value = attempt();
        return value && (resolve(value), true);
      };
      if (!isDone()) {
        this.waiting.push(isDone);
      }
    });
  }

  // The TCP connections of this process, of whatever state.
  async socketsAre(count) {
    while (process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length !== count) {
      await nextTurn();
    }
  }
}

module.exports = { MeshPeer };
