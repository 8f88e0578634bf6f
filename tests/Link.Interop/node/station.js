'use strict';

// One node-ipc of a given version that serves and connects wherever a table of endpoints says, written as Link writes it
// (tcp://127.0.0.1:8000, tls://.., udp4://.., udp6://..; a name that is not in it is a Unix socket), so that the peers need not know how
// they are connected.

const Versions = {
  '9.1.4': () => new (require('node-ipc').IPC)(),

  // It has one object per process, so it is loaded anew each time; and only if asked for, because it changes String.prototype.
  '1.2.2': () => {
    const file = require.resolve('node-ipc-1');
    delete require.cache[file];
    return require(file);
  },
};

function parse(endpoint) {
  const { protocol, hostname, port } = new URL(endpoint);
  return { scheme: protocol.slice(0, -1), host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

class Station {
  constructor({ name, version = '9.1.4', socketRoot, endpoints = {}, config }) {
    this.name = name;
    this.endpoints = endpoints;
    this.asked = new Map();
    this.ipc = Versions[version]();
    Object.assign(this.ipc.config, { id: name, socketRoot, silent: true, ...config });
  }

  where(name) {
    const endpoint = this.endpoints[name];
    const place = endpoint ? parse(endpoint) : { scheme: 'unix' };
    return { ...place, isDatagram: place.scheme.startsWith('udp') };
  }

  // Those given for the address that a datagram came from.
  handlersOf(socket) {
    return this.asked.get(`${socket?.address}:${socket?.port}`);
  }

  // Listens under its own name. The handlers are by type, (data, socket) each.
  serve(handlers) {
    const { scheme, host, port, isDatagram } = this.where(this.name);
    this.serving = new Promise((resolve, reject) => {
      const started = () => isDatagram || resolve();
      if (scheme === 'unix') {
        this.ipc.serve(started);
      } else if (isDatagram) {
        this.ipc.serveNet(host, port, scheme, started);
      } else {
        this.ipc.serveNet(host, port, started);
      }
      const { server } = this.ipc;
      server.on('error', reject);
      if (isDatagram) {
        // It tells of its start before it is bound, and of one connection, itself, when it is.
        server.on('connect', () => resolve());
      }
      for (const [type, handle] of Object.entries(handlers)) {
        server.on(type, (...args) => (this.handlersOf(args.at(-1))?.[type] ?? handle)(...args));
      }
      server.start();
    });
    return this.serving;
  }

  // Begins to connect; the handlers are by event. There are no clients of UDP: both ends are servers, and what comes from an address that
  // was connected to goes to the handlers given here.
  async connect(peer, handlers) {
    const { scheme, host, port, isDatagram } = this.where(peer);
    if (isDatagram) {
      this.asked.set(`${host}:${port}`, handlers);
      await (this.serving ?? this.serve(Object.fromEntries(Object.keys(handlers).map((type) => [type, () => {}]))));
      handlers.connect?.();
      return;
    }
    if (scheme === 'unix') {
      this.ipc.connectTo(peer);
    } else {
      this.ipc.connectToNet(peer, host, port);
    }
    for (const [type, handle] of Object.entries(handlers)) {
      this.ipc.of[peer].on(type, handle);
    }
  }

  disconnect(peer) {
    this.ipc.disconnect(peer);
  }

  emit(peer, type, data) {
    const { host, port, isDatagram } = this.where(peer);
    if (isDatagram) {
      this.ipc.server.emit({ address: host, port }, type, data);
    } else {
      this.ipc.of[peer].emit(type, data);
    }
  }

  // Writes the text past node-ipc, as it is.
  write(peer, text) {
    const { host, port, isDatagram } = this.where(peer);
    if (isDatagram) {
      this.ipc.server.server.send(text, port, host);
    } else {
      this.ipc.of[peer].socket.write(text);
    }
  }
}

module.exports = { Station };
