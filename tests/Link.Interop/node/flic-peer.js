'use strict';

// Programs that use flic as its documents show: a bridge, and nodes that tell of everything that happens to them and react to events as their
// table of reactions says.

const flic = require('flic');

// What JSON cannot tell a test to send, by name: an argument {value: 'undefined'} stands for undefined.
const Values = { undefined, NaN };

const isNamed = (argument) => typeof argument?.value === 'string' && argument.value in Values && Object.keys(argument).length === 1;
const revive = (args) => args.map((argument) => (isNamed(argument) ? Values[argument.value] : argument));

// What a node does with an event, by name: the arguments, then what acknowledges it (there is none for a shout).
const Reactions = {
  none: () => {},
  echo: (args, acknowledge) => acknowledge(null, ...args),
  nothing: (args, acknowledge) => acknowledge(),
  twice: (args, acknowledge) => {
    acknowledge(null, 'first');
    acknowledge(null, 'second');
  },
  error: (args, acknowledge) => acknowledge(args[0]),
  give: (args, acknowledge, answer) => acknowledge(...revive(answer)),
  upper: ([param], acknowledge) => acknowledge(null, param.toUpperCase()),
  large: ([length], acknowledge) => acknowledge(null, 'x'.repeat(length)),
};

class FlicBridgePeer {
  start() {
    return new Promise((resolve, reject) => {
      this.bridge = flic.createBridge({ port: 0 }, (error) => (error ? reject(error) : resolve(this.bridge._server.address().port)));
    });
  }

  close(parting) {
    this.bridge.close(parting);
  }
}

class FlicNodePeer {
  constructor({ id, port, reactions = {}, answer, onEvent }) {
    this.place = { port, ...(id === undefined ? {} : { id }) };
    this.reactions = reactions;
    this.answer = answer;
    this.onEvent = onEvent;
    this.counted = new Map();
    this.waiting = [];
  }

  // Gives what flic's connect callback got. What is told at once, as in flic's first example, is told before there is a connection.
  connect(early = []) {
    return new Promise((resolve) => {
      this.node = flic.createNode({ ...this.place, connect_callback: (error) => resolve(error ?? null) });
      for (const event of ['close', 'error', ...Object.keys(this.reactions)]) {
        this.node.on(event, (...args) => this.take(event, args));
      }
      early.forEach(({ target, args }) => this.tell(target, args).then((answer) => this.onEvent({ event: 'answer', args: answer })));
    });
  }

  take(event, args) {
    const acknowledge = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const reaction = this.reactions[event];
    if (reaction === 'count' || reaction === 'count and echo') {
      this.count(event, args[0]);
      if (reaction === 'count and echo') {
        acknowledge(null, args[0]);
      }
      return;
    }
    this.onEvent({ event, args: args.map((each) => (each instanceof Error ? each.message : each)), told: acknowledge !== undefined });
    if (acknowledge) {
      Reactions[reaction]?.(args, acknowledge, this.answer);
    }
  }

  count(event, value) {
    const values = this.counted.get(event) ?? new Set();
    this.counted.set(event, values.add(value));
    this.waiting = this.waiting.filter((isDone) => !isDone());
  }

  // Waits until so many different values have come.
  countedTo(event, atLeast) {
    return new Promise((resolve) => {
      const isDone = () => (this.counted.get(event)?.size ?? 0) >= atLeast && (resolve(this.counted.get(event).size), true);
      if (!isDone()) {
        this.waiting.push(isDone);
      }
    });
  }

  // Gives the arguments of the answer.
  tell(target, args) {
    return new Promise((resolve) => this.node.tell(target, ...revive(args), (...answer) => resolve(answer)));
  }

  tellAndForget(target, args) {
    this.node.tell(target, ...revive(args));
  }

  // Tells that many numbers, a few at a time because flic itself loses what does not fit into one read, and gives how many came back.
  async tellMany(target, count, together) {
    let right = 0;
    for (let next = 0; next < count; next += together) {
      const numbers = Array.from({ length: Math.min(together, count - next) }, (_, n) => next + n);
      const answers = await Promise.all(numbers.map((n) => this.tell(target, [n])));
      right += answers.filter(([error, n], index) => error === null && n === numbers[index]).length;
    }
    return right;
  }

  shout(event, args) {
    this.node.shout(event, ...revive(args));
  }

  leave(force) {
    return new Promise((resolve) => {
      this.node._bridge.once('close', () => resolve());
      this.node.leave(force);
    });
  }
}

module.exports = { FlicBridgePeer, FlicNodePeer };
