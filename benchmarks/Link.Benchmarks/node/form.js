'use strict';

// The form of the original in code of our own: a server object that raises an event for each message, message objects that
// reply once, promises by id, and on the wire JSON text inside a JSON string inside a node-ipc frame.
// Two differences: ids are unique (the original's are shared by all requests of one millisecond, so most would never settle),
// and a reply leaves no promise behind (with unique ids that would be a leak).

const { EventEmitter } = require('node:events');
const { IPC } = require('node-ipc');

class Message {
  constructor(server, socket, { id, sentBy, data }) {
    Object.assign(this, { server, socket, id, sentBy, data, isReplied: false });
  }

  async reply(object, success = 'success' in object ? object.success : true) {
    if (this.isReplied) throw new Error(`${this.id} has its reply.`);
    this.isReplied = true;
    this.server.ipc.server.emit(this.socket, 'message', JSON.stringify({ success, id: this.id, ...object }));
  }
}

class LinkServer extends EventEmitter {
  constructor(name, socketRoot) {
    super();
    this.name = name;
    this.pending = new Map();
    this.count = 0;
    this.ipc = new IPC();
    Object.assign(this.ipc.config, { id: name, appspace: 'node.', socketRoot, silent: true, retry: 100, maxRetries: 50 });
  }

  start() {
    return new Promise((resolve) => {
      this.ipc.serve(() => {
        this.ipc.server.on('message', (text, socket) => this.emit('message', new Message(this, socket, JSON.parse(text))));
        resolve();
      });
      this.ipc.server.start();
    });
  }

  connectTo(peer) {
    return new Promise((resolve) => {
      this.ipc.connectTo(peer, () => {
        this.ipc.of[peer].on('message', (text) => this.settle(JSON.parse(text)));
        this.ipc.of[peer].on('connect', resolve);
      });
    });
  }

  async send(peer, data = {}) {
    if (!(peer in this.ipc.of)) await this.connectTo(peer);
    const id = 'id' in data ? data.id : (++this.count).toString(36);
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.ipc.of[peer].emit('message', JSON.stringify({ id, sentBy: this.name, data }));
    });
  }

  settle(reply) {
    const promise = this.pending.get(reply.id);
    if (!promise) return;
    this.pending.delete(reply.id);
    (reply.success ? promise.resolve : promise.reject)(reply);
  }
}

exports.LinkServer = LinkServer;

/** Ends this process when the one that started it has gone. */
exports.endWithParent = () => {
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
};
