// What the C# program first does, with npm's flic. The argument is the port.
const flic = require('flic');

const port = Number(process.argv[2]);
flic.createBridge({ port }, (error) => {
  if (error) {
    throw error;
  }
  const node1 = flic.createNode({ id: 'node1', port, connect_callback: () => console.log('node1 online!') });
  node1.on('event', (param, callback) => {
    console.log(param);
    callback(null, 'ilovenodejs');
  });
});

// Serves until its input ends.
process.stdin.resume().on('end', () => process.exit());
