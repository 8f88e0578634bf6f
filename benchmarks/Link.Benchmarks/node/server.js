'use strict';

// Answers every request as the example of the original does, over node-ipc and over masterless. Usage: node server.js DIRECTORY
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const masterless = require('./masterless-form.js');
const { LinkServer, endWithParent } = require('./form.js');

const server = new LinkServer('answers', process.argv[2]);
server.on('message', (message) => message.reply({ response: message.data.content }));
Promise.all([server.start(), masterless.answer('answers')]).then(([, info]) => {
  writeFileSync(join(process.argv[2], 'masterless'), info);
  process.stdout.write('ready\n');
});
endWithParent();
