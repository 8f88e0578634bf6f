'use strict';

// A program that uses node-ipc alone: it knows nothing of ipc-link, writes any frame it is told to, and remembers what it gets.

const { IPC } = require('node-ipc');

const Delimiter = '\f';

class PlainPeer {
  constructor({ name, socketRoot, appspace, onMessage }) {
    this.onMessage = onMessage;
    this.answers = [];
    this.ipc = new IPC();
    Object.assign(this.ipc.config, { id: name, socketRoot, appspace, stopRetrying: true, silent: true });
  }

  // Every message received is answered with the frames of the script: {type, data} goes through node-ipc, {text} is written as it is.
  // $ID in a text stands for the JSON of the request's id.
  serve(answers) {
    this.answers = answers;
    return new Promise((resolve, reject) => {
      this.ipc.serve(() => resolve());
      const { server } = this.ipc;
      server.on('error', reject);
      server.on('message', (data, socket) => {
        const id = JSON.stringify(JSON.parse(data).id);
        this.onMessage(data);
        this.answers.forEach((frame) => this.writeFrame(frame, id, socket, (type, value) => server.emit(socket, type, value)));
      });
      server.start();
    });
  }

  connect(peer) {
    return new Promise((resolve, reject) => {
      this.ipc.connectTo(peer);
      const client = this.ipc.of[peer];
      client.on('connect', () => resolve());
      client.on('disconnect', () => reject(`Could not connect to ${peer}`));
      client.on('message', (data) => this.onMessage(data));
    });
  }

  write(peer, frames) {
    const client = this.ipc.of[peer];
    frames.forEach((frame) => this.writeFrame(frame, 'null', client.socket, (type, data) => client.emit(type, data)));
  }

  writeFrame(frame, id, socket, emit) {
    if (frame.text !== undefined) {
      socket.write(frame.text.replaceAll('$ID', id) + Delimiter);
    } else {
      emit(frame.type, typeof frame.data === 'string' ? frame.data.replaceAll('$ID', id) : frame.data);
    }
  }
}

module.exports = { PlainPeer };
