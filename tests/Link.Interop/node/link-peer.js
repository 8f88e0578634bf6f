'use strict';

// A small ipc-link peer on node-ipc. On the wire it does what the original does, dying on bad input included
// (nothing is caught here on purpose), with one difference: its ids are unique. The original makes an id of the clock alone,
// so all its requests of one millisecond share one id and only one of them ever settles.

const { randomBytes } = require('node:crypto');
const { IPC } = require('node-ipc');

class Request {
  constructor(text, answer) {
    const { id, sentBy, data } = JSON.parse(text);
    this.id = id;
    this.sentBy = sentBy;
    this.data = data;
    this.answer = answer;
    this.isReplied = false;
  }

  reply(object, success) {
    if (this.isReplied) {
      throw new Error(`The request ${this.id} has its reply.`);
    }
    const outcome = success !== undefined ? success : 'success' in object ? object.success : true;
    this.isReplied = true;
    this.answer(JSON.stringify({ success: outcome, id: this.id, ...object }));
  }
}

class LinkPeer {
  constructor({ name, socketRoot, appspace, retry = 100, onRequest }) {
    this.name = name;
    this.onRequest = onRequest;
    this.pending = new Map();
    this.clients = new Map();
    this.prefix = randomBytes(6).toString('hex');
    this.count = 0;
    this.ipc = new IPC();
    Object.assign(this.ipc.config, { id: name, socketRoot, appspace, retry, silent: true });
  }

  serve() {
    return new Promise((resolve, reject) => {
      this.ipc.serve(() => resolve());
      const { server } = this.ipc;
      server.on('error', reject);
      server.on('message', (text, socket) => {
        this.onRequest(new Request(text, (answer) => server.emit(socket, 'message', answer)));
      });
      server.start();
    });
  }

  // Only the listener goes: connections that exist stay usable.
  stop() {
    this.ipc.server.stop();
  }

  // The first failed attempt rejects; node-ipc goes on trying behind it, and the peer is usable once that connects.
  connect(peer) {
    if (!this.clients.has(peer)) {
      this.clients.set(peer, this.dial(peer));
    }
    return this.clients.get(peer);
  }

  dial(peer) {
    return new Promise((resolve, reject) => {
      this.ipc.connectTo(peer);
      const client = this.ipc.of[peer];
      let wasConnected = false;
      client.on('connect', () => {
        wasConnected = true;
        this.clients.set(peer, Promise.resolve());
        resolve();
      });
      client.on('disconnect', () => {
        if (!wasConnected) {
          this.clients.delete(peer);
          reject(`Could not connect to ${peer}`);
        }
      });
      client.on('destroy', () => this.clients.delete(peer));
      client.on('message', (text) => this.settle(text));
    });
  }

  disconnect(peer) {
    this.clients.delete(peer);
    this.ipc.disconnect(peer);
  }

  async send(peer, data = {}) {
    const id = 'id' in data ? data.id : `${this.prefix}${(this.count++).toString(36)}`;
    await this.connect(peer);
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.ipc.of[peer].emit('message', JSON.stringify({ id, sentBy: this.name, data }));
    });
  }

  settle(text) {
    const reply = JSON.parse(text);
    const waiting = this.pending.get(reply.id);
    if (waiting) {
      this.pending.delete(reply.id);
      (reply.success ? waiting.resolve : waiting.reject)(reply);
    }
  }
}

module.exports = { LinkPeer };
