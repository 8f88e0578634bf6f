'use strict';

// The form of the original: JSON text inside a JSON string inside a node-ipc frame, here in the shortest code that carries it.
const { IPC } = require('node-ipc');

/** A quiet node-ipc instance whose sockets lie in the given directory. */
exports.makeIpc = (directory, id) => {
  const ipc = new IPC();
  Object.assign(ipc.config, { id, appspace: 'node.', socketRoot: directory, silent: true, retry: 100, maxRetries: 50 });
  return ipc;
};

/** Ends this process when the one that started it has gone. */
exports.endWithParent = () => {
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
  process.stdin.resume();
};
