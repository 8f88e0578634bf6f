'use strict';

// A node that speaks the protocol of masterless-msgpack, which npm does not hold: the calls and events of masterless, on @msgpack/msgpack.

const { EventEmitter } = require('node:events');
const net = require('node:net');
const { Decoder, Encoder } = require('@msgpack/msgpack');

const None = 0;
const Connecting = 1;
const Connected = 2;
const IntegerName = /^(0|[1-9]\d{0,8})$/;

// Writes what the original writes: names that look like integers as integers, JSON forms of what has one, no lone surrogates.
class PacketEncoder extends Encoder {
  doEncode(value, depth) {
    const hasForm = typeof value?.toJSON === 'function' && !ArrayBuffer.isView(value);
    super.doEncode(hasForm ? value.toJSON() : value, depth);
  }

  encodeString(text) {
    super.encodeString(text.toWellFormed());
  }

  encodeMap(map, depth) {
    const names = Object.keys(map);
    if (names.length < 16) {
      this.writeU8(0x80 + names.length);
    } else {
      this.writeU8(0xde);
      this.writeU16(names.length);
    }
    for (const name of names) {
      this.doEncode(IntegerName.test(name) ? Number(name) : name, depth + 1);
      this.doEncode(map[name], depth + 1);
    }
  }
}

const encoder = new PacketEncoder();
const keepPacket = (keep) => ({ $masterless: { keep } });
const heartbeatPacket = { $masterless: { heartbeat: true } };

