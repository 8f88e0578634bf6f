// Answers as the C# program two does, with nothing but node-ipc. The argument is the directory of the sockets.
const ipc = require('node-ipc');

ipc.config.id = 'test-two';
ipc.config.socketRoot = process.argv[2];
ipc.config.silent = true;

console.log('Spawned test-two!');
ipc.serve(() => console.log('Successfully started!'));
ipc.server.on('message', (text, socket) => {
  const { id, sentBy, data } = JSON.parse(text);
  console.log(`Got ${JSON.stringify(data)} from ${sentBy}`);
  const reply = { response: `${data.content} world!` };
  console.log(`Replying ${JSON.stringify(reply)}`);
  ipc.server.emit(socket, 'message', JSON.stringify({ success: true, id, ...reply }));
});
ipc.server.start();

// Serves until its input ends.
process.stdin.resume().on('end', () => process.exit());
