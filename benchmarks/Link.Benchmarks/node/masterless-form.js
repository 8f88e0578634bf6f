'use strict';

// Request and reply over npm's masterless, as a program would write it: promises by id, packets with the members that Link's own have.
// Published as it is, masterless ends a process that has sent nothing to a node when its first heartbeat is due: both sides send as soon as they are connected.

const masterless = require('masterless');

const listen = (id) => new Promise((resolve) => {
  const server = masterless(id, { host: '127.0.0.1', port: 0 });
  server.on('connect', (peer) => {
    server.keep(peer);
    server.send(peer, { hello: id });
  });
  server.on('listening', (info) => resolve({ server, info }));
});

/** Answers every request. Gives where it listens. */
exports.answer = async (id) => {
  const { server, info } = await listen(id);
  server.on('message', (sender, packet) => {
    if (packet.data) server.send(sender, { success: true, id: packet.id, response: packet.data.content });
  });
  return info;
};

/** Asks, over a connection of its own. */
exports.Asking = class {
  static async connect(id, peer, info) {
    const { server } = await listen(id);
    const asking = new this(server, peer);
    await new Promise((resolve, reject) => server.connect(info, (error) => (error ? reject(error) : resolve())));
    return asking;
  }

  constructor(server, peer) {
    Object.assign(this, { server, peer, count: 0, pending: new Map() });
    server.on('message', (sender, packet) => {
      this.pending.get(packet.id)?.(packet);
      this.pending.delete(packet.id);
    });
  }

  send(data) {
    const id = (++this.count).toString(36);
    return new Promise((resolve) => {
      this.pending.set(id, resolve);
      this.server.send(this.peer, { id, sentBy: this.server.id, data });
    });
  }
};