function placeOf(info) {
  const { hostname, port } = new URL(info);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function infoOf({ host, port }) {
  return `tcp://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

// One connection: what comes goes to whoever has it at the moment, until nobody wants it any more.
class Wire {
  constructor(socket, side, place) {
    this.socket = socket;
    this.side = side;
    this.place = place;
    this.node = null;
    socket.on('error', () => {});
  }

  async read(onPacket, onEnd) {
    this.onPacket = onPacket;
    this.onEnd = onEnd;
    let error = null;
    try {
      for await (const packet of new Decoder().decodeStream(this.socket)) {
        this.onPacket(packet);
      }
    } catch (reason) {
      error = reason;
    }
    this.onEnd(error);
  }

  send(packet) {
    this.write(encoder.encode(packet));
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  close() {
    this.onPacket = () => {};
    this.onEnd = () => {};
    this.socket.end();
  }
}

class MsgpackServer extends EventEmitter {
  constructor(id, { port, host } = {}) {
    super();
    this.id = id;
    this.kept = new Set();
    this.nodes = new Map();
    this.handshakes = new Set();
    this._server = net.createServer((socket) => this.accept(socket));
    this._server.listen(port, host, () => this.emit('listening', this.info()));
    this.timer = setInterval(() => this.beat(), 1000);
  }

  info() {
    const address = this._server.address();
    return address && infoOf({ host: address.address, port: address.port });
  }

  connections() {
    return [...this.nodes.keys()];
  }

  isKept(id) {
    return this.kept.has(id);
  }

  keep(id, keep = true) {
    this.kept[keep ? 'add' : 'delete'](id);
    const node = this.nodes.get(id);
    if (node?.wire) {
      this.sendTo(node, encoder.encode(keepPacket(keep)));
    }
  }

  send(target, packet) {
    if (packet === null || typeof packet !== 'object' || Array.isArray(packet)) {
      throw new TypeError('expected object packet');
    }
    const nodes = [target].flat().map((id) => this.nodes.get(id)).filter(Boolean);
    nodes.forEach((node) => this.sendTo(node, encoder.encode(packet)));
    return typeof target === 'string' ? nodes.length === 1 : nodes.length;
  }

  sendTo(node, bytes) {
    if (!node.wire) {
      node.queue.push(bytes);
      return;
    }
    node.lastSend = Date.now();
    node.wire.write(bytes);
  }

  beat() {
    for (const { wire, lastSend } of this.nodes.values()) {
      if (wire && Date.now() - lastSend >= 1000) {
        wire.send(heartbeatPacket);
      }
    }
  }

  disconnect(id) {
    const node = this.nodes.get(id);
    this.kept.delete(id);
    if (node) {
      this.nodes.delete(id);
      node.wire?.socket.end();
      this.emit('disconnect', id);
    }
  }

  close(callback) {
    this.kept.clear();
    clearInterval(this.timer);
    this.nodes.forEach(({ wire }) => wire?.socket.end());
    this.nodes.clear();
    this.handshakes.forEach((wire) => wire.socket.end());
    this._server.close(callback);
  }

  connect(info, callback = () => {}) {
    this.dial(placeOf(info), callback);
  }

  dial(place, callback) {
    const socket = net.connect(place);
    socket.setTimeout(5000, () => socket.destroy(new Error('connection timed out')));
    const wire = new Wire(socket, 'outgoing', place);
    wire.send({ id: this.id, info: this.info() });
    this.shakeHands(wire, (packet) => this.takeAnswer(wire, packet, callback), callback);
  }

  accept(socket) {
    const wire = new Wire(socket, 'incoming', null);
    this.shakeHands(wire, (packet) => this.takeHello(wire, packet), () => {});
  }

  shakeHands(wire, onPacket, callback) {
    this.handshakes.add(wire);
    wire.read(onPacket, (error) => {
      this.abandon(wire);
      callback(error ?? new Error('connection closed'));
    });
  }

  // The handshake is over without a connection.
  abandon(wire, error, callback = () => {}) {
    this.handshakes.delete(wire);
    if (wire.node) {
      wire.node[wire.side] = None;
    }
    wire.close();
    if (error) {
      callback(new Error(error));
    }
  }

  nodeOf(id) {
    if (!this.nodes.has(id)) {
      this.nodes.set(id, { id, incoming: None, outgoing: None, priority: 0, queue: [], wire: null, lastSend: 0, isReconnecting: false });
    }
    return this.nodes.get(id);
  }

  takeAnswer(wire, packet, callback) {
    if (wire.node && packet?.confirm) {
      this.begin(wire);
      callback(null, wire.node.id);
      return;
    }
    if (wire.node || !packet?.id) {
      this.abandon(wire, 'unexpected packet', callback);
      return;
    }
    if (packet.id === this.id) {
      this.abandon(wire);
      return;
    }
    const node = this.nodeOf(packet.id);
    if (node.outgoing !== None || node.incoming === Connected) {
      wire.send({ priority: 0 });
      this.abandon(wire, 'duplicate connection', callback);
      return;
    }
    wire.node = node;
    node.outgoing = Connecting;
    node.priority = node.incoming === Connecting ? Math.random() : 1;
    wire.send({ priority: node.priority });
  }

  takeHello(wire, packet) {
    if (wire.node && typeof packet?.priority === 'number') {
      const { outgoing, priority } = wire.node;
      if (outgoing === Connected || (outgoing === Connecting && packet.priority < priority)) {
        this.abandon(wire);
        return;
      }
      wire.send({ confirm: true });
      this.begin(wire);
      return;
    }
    if (wire.node || !packet?.id || packet.id === this.id) {
      this.abandon(wire);
      return;
    }
    wire.place = placeOf(packet.info);
    const node = this.nodeOf(packet.id);
    if (node.incoming !== None || node.outgoing !== None) {
      this.abandon(wire);
      return;
    }
    wire.node = node;
    node.incoming = Connecting;
    wire.send({ id: this.id });
  }

  // Both sides have chosen this connection.
  begin(wire) {
    const { node } = wire;
    this.handshakes.delete(wire);
    wire.onPacket = (packet) => this.take(wire, packet);
    wire.onEnd = () => this.lose(wire);
    node[wire.side] = Connected;
    node.wire = wire;
    node.queue.splice(0).forEach((bytes) => wire.write(bytes));
    if (node.isReconnecting) {
      node.isReconnecting = false;
    } else {
      this.emit('connect', node.id, infoOf(wire.place));
    }
    wire.send(keepPacket(this.kept.has(node.id)));
  }

  take(wire, packet) {
    const { id } = wire.node;
    const own = packet?.$masterless;
    if (own && 'keep' in own) {
      if (!own.keep && !this.kept.has(id)) {
        wire.close();
        this.forget(wire.node);
      }
    } else if (own?.heartbeat) {
      this.emit('heartbeat', id);
    } else {
      this.emit('message', id, packet);
    }
  }

  lose(wire) {
    const { node } = wire;
    wire.close();
    node.wire = null;
    node[wire.side] = None;
    if (this.kept.has(node.id) && !node.isReconnecting) {
      node.isReconnecting = true;
      this.dial(wire.place, (error, id) => {
        if (error || id !== node.id) {
          this.disconnect(node.id);
        }
      });
    } else {
      this.forget(node);
    }
  }

  forget(node) {
    if (this.nodes.get(node.id) === node) {
      this.nodes.delete(node.id);
    }
    this.emit('disconnect', node.id);
  }
}

module.exports = { MsgpackServer };
