'use strict';

// Answers every request as the example of the original does. Usage: node server.js DIRECTORY
const { makeIpc, endWithParent } = require('./form.js');

const ipc = makeIpc(process.argv[2], 'answers');
ipc.serve(() => {
  ipc.server.on('message', (text, socket) => {
    const message = JSON.parse(text);
    ipc.server.emit(socket, 'message', JSON.stringify({ success: true, id: message.id, response: message.data.content }));
  });
  process.stdout.write('ready\n');
});
ipc.server.start();
endWithParent();
