'use strict';

// Answers every request as the example of the original does. Usage: node server.js DIRECTORY
const { LinkServer, endWithParent } = require('./form.js');

const server = new LinkServer('answers', process.argv[2]);
server.on('message', (message) => message.reply({ response: message.data.content }));
server.start().then(() => process.stdout.write('ready\n'));
endWithParent();
