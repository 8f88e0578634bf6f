'use strict';

// A small ipc-link peer on node-ipc. On the wire it does what the original does, dying on bad input included
// (nothing is caught here on purpose), with one difference: its ids are unique. The original makes an id of the clock alone,
// so all its requests of one millisecond share one id and only one of them ever settles.

const { randomBytes } = require('node:crypto');
const { Station } = require('./station.js');

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
  constructor({ name, onRequest, onError, config, ...place }) {
    this.name = name;
    this.onRequest = onRequest;
    this.onError = onError;
    this.pending = new Map();
    this.clients = new Map();
    this.prefix = randomBytes(6).toString('hex');
    this.count = 0;
    this.station = new Station({ name, config: { retry: 100, ...config }, ...place });
  }

  serve() {
    return this.station.serve({
      error: this.onError,
      message: (text, socket) => {
        this.onRequest(new Request(text, (answer) => this.station.ipc.server.emit(socket, 'message', answer)));
      },
    });
  }

  // Only the listener goes: connections that exist stay usable.
  stop() {
    this.station.ipc.server.stop();
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
      let wasConnected = false;
      this.station.connect(peer, {
        connect: () => {
          wasConnected = true;
          this.clients.set(peer, Promise.resolve());
          resolve();
        },
        disconnect: () => {
          if (!wasConnected) {
            this.clients.delete(peer);
            reject(`Could not connect to ${peer}`);
          }
        },
        destroy: () => this.clients.delete(peer),
        error: this.onError,
        message: (text) => this.settle(text),
      });
    });
  }

  disconnect(peer) {
    this.clients.delete(peer);
    this.station.disconnect(peer);
  }

  async send(peer, data = {}) {
    const id = 'id' in data ? data.id : `${this.prefix}${(this.count++).toString(36)}`;
    await this.connect(peer);
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.station.emit(peer, 'message', JSON.stringify({ id, sentBy: this.name, data }));
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
