'use strict';

// A program that uses node-ipc alone: it knows nothing of ipc-link, writes any frame it is told to, and remembers what it gets.

const { Station } = require('./station.js');

const Delimiter = '\f';

class PlainPeer {
  constructor({ onMessage, onError, onEnd, config, ...place }) {
    this.onMessage = onMessage;
    this.onError = onError;
    this.onEnd = onEnd;
    this.station = new Station({ config: { stopRetrying: true, ...config }, ...place });
  }

  // Every message received is answered with the frames of the script: {type, data} goes through node-ipc, {text} is written as it is.
  // $ID in a text stands for the JSON of the request's id.
  serve(answers) {
    return this.station.serve({
      error: this.onError,
      message: (data, socket) => {
        const id = JSON.stringify(JSON.parse(data).id);
        this.onMessage(data);
        const { server } = this.station.ipc;
        answers.forEach((frame) => writeFrame(frame, id, (text) => socket.write(text), (type, value) => server.emit(socket, type, value)));
      },
    });
  }

  connect(peer) {
    return new Promise((resolve, reject) => {
      this.station.connect(peer, {
        connect: () => resolve(),
        disconnect: () => {
          this.onEnd(peer);
          reject(`Could not connect to ${peer}`);
        },
        error: this.onError,
        message: (data) => this.onMessage(data),
      });
    });
  }

  write(peer, frames) {
    frames.forEach((frame) => writeFrame(
      frame, 'null', (text) => this.station.write(peer, text), (type, data) => this.station.emit(peer, type, data)));
  }
}

function writeFrame(frame, id, write, emit) {
  if (frame.text !== undefined) {
    write(frame.text.replaceAll('$ID', id) + Delimiter);
  } else {
    emit(frame.type, typeof frame.data === 'string' ? frame.data.replaceAll('$ID', id) : frame.data);
  }
}

module.exports = { PlainPeer };
